"""An engine in this process that says what a test wrote for it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator

import jsonschema

from llmos.contracts import ChatRequest, Chunk, EngineInfo, Json, Message, TokenLogprob, Usage
from llmos.engines.wire import context_full, estimate_tokens

Answer = str | Exception | Callable[[ChatRequest], str]


class ScriptedEngine:
    """Gives `answers` in order, or what one callable says to every request; `requests` is what was asked.

    A script that answers what its schema does not admit, or that runs out, fails with AssertionError:
    no real engine could have said that.
    """

    def __init__(
        self,
        answers: Iterable[Answer] | Callable[[ChatRequest], str],
        *,
        model: str = "scripted",
        context_tokens: int = 8192,
    ) -> None:
        self.requests: list[ChatRequest] = []
        self._answers: Iterator[Answer] = _forever(answers) if callable(answers) else iter(answers)
        self._info = EngineInfo(model, context_tokens, frozenset({"text", "image"}), grammars=True)

    async def info(self) -> EngineInfo:
        return self._info

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        self.requests.append(request)
        prompt_tokens = sum(estimate_tokens(message.text) for message in request.messages)
        if prompt_tokens > self._info.context_tokens:
            raise context_full(prompt_tokens, self._info.context_tokens)
        text = self._next_text(request)
        pieces = re.findall(r"\s*\S{1,6}|\s+", _stopped(text, request.stop))
        for piece in pieces[: request.max_tokens]:
            yield Chunk(piece, logprobs=_certain(piece, request.logprobs))
        completion_tokens = min(len(pieces), request.max_tokens)
        finish = "length" if completion_tokens < len(pieces) else "stop"
        yield Chunk(finish=finish, usage=Usage(prompt_tokens, completion_tokens))

    async def count_tokens(self, text: str) -> int:
        return estimate_tokens(text)

    async def healthy(self) -> bool:
        return True

    async def close(self) -> None:
        """Nothing to free."""

    def _next_text(self, request: ChatRequest) -> str:
        try:
            answer = next(self._answers)
        except StopIteration:
            raise AssertionError(f"The script has no answer for request {len(self.requests)}.") from None
        if isinstance(answer, Exception):
            raise answer
        text = answer if isinstance(answer, str) else answer(request)
        if request.schema is not None:
            _check_schema(text, request.schema, request.messages[-1])
        return text


def _forever(answer: Callable[[ChatRequest], str]) -> Iterator[Answer]:
    while True:
        yield answer


def _certain(piece: str, num_alternatives: int | None) -> tuple[TokenLogprob, ...]:
    """A script leaves nothing to chance."""
    if num_alternatives is None:
        return ()
    return (TokenLogprob(piece, 0.0, ((piece, 0.0),) if num_alternatives else ()),)


def _stopped(text: str, stop: tuple[str, ...]) -> str:
    return min((text.partition(word)[0] for word in stop), key=len, default=text)


def _check_schema(text: str, schema: Json, last: Message) -> None:
    whole = last.text + text if last.role == "assistant" else text
    try:
        jsonschema.validate(json.loads(whole), schema)
    except (ValueError, jsonschema.ValidationError) as error:
        raise AssertionError(f"The scripted answer {whole!r} is not what its schema admits: {error}") from error
