"""The engines that tests are written with cannot lie."""

import dataclasses

import pytest

from llmos.contracts import Attachment, ChatRequest, Message
from llmos.errors import EngineError, EngineUnavailable
from llmos.testing import RecordingEngine, ReplayEngine, ScriptedEngine
from llmos.testing.conformance import answer, ask, saying


async def test_answers_come_in_the_order_of_the_script_and_requests_are_kept():
    engine = ScriptedEngine(["one", lambda request: request.messages[-1].text.upper(), EngineUnavailable("dead")])
    assert (await answer(engine, ask("a")))[0] == "one"
    assert (await answer(engine, ask("b")))[0] == "B"
    with pytest.raises(EngineUnavailable, match="dead"):
        await answer(engine, ask("c"))
    assert [request.messages[-1].text for request in engine.requests] == ["a", "b", "c"]


@pytest.mark.parametrize("lie", ["not json", '{"say": ["other"]}', "{}"])
async def test_a_script_cannot_break_its_schema(lie):
    with pytest.raises(AssertionError, match="not what its schema admits"):
        await answer(ScriptedEngine([lie]), ask("a", schema=saying("word")))


async def test_a_continued_answer_is_checked_as_a_whole():
    messages = (Message("user", "a"), Message("assistant", '{"say": '))
    request = ChatRequest(messages, schema=saying("word"))
    assert (await answer(ScriptedEngine(['["word"]}']), request))[0] == '["word"]}'


async def test_a_script_that_ran_out_says_at_which_request():
    with pytest.raises(AssertionError, match="no answer for request 1"):
        await answer(ScriptedEngine([]), ask("a"))


async def test_a_recording_is_answered_without_the_engine(tmp_path):
    text = "first line\nsecond  line 😀\n"
    recorder = RecordingEngine(ScriptedEngine([text]), tmp_path)
    _, last = await answer(recorder, ask("a"))
    await recorder.count_tokens("hello")
    replay = ReplayEngine(tmp_path)
    assert await answer(replay, ask("a")) == (text, last)
    assert await replay.info() == await recorder.info()
    assert await replay.count_tokens("hello") == await recorder.count_tokens("hello")


async def test_what_was_never_recorded_says_how_to_record_it(tmp_path):
    await answer(RecordingEngine(ScriptedEngine(["x"]), tmp_path), ask("a"))
    with pytest.raises(EngineError, match=r"does not record the answer to 'b'; run .* RecordingEngine"):
        await answer(ReplayEngine(tmp_path), ask("b"))
    with pytest.raises(EngineError, match="does not record the tokens of 'b'"):
        await ReplayEngine(tmp_path).count_tokens("b")


async def test_an_answer_given_up_is_not_recorded(tmp_path):
    stream = RecordingEngine(ScriptedEngine(["one two three"]), tmp_path).stream(ask("a"))
    await anext(stream)
    await stream.aclose()
    with pytest.raises(EngineError, match="does not record"):
        await answer(ReplayEngine(tmp_path), ask("a"))


SCHEMA = {"properties": {"a": {}, "b": {}}}
IMAGE = Attachment(b"pixels", "image/png", "a.png")
BASE = ChatRequest((Message("user", "a", (IMAGE,)),), schema=SCHEMA)


@pytest.mark.parametrize(
    "other",
    [
        {"messages": (Message("user", "a", (dataclasses.replace(IMAGE, data=b"other"),)),)},
        {"messages": (Message("user", "a"),)},
        {"max_tokens": 5},
        {"temperature": 0.5},
        {"seed": 1},
        {"stop": ("x",)},
        {"schema": {"properties": {"b": {}, "a": {}}}},
        {"schema": None, "grammar": "root ::= [a-z]*"},
    ],
)
async def test_anything_the_answer_depends_on_makes_another_recording(tmp_path, other):
    await answer(RecordingEngine(ScriptedEngine(["{}"]), tmp_path), BASE)
    with pytest.raises(EngineError, match="does not record"):
        await answer(ReplayEngine(tmp_path), dataclasses.replace(BASE, **other))


async def test_the_name_of_an_image_makes_no_other_recording(tmp_path):
    await answer(RecordingEngine(ScriptedEngine(["{}"]), tmp_path), BASE)
    renamed = (Message("user", "a", (dataclasses.replace(IMAGE, name="b.png"),)),)
    assert (await answer(ReplayEngine(tmp_path), dataclasses.replace(BASE, messages=renamed)))[0] == "{}"
