"""The embedding model of the catalog, for real, and a server's embeddings over the wire."""

import pytest

from llmos.engines.embedder import RemoteEmbedder, choose_embedder
from llmos.engines.minilm import MiniLm
from llmos.errors import EngineError, ModelError
from llmos.models import find, installed
from tests.engines.test_client import reply, server

# what transformers 5.23 computes for the same weights
REFERENCE = [0.033242, 0.004406, -0.006277, 0.048379, -0.138702, -0.033617, 0.101128, -0.054385]


@pytest.fixture(scope="module")
def minilm():
    folder = installed(find("all-minilm-l6-v2"))
    assert folder is not None, "fetch it with: llmos pull all-minilm-l6-v2"
    return folder


def likeness(first, second):
    return sum(a * b for a, b in zip(first, second, strict=True))


@pytest.mark.model
async def test_vectors_are_those_of_the_reference(minilm):
    [vector] = await MiniLm(minilm).embed(["A man is eating food."])
    assert len(vector) == 384
    assert vector[:8] == pytest.approx(REFERENCE, abs=1e-5)


@pytest.mark.model
async def test_a_text_does_not_depend_on_the_texts_beside_it(minilm):
    embedder = MiniLm(minilm)
    alone = await embedder.embed(["plums"])
    beside = await embedder.embed(["a much longer text about nothing in particular " * 20, "plums", ""])
    assert beside[1] == pytest.approx(alone[0], abs=1e-5)


@pytest.mark.model
async def test_what_means_the_same_is_nearer_than_what_does_not(minilm):
    embedder = MiniLm(minilm)
    meal, food, stock = await embedder.embed(["Someone has a meal", "A man is eating food.", "Stocks fell on Monday"])
    assert likeness(meal, food) > 0.6 > 0.3 > likeness(meal, stock)


async def test_a_broken_model_is_a_sentence(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be read"):
        await MiniLm(tmp_path).embed(["x"])


def test_without_a_model_and_without_a_server_there_is_none(monkeypatch, tmp_path):
    assert choose_embedder(None) is None
    assert isinstance(choose_embedder(tmp_path), MiniLm)
    monkeypatch.setenv("LLMOS_EMBEDDER_URL", "http://127.0.0.1:9")
    assert isinstance(choose_embedder(None), RemoteEmbedder)


async def test_a_servers_vectors_are_made_as_long_as_all_others():
    answer = {"data": [{"embedding": [3.0, 4.0]}, {"embedding": [0.0, 0.0]}]}
    async with server(reply(200, answer)) as (url, heard):
        assert await RemoteEmbedder(url, "m", "k").embed(["a", "b"]) == [[0.6, 0.8], [0.0, 0.0]]
    assert "bearer k" in heard[0]


async def test_a_server_that_answers_something_else_is_a_sentence():
    async with server(reply(200, {"nothing": 1})) as (url, _):
        with pytest.raises(EngineError, match="did not answer with embeddings"):
            await RemoteEmbedder(url, "m", "k").embed(["a"])
