"""What every engine owes llmos, as tests: subclass `EngineConformance` and give an `engine` fixture.

Needs pytest and pytest-asyncio in auto mode. A small model suffices: only what the protocol promises is asked.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing

import jsonschema
import pytest

from llmos.contracts import ChatRequest, Chunk, Engine, Json, Message
from llmos.errors import ContextFull, EngineError

FREED_SECONDS = 10.0  # and the time of 20 short answers: far less than 400 words of a stream that goes on though closed
DAYS = ("The days of the week, in order, are Monday, Tuesday, Wednesday,", "Thursday")


def saying(*words: str, times: int = 1) -> Json:
    """The schema of an object that can only say `words`, `times` times."""
    said = {"type": "array", "items": {"enum": list(words)}, "minItems": times, "maxItems": times}
    return {
        "type": "object",
        "properties": {"say": said},
        "required": ["say"],
        "additionalProperties": False,
    }


def ask(text: str, **options: Json) -> ChatRequest:
    return ChatRequest((Message("user", text),), **{"max_tokens": 64, **options})


async def answer(engine: Engine, request: ChatRequest) -> tuple[str, Chunk]:
    """The whole text and the last chunk."""
    async with aclosing(engine.stream(request)) as stream:
        chunks = [chunk async for chunk in stream]
    return "".join(chunk.text for chunk in chunks), chunks[-1]


class EngineConformance:
    slots = 2
    caches_prompts = True

    async def test_info_names_the_model_and_its_window(self, engine: Engine) -> None:
        info = await engine.info()
        assert info.model
        assert info.context_tokens > 0
        assert "text" in info.modalities

    async def test_it_is_healthy_once_it_has_answered(self, engine: Engine) -> None:
        await answer(engine, ask("Say hello.", max_tokens=4))
        assert await engine.healthy()

    async def test_only_the_last_chunk_has_finish_and_usage(self, engine: Engine) -> None:
        async with aclosing(engine.stream(ask("Tell a story.", max_tokens=12))) as stream:
            *pieces, last = [chunk async for chunk in stream]
        assert len(pieces) > 1
        assert all(piece.text and piece.finish is None and piece.usage is None for piece in pieces)
        assert last.finish and last.usage

    async def test_an_answer_obeys_its_schema(self, engine: Engine) -> None:
        schema = {
            "type": "object",
            "properties": {"status": {"enum": [200, 404]}, "name": {"type": "string", "maxLength": 8}},
            "required": ["status", "name"],
            "additionalProperties": False,
        }
        text, _ = await answer(engine, ask("Write a poem about the sea.", schema=schema))
        jsonschema.validate(json.loads(text), schema)

    async def test_an_answer_obeys_its_grammar_where_grammars_are_claimed(self, engine: Engine) -> None:
        request = ask("Write a poem about the sea.", grammar='root ::= "yes" | "no"')
        if (await engine.info()).grammars:
            text, _ = await answer(engine, request)
            assert text in ("yes", "no")
        else:
            with pytest.raises(EngineError, match="grammar"):
                await answer(engine, request)

    async def test_a_stop_word_ends_the_answer_and_is_not_part_of_it(self, engine: Engine) -> None:
        text, last = await answer(engine, ask("Count.", schema=saying("one two three"), stop=("two",)))
        assert "one" in text
        assert "two" not in text
        assert last.finish == "stop"

    async def test_max_tokens_ends_the_answer_with_length(self, engine: Engine) -> None:
        _, last = await answer(engine, ask("Count.", schema=saying("one", "two", times=40), max_tokens=9))
        assert last.finish == "length"
        assert last.usage and last.usage.completion_tokens <= 9

    async def test_usage_counts_prompt_and_answer(self, engine: Engine) -> None:
        _, short = await answer(engine, ask("Count.", max_tokens=4))
        _, long = await answer(engine, ask("Count. " * 50, max_tokens=4))
        assert short.usage and long.usage
        assert long.usage.prompt_tokens > short.usage.prompt_tokens + 50
        assert 0 < short.usage.completion_tokens <= 4

    async def test_a_prompt_seen_before_is_cached_where_that_is_claimed(self, engine: Engine) -> None:
        request = ask("The quick brown fox jumps over the lazy dog. " * 20, max_tokens=2)
        await answer(engine, request)
        _, last = await answer(engine, request)
        assert last.usage
        assert (last.usage.cached_tokens > last.usage.prompt_tokens / 2) == self.caches_prompts

    async def test_closing_a_stream_frees_its_slot(self, engine: Engine) -> None:
        endless, short = ask("Sing.", schema=saying("la", times=400), max_tokens=3000), ask("Hi.", schema=saying("hi"))
        began = time.monotonic()
        await answer(engine, short)
        patience = FREED_SECONDS + 20 * (time.monotonic() - began)
        streams = [engine.stream(endless) for _ in range(self.slots)]
        for stream in streams:
            assert (await anext(stream)).text
        for stream in streams:
            await stream.aclose()
        text, _ = await asyncio.wait_for(answer(engine, short), patience)
        assert json.loads(text) == {"say": ["hi"]}

    async def test_concurrent_requests_get_their_own_answers(self, engine: Engine) -> None:
        requests = [ask("Speak.", schema=saying(word, times=5)) for word in ("red", "green", "blue")]
        answers = await asyncio.gather(*(answer(engine, request) for request in requests))
        said = [set(json.loads(text)["say"]) for text, _ in answers]
        assert said == [{"red"}, {"green"}, {"blue"}]

    async def test_a_prompt_beyond_the_window_is_context_full(self, engine: Engine) -> None:
        window = (await engine.info()).context_tokens
        with pytest.raises(ContextFull, match=rf"\d+ tokens .*{window}"):
            await answer(engine, ask("word " * window * 2))

    async def test_characters_of_every_plane_survive(self, engine: Engine) -> None:
        words = "naïve 漢字 😀 🏳️‍🌈 \u2028"
        text, _ = await answer(engine, ask(f"Say {words}", schema=saying(words)))
        assert json.loads(text) == {"say": [words]}

    async def test_a_trailing_assistant_message_is_continued(self, engine: Engine) -> None:
        begun, goes_on = DAYS
        messages = (Message("user", "Which are the days of the week?"), Message("assistant", begun))
        text, _ = await answer(engine, ChatRequest(messages, max_tokens=8))
        assert goes_on in text
        assert "Monday" not in text

    async def test_logprobs_tell_every_token_and_what_else_was_likely(self, engine: Engine) -> None:
        request = ask("Tell a story.", max_tokens=12, logprobs=2)
        async with aclosing(engine.stream(request)) as stream:
            chunks = [chunk async for chunk in stream]
        tokens = [token for chunk in chunks for token in chunk.logprobs]
        assert tokens
        assert "".join(token.token for token in tokens) == "".join(chunk.text for chunk in chunks)
        for token in tokens:
            assert token.logprob <= 0
            assert 1 <= len(token.alternatives) <= 2
            assert token.alternatives[0] == (token.token, token.logprob)  # decoding is greedy
            assert all(logprob <= token.logprob for _, logprob in token.alternatives)

    async def test_logprobs_without_alternatives_and_none_at_all_can_be_had(self, engine: Engine) -> None:
        for wanted, told in ((0, True), (None, False)):
            async with aclosing(engine.stream(ask("Tell a story.", max_tokens=4, logprobs=wanted))) as stream:
                tokens = [token async for chunk in stream for token in chunk.logprobs]
            assert bool(tokens) == told
            assert not any(token.alternatives for token in tokens)

    async def test_longer_texts_count_more_tokens(self, engine: Engine) -> None:
        short, long = await engine.count_tokens("hello world"), await engine.count_tokens("hello world " * 20)
        assert 1 <= short < long
