"""What a remote engine is asked about itself, and which engine is chosen."""

from contextlib import aclosing
from pathlib import Path

import pytest

from llmos.contracts import ChatRequest, Message
from llmos.engines.choose import choose_engine, gpu_bytes
from llmos.engines.llamacpp import LlamaCpp
from llmos.engines.remote import Remote
from llmos.engines.transformers.engine import Transformers
from llmos.errors import EngineError, UsageError
from tests.engines.test_client import reply, server

NO_PROPS = reply(404, {"detail": "Not Found"})


def listing(*cards):
    return reply(200, {"object": "list", "data": list(cards)})


async def test_the_window_is_what_vllm_lists():
    async with server(listing({"id": "qwen", "max_model_len": 4096}), NO_PROPS) as (url, _):
        info = await Remote(url).info()
    assert (info.model, info.context_tokens, info.grammars) == ("qwen", 4096, False)


async def test_the_window_can_be_given_for_a_server_that_does_not_tell():
    async with server(listing({"id": "gpt"}), NO_PROPS) as (url, _):
        info = await Remote(url, context_tokens=128_000, modalities=frozenset({"text", "image"})).info()
    assert info.context_tokens == 128_000
    assert "image" in info.modalities


async def test_a_page_at_props_that_is_not_llamacpps_is_passed_over():
    async with server(listing({"id": "m"}), reply(200, b"<html>", "text/html")) as (url, _):
        assert not (await Remote(url).info()).grammars


async def test_an_unknown_model_names_the_known_ones():
    async with server(listing({"id": "a"}, {"id": "b"})) as (url, _):
        with pytest.raises(EngineError, match="no model 'c'; set LLMOS_ENGINE_MODEL to one of a, b"):
            await Remote(url, "c").info()


async def test_a_server_that_lists_no_models_is_refused_in_words():
    async with server(reply(200, {"hello": "world"})) as (url, _):
        with pytest.raises(EngineError, match="lists no models"):
            await Remote(url).info()


async def test_a_grammar_is_not_sent_where_it_would_be_ignored():
    async with server(listing({"id": "m"}), NO_PROPS) as (url, heard):
        request = ChatRequest((Message("user", "hi"),), grammar='root ::= "a"')
        with pytest.raises(EngineError, match="takes no GBNF grammar"):
            async with aclosing(Remote(url).stream(request)) as stream:
                await anext(stream)
    assert len(heard) == 2


async def test_tokens_are_over_estimated_where_the_server_cannot_count():
    async with server(listing({"id": "m"}), NO_PROPS) as (url, _):
        assert await Remote(url).count_tokens("hello wörld 12") >= 6


def test_a_url_in_the_environment_chooses_the_remote(monkeypatch):
    monkeypatch.setenv("LLMOS_ENGINE_URL", "http://127.0.0.1:1")
    assert isinstance(choose_engine(Path("model.gguf")), Remote)


def test_without_a_url_the_model_file_is_chosen(monkeypatch):
    monkeypatch.delenv("LLMOS_ENGINE_URL", raising=False)
    assert isinstance(choose_engine(Path("model.gguf")), LlamaCpp)


@pytest.mark.parametrize("value", ["many", "0", "-1"])
def test_a_window_that_is_no_number_is_refused(monkeypatch, value):
    monkeypatch.setenv("LLMOS_ENGINE_CONTEXT", value)
    with pytest.raises(UsageError, match="LLMOS_ENGINE_CONTEXT"):
        choose_engine(Path("model.gguf"))


def test_an_unknown_modality_is_refused(monkeypatch):
    monkeypatch.setenv("LLMOS_ENGINE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("LLMOS_ENGINE_MODALITIES", "text, smell")
    with pytest.raises(UsageError, match="'smell'"):
        choose_engine(Path("model.gguf"))


@pytest.fixture
def no_server(monkeypatch):
    for variable in ("LLMOS_ENGINE_URL", "LLMOS_ENGINE", "LLMOS_DEVICE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.usefixtures("no_server")
class TestOnThisMachine:
    def test_what_is_no_gguf_runs_on_transformers(self):
        assert isinstance(choose_engine(Path("owner/model")), Transformers)

    def test_the_engine_can_be_named(self, monkeypatch):
        monkeypatch.setenv("LLMOS_ENGINE", "transformers")
        assert isinstance(choose_engine(Path("model.gguf")), Transformers)
        monkeypatch.setenv("LLMOS_ENGINE", "llamacpp")
        with pytest.raises(UsageError, match="LLMOS_ENGINE=transformers"):
            choose_engine(Path("owner/model"))

    def test_an_engine_nobody_knows_is_refused(self, monkeypatch):
        monkeypatch.setenv("LLMOS_ENGINE", "steam")
        with pytest.raises(UsageError, match="'steam'; use auto, llamacpp or transformers"):
            choose_engine(Path("model.gguf"))

    def test_a_gpu_counts_with_the_memory_its_driver_tells(self, monkeypatch, tmp_path):
        told = tmp_path / "nvidia-smi"
        told.write_text("#!/bin/sh\necho 8192\necho 24576\n")
        told.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
        assert gpu_bytes() == 24576 << 20
        monkeypatch.setenv("LLMOS_DEVICE", "cpu")
        assert gpu_bytes() == 0
