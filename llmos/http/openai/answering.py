"""Asks an engine or an app a Question: `pieces` are the answer's text as it comes, `Outcome` what it came to."""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from llmos.contracts import Json, Message, TokenLogprob, ToolInfo, Usage
from llmos.errors import AnswerError, AppError
from llmos.http.openai.fit import fitted
from llmos.http.openai.lower import Question
from llmos.http.openai.pictures import in_words
from llmos.http.openai.refusal import Refusal
from llmos.kernel.app import app_folders, load_app
from llmos.kernel.kernel import Kernel
from llmos.kernel.scheduler import Priority
from llmos.kernel.syscalls import Call, parse_step

OWN = "llmos"  # another name for the system's own engine, whatever model it runs


@dataclass(frozen=True)
class FunctionCalled:
    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Outcome:
    """A whole answer: text, or a call. `finish` is stop, length or tool_calls."""

    text: str
    finish: str
    usage: Usage
    call: FunctionCalled | None = None
    logprobs: tuple[TokenLogprob, ...] = ()


async def models(kernel: Kernel) -> list[str]:
    """The engine's model and every app that answers with text."""
    own = (await kernel.engine.info()).model
    return [own, OWN, *_chat_apps(kernel)]


async def answer(kernel: Kernel, pid: int, question: Question) -> AsyncGenerator[str | Outcome, None]:
    """Pieces of text, then the Outcome. Closing the generator stops the work. `pid` is the API's own process.

    Raises Refusal (no such model, a picture that is none), EngineError, AnswerError.
    """
    info = await kernel.engine.info()
    if question.model in (OWN, info.model):
        source = _ask_engine(kernel, pid, question)
    elif question.model in _chat_apps(kernel):
        source = _ask_app(kernel, question)
    else:
        known = ", ".join([info.model, *_chat_apps(kernel)])
        raise Refusal(f"There is no model {question.model!r}; there are: {known}.", "model", 404, "model_not_found")
    async with aclosing(source) as pieces:
        async for piece in pieces:
            yield piece


async def _ask_engine(kernel: Kernel, pid: int, question: Question) -> AsyncGenerator[str | Outcome, None]:
    info = await kernel.engine.info()
    if "image" not in info.modalities:
        question = replace(question, messages=await in_words(kernel, pid, question.messages))
    request = question.request(info.grammars)
    if question.truncate:
        request = await fitted(kernel.engines.own.engine, info, request)
    pieces: asyncio.Queue[str | None] = asyncio.Queue()
    asking = asyncio.create_task(
        kernel.ask(pid, request, Priority.REQUEST, purpose="api", on_text=pieces.put_nowait), name="api call"
    )
    asking.add_done_callback(lambda _: pieces.put_nowait(None))
    shown = False
    try:
        async for text in _shown(pieces, question.tools):
            shown = True
            yield text
        told = await asking
    finally:
        asking.cancel()
    outcome = _outcome(told.text, told.finish, told.usage, told.logprobs, question)
    if outcome.text and not shown:  # it looked like a call and was none
        yield outcome.text
    yield outcome


async def _shown(pieces: "asyncio.Queue[str | None]", tools: tuple[ToolInfo, ...]) -> AsyncIterator[str]:
    """Text as it comes; a call, which begins with a brace, is not text."""
    whole = ""
    while (piece := await pieces.get()) is not None:
        whole += piece
        if not (tools and whole.lstrip().startswith("{")):
            yield piece


def _outcome(text: str, finish: str, usage: Usage, logprobs: tuple[TokenLogprob, ...], question: Question) -> Outcome:
    finish = "length" if finish in ("length", "loop") else "stop"
    if question.tools and finish == "stop":
        step = parse_step(text, question.tools)
        if isinstance(step, Call):
            called = FunctionCalled(f"call_{secrets.token_hex(12)}", step.tool, json.dumps(step.arguments))
            return Outcome("", "tool_calls", usage, called)
        if question.must_call:
            raise AnswerError("The model did not call a tool; ask again, or use an engine that takes grammars.")
    if question.tools and text.lstrip().startswith('{"call"'):  # cut off in the middle of a call
        text = ""
    return Outcome(text, finish, usage, logprobs=logprobs)


async def _ask_app(kernel: Kernel, question: Question) -> AsyncGenerator[str | Outcome, None]:
    """A process of the app, whose journal is kept; a client that goes away ends it."""
    if question.tools or "schema" in question.options:
        raise Refusal("An app has its own tools and answers with text; ask the engine's model instead.", "tools")
    *history, last = [message for message in question.messages if message.role != "system" or message.text]
    if last.role != "user":
        raise Refusal("The last message must be the user's.", "messages")
    told = [Message("user", m.text, m.images, "user") if m.role == "system" else m for m in history]
    process = kernel.spawn(question.model, last.text, last.images, priority=Priority.REQUEST, history=told)
    try:
        async for piece in _followed(kernel, process.pid):
            yield piece
    finally:
        if not kernel.process(process.pid).state.final and kernel.process(process.pid).waiting_on != "person":
            kernel.kill(process.pid)


async def _followed(kernel: Kernel, pid: int) -> AsyncIterator[str | Outcome]:
    shown, step = "", ""
    async for event in kernel.journal.follow(pid):
        if event.kind == "engine.request":
            step = ""
        elif event.kind == "engine.delta" and event.data["purpose"] == "step":
            step += event.data["text"]
            if not step.startswith("{"):
                shown += event.data["text"]
                yield event.data["text"]
        elif event.kind == "question.asked":
            asks = f"{event.data['text']} Answer with: llmos approve {event.seq} ({', '.join(event.data['choices'])})"
            yield asks
            yield Outcome(asks, "stop", _usage(kernel, pid))
            return
        elif event.kind == "process.done":
            text = str(event.data["result"]["text"])
            if not shown:
                yield text
            yield Outcome(text, "length" if event.data["result"].get("cut") else "stop", _usage(kernel, pid))
            return
        elif event.kind in ("process.failed", "process.killed"):
            raise AnswerError(event.data.get("error", f"Process {pid} was killed."))


def _usage(kernel: Kernel, pid: int) -> Usage:
    answers = [event.data for event in kernel.journal.events(pid) if event.kind == "engine.answer"]
    counts = [sum(answer.get(of, 0) for answer in answers) for of in ("prompt_tokens", "tokens", "cached_tokens")]
    return Usage(*counts)


def _chat_apps(kernel: Kernel) -> list[str]:
    names = []
    for folder in app_folders(kernel.home):
        try:
            app = load_app(folder)
        except AppError:  # one broken app does not take the others away
            continue
        names += [app.name] if app.kind == "chat" else []
    return names


def logprobs_body(logprobs: tuple[TokenLogprob, ...]) -> Json:
    """As OpenAI spells them."""
    return {
        "content": [
            {
                **_token(token.token, token.logprob),
                "top_logprobs": [_token(text, logprob) for text, logprob in token.alternatives],
            }
            for token in logprobs
        ],
        "refusal": None,
    }


def _token(text: str, logprob: float) -> dict[str, Json]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode("utf-8", "replace"))}


def usage_body(usage: Usage) -> Json:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }
