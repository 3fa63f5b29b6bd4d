"""The transformers engine: what is owed by every engine, and that pictures are seen and never mistaken."""

import asyncio
import io
import json
from contextlib import aclosing

import pytest
import torch
from PIL import Image

from llmos.contracts import Attachment, ChatRequest, Message
from llmos.engines.transformers.checkpoint import check_layers, dtype_of, load
from llmos.engines.transformers.engine import Transformers
from llmos.engines.transformers.network import Network
from llmos.engines.transformers.prompt import Turn, assemble
from llmos.engines.transformers.settings import TransformersSettings
from llmos.errors import ContextFull, EngineError, EngineUnavailable
from llmos.testing.conformance import EngineConformance, answer, ask, saying
from tests.engines import tiny_checkpoints
from tests.engines.device import DEVICE

session_loop = pytest.mark.asyncio(loop_scope="session")
FAMILIES = {"idefics3": tiny_checkpoints.idefics3, "qwen2_vl": tiny_checkpoints.qwen2_vl}


@pytest.mark.model
@session_loop
class TestTransformers(EngineConformance):
    @pytest.fixture
    def engine(self, transformers_engine):
        return transformers_engine


@pytest.fixture(scope="module", params=FAMILIES)
def folder(request, tmp_path_factory):
    return FAMILIES[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def checkpoint(folder):
    return load(settings(folder))


@pytest.fixture
async def seeing(folder, tmp_path):
    log = tmp_path / "engine.log"
    engine = Transformers(folder, context_tokens=1024, slots=2, device=DEVICE, dtype="float32", log=log)
    yield engine
    await engine.close()


def settings(folder):
    return TransformersSettings(str(folder), "", 1024, 2, 2, "", DEVICE, "float32")


def picture(colour, size=(48, 32)):
    return Image.new("RGB", size, colour)


def attached(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return Attachment(file.getvalue(), "image/png")


def shown(colour, question="What is it?", **options):
    message = Message("user", question, (attached(picture(colour)),))
    return ChatRequest((message,), **{"max_tokens": 12, **options})


def prompt_of(checkpoint, *colours):
    images = tuple((colour, picture(colour)) for colour in colours)
    return assemble([Turn("user", "What is it?", images)], checkpoint)


def scores_of(checkpoint, prompt):
    return Network(checkpoint, 1).read(0, prompt, 0, len(prompt.tokens), 0)[0]


def test_the_pixels_reach_the_scores(checkpoint):
    red, blue = prompt_of(checkpoint, "red"), prompt_of(checkpoint, "blue")
    assert red.tokens == blue.tokens
    assert not torch.allclose(scores_of(checkpoint, red), scores_of(checkpoint, blue), atol=1e-3)
    assert torch.equal(scores_of(checkpoint, red), scores_of(checkpoint, prompt_of(checkpoint, "red")))


def test_every_picture_of_a_message_counts_in_its_order(checkpoint):
    orders = [("red", "blue"), ("blue", "red"), ("red", "red")]
    scores = [scores_of(checkpoint, prompt_of(checkpoint, *order)) for order in orders]
    assert not torch.allclose(scores[0], scores[1], atol=1e-3)
    assert not torch.allclose(scores[0], scores[2], atol=1e-3)


def test_a_run_in_pieces_gives_the_scores_of_a_run_at_once(checkpoint):
    """The places behind a picture, which M-RoPE counts in its own way, are the same however far the cache reaches."""
    prompt = prompt_of(checkpoint, "green")
    whole = scores_of(checkpoint, prompt)
    network = Network(checkpoint, 2)
    behind = prompt.after_images()
    _, shift = network.read(1, prompt, 0, behind, 0)
    scores, _ = network.read(1, prompt, behind, len(prompt.tokens), shift)
    assert torch.allclose(scores, whole, atol=1e-3)


def test_the_scores_are_those_of_transformers_own_forward_pass(checkpoint):
    prompt = prompt_of(checkpoint, "green")
    with torch.inference_mode():
        inputs = {"input_ids": torch.tensor([prompt.tokens]), **prompt.extras}
        on_device = {name: value.to(checkpoint.device) for name, value in inputs.items()}
        own = checkpoint.model(**on_device).logits[0, -1]
    assert torch.allclose(scores_of(checkpoint, prompt), own, atol=1e-3)


def test_an_answer_in_company_is_the_answer_alone(checkpoint):
    prompts = [prompt_of(checkpoint, "red"), assemble([Turn("user", "Hello, you.")], checkpoint)]
    network = Network(checkpoint, 2)
    read = [network.read(slot, prompt, 0, len(prompt.tokens), 0) for slot, prompt in enumerate(prompts)]
    tokens, places = [5, 9], [len(prompt.tokens) for prompt in prompts]
    together = network.step([0, 1], tokens, places, [shift for _, shift in read])
    for slot, prompt in enumerate(prompts):
        alone = network.step([slot], [tokens[slot]], [len(prompt.tokens)], [read[slot][1]])
        assert torch.allclose(together[slot], alone[0], atol=1e-3)


async def test_requests_that_differ_only_in_the_picture_share_no_cache(seeing):
    assert "image" in (await seeing.info()).modalities
    red, first = await answer(seeing, shown("red"))
    blue, other = await answer(seeing, shown("blue"))
    again, same = await answer(seeing, shown("red"))
    text_before = first.usage.prompt_tokens / 2
    assert red != blue
    assert again == red
    assert other.usage.cached_tokens < text_before < same.usage.cached_tokens


async def test_a_longer_conversation_about_a_picture_goes_on_from_the_cache_unchanged(seeing):
    told, _ = await answer(seeing, shown("red"))
    message = Message("user", "What is it?", (attached(picture("red")),))
    longer = ChatRequest((message, Message("assistant", told), Message("user", "And now?")), max_tokens=12)
    cached, last = await answer(seeing, longer)
    assert last.usage.cached_tokens > last.usage.prompt_tokens / 3
    for _ in range(2):  # both slots forget
        await answer(seeing, ask("Something else entirely, and long enough to overwrite. " * 4, max_tokens=2))
    assert (await answer(seeing, longer))[0] == cached


async def test_a_beginning_that_another_slot_holds_is_copied_not_computed(seeing):
    page = "The house has a red door and a blue roof. " * 4
    door, roof = (ask(page + f"Which {part}? " * 30, max_tokens=12) for part in ("door", "roof"))
    first, _ = await answer(seeing, door)
    _, copied = await answer(seeing, roof)
    again, kept = await answer(seeing, door)
    assert again == first
    assert len(page) < copied.usage.cached_tokens < copied.usage.prompt_tokens / 2
    assert kept.usage.cached_tokens == kept.usage.prompt_tokens - 1


async def test_pictures_side_by_side_get_the_answers_they_get_alone(seeing):
    colours = ("red", "green", "blue", "yellow")
    alone = [(await answer(seeing, shown(colour)))[0] for colour in colours]
    together = await asyncio.gather(*(answer(seeing, shown(colour)) for colour in colours))
    assert [text for text, _ in together] == alone
    assert len(set(alone)) > 1


async def test_an_answer_about_a_picture_obeys_its_schema(seeing):
    text, _ = await answer(seeing, shown("red", schema=saying("red", "blue", times=2), max_tokens=200))
    assert set(json.loads(text)["say"]) <= {"red", "blue"}


async def test_a_file_that_is_no_picture_is_refused_in_words(seeing):
    request = ChatRequest((Message("user", "See?", (Attachment(b"no picture", "image/png"),)),))
    with pytest.raises(EngineError, match="picture cannot be read"):
        await answer(seeing, request)
    assert (await answer(seeing, ask("Hi.", max_tokens=2)))[1].finish


@pytest.mark.model
@session_loop
class TestTextOnly:
    async def test_a_picture_is_refused_by_a_model_that_cannot_see(self, transformers_engine):
        assert (await transformers_engine.info()).modalities == {"text"}
        with pytest.raises(EngineError, match="cannot see"):
            await answer(transformers_engine, shown("red"))

    async def test_a_schema_it_cannot_hold_is_refused_in_words(self, transformers_engine):
        with pytest.raises(EngineError, match="refused"):
            await answer(transformers_engine, ask("Hi.", schema={"type": "nothing"}))

    async def test_a_grammar_that_is_none_is_refused_in_words(self, transformers_engine):
        with pytest.raises(EngineError, match="GBNF"):
            await answer(transformers_engine, ask("Hi.", grammar="root ::= ("))

    async def test_a_schema_holds_for_begun_and_new_text_together(self, transformers_engine):
        messages = (Message("user", "Count."), Message("assistant", '{"say": ["one", "t'))
        schema = saying("one", "two", times=2)
        text, _ = await answer(transformers_engine, ChatRequest(messages, max_tokens=64, schema=schema))
        assert json.loads('{"say": ["one", "t' + text)["say"] == ["one", "two"]

    async def test_more_requests_than_slots_are_all_answered(self, transformers_engine):
        requests = [ask("Speak.", schema=saying(str(number), times=3)) for number in range(10)]
        answers = await asyncio.gather(*(answer(transformers_engine, request) for request in requests))
        assert [set(json.loads(text)["say"]) for text, _ in answers] == [{str(number)} for number in range(10)]

    async def test_the_same_seed_draws_the_same_answer(self, transformers_engine):
        drawn = ask("Tell me a story.", temperature=1.0, top_p=0.9, seed=7)
        assert (await answer(transformers_engine, drawn))[0] == (await answer(transformers_engine, drawn))[0]

    async def test_a_preempted_answer_goes_on_as_if_it_had_not_been(self, transformers_engine):
        request = ask("Name three colours.", max_tokens=24)
        async with aclosing(transformers_engine.stream(request)) as stream:
            pieces = [chunk.text async for chunk in stream]
        begun = Message("assistant", "".join(pieces[:9]))
        rest, _ = await answer(transformers_engine, ChatRequest((*request.messages, begun), max_tokens=15))
        assert begun.text + rest == "".join(pieces)


@pytest.mark.model
async def test_a_gguf_is_unpacked_once(small_model, tmp_path, monkeypatch):
    monkeypatch.setenv("LLMOS_MODELS", str(tmp_path))
    for _ in range(2):
        log = tmp_path / "engine.log"
        engine = Transformers(small_model, context_tokens=256, device=DEVICE, log=log)
        assert (await answer(engine, ask("Hi.", max_tokens=2)))[1].finish
        await engine.close()
    assert "unpacking" not in log.read_text()
    assert len([path for path in (tmp_path / "unpacked").iterdir() if path.is_dir()]) == 1


async def test_a_folder_without_a_model_is_told_in_one_sentence(tmp_path):
    engine = Transformers(tmp_path, log=tmp_path / "engine.log")
    with pytest.raises(EngineUnavailable, match="cannot load"):
        await engine.info()
    await engine.close()


async def test_a_prompt_beyond_the_window_of_a_model_that_sees_is_context_full(seeing):
    with pytest.raises(ContextFull):
        await answer(seeing, shown("red", "word " * 400))


def test_a_dtype_that_is_none_is_refused():
    with pytest.raises(ValueError, match="float16"):
        dtype_of("int4", "cpu")


def test_layers_that_keep_another_kind_of_state_are_refused():
    class Config:
        layer_types = ("full_attention", "linear_attention")

    with pytest.raises(ValueError, match="linear_attention"):
        check_layers(Config)
