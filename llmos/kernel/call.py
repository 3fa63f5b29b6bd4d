"""One call of the engine: admitted, streamed, preempted and continued, asked again when the engine dies under it."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TypeVar

from llmos.contracts import ChatRequest, Chunk, Engine, Json, Message, TokenLogprob, Usage
from llmos.errors import EngineUnavailable
from llmos.kernel.loops import find_loop
from llmos.kernel.scheduler import Lease, Priority, Scheduler

RETRY_SECONDS = (0.0, 0.25, 0.5, 1.0, 2.0)  # an engine that died is given this long to come back
MAX_PREEMPTIONS = 3  # then a call that begins again each time is left alone until it ends
LOOP_CHECK_CHARS = 400

T = TypeVar("T")

LAST_WORD = re.compile(r"\s*\S*\Z")


@dataclass(frozen=True)
class EngineAnswer:
    """`finish` is "stop", "length", or "loop" for a text that only repeated itself. Times are seconds."""

    text: str
    finish: str
    usage: Usage
    seconds: float
    queued_seconds: float
    preemptions: int = 0
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass
class _Progress:
    """What a call has so far. `kept` is given to the engine again, `text` follows it; `shown` was told already.

    `kept_pieces` and `pieces` are the two as the engine told them, about a token each.
    """

    kept: str = ""
    text: str = ""
    shown: int = 0
    pieces: list[str] = field(default_factory=list)
    kept_pieces: list[str] = field(default_factory=list)
    preemptions: int = 0
    queued_seconds: float = 0.0
    seconds: float = 0.0
    num_retries: int = 0
    logprobs: list[TokenLogprob] = field(default_factory=list)


async def call_engine(
    engine: Engine,
    scheduler: Scheduler,
    request: ChatRequest,
    *,
    priority: Priority,
    app: str = "",
    deadline: float | None = None,
    on_text: Callable[[str], None] = lambda text: None,
    on_event: Callable[[str, dict[str, Json]], object] = lambda kind, data: None,
    watch_loops: bool = False,
) -> EngineAnswer:
    """Ask the engine. `on_text` hears the answer as it grows, `on_event` what happened to the call.

    A preempted call goes on where it was; one whose answer a grammar constrains begins again, which under greedy
    decoding says the same. Raises EngineBusy, EngineUnavailable (it stayed dead), ContextFull, EngineError.
    """
    progress = _Progress()
    while True:
        if progress.num_retries and not progress.text and not progress.kept:
            await asyncio.sleep(RETRY_SECONDS[progress.num_retries - 1])
        asked_at = time.monotonic()
        preemptible = _keeps(request) or progress.preemptions < MAX_PREEMPTIONS
        async with scheduler.slot(priority, app, deadline, preemptible=preemptible) as lease:
            began = time.monotonic()
            progress.queued_seconds += began - asked_at
            try:
                last = await _stream(engine, request, progress, lease, on_text, watch_loops)
            except EngineUnavailable as error:
                if progress.num_retries == len(RETRY_SECONDS):
                    raise
                on_event("engine.retry", {"error": str(error)})
                progress.num_retries, last = progress.num_retries + 1, None
                _keep(request, progress, nothing=True)
            else:
                if last is None:
                    _keep(request, progress)
                    progress.preemptions += 1
                    on_event("engine.preempted", {"kept_chars": len(progress.kept)})
            finally:
                progress.seconds += time.monotonic() - began
        if last is not None:
            return _answer(progress, last)


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask an engine something small; one that is just being started again is asked once more a little later."""
    for seconds in RETRY_SECONDS:
        try:
            return await ask()
        except EngineUnavailable:
            await asyncio.sleep(seconds)
    return await ask()


async def _stream(
    engine: Engine,
    request: ChatRequest,
    progress: _Progress,
    lease: Lease,
    on_text: Callable[[str], None],
    watch_loops: bool,
) -> Chunk | None:
    """The last chunk; None when the call was preempted before it."""
    checked = 0
    async with aclosing(engine.stream(_continued(request, progress))) as chunks:
        while True:
            chunk = await _next_unless_preempted(chunks, lease)
            if chunk is None:
                return None
            if chunk.text:
                progress.text += chunk.text
                progress.pieces.append(chunk.text)
                _show(progress, on_text)
            progress.logprobs += chunk.logprobs
            if chunk.finish:
                return chunk
            if watch_loops and len(progress.text) >= checked + LOOP_CHECK_CHARS:
                checked = len(progress.text)
                if (end := find_loop(progress.kept + progress.text)) is not None:
                    progress.text = (progress.kept + progress.text)[:end]
                    progress.kept = ""
                    return Chunk(finish="loop")


async def _next_unless_preempted(chunks: AsyncIterator[Chunk], lease: Lease) -> Chunk | None:
    """The next chunk, or None as soon as the slot is wanted back."""
    if not lease.preemptible:
        return await anext(chunks)
    if lease.preempted.is_set():
        return None
    piece = asyncio.ensure_future(anext(chunks))
    wanted = asyncio.ensure_future(lease.preempted.wait())
    try:
        await asyncio.wait({piece, wanted}, return_when=asyncio.FIRST_COMPLETED)
        if wanted.done() and not (piece.done() and not piece.cancelled() and piece.exception() is None):
            return None
        return await piece
    finally:
        wanted.cancel()
        if not piece.done():
            piece.cancel()
            await asyncio.wait({piece})


def _continued(request: ChatRequest, progress: _Progress) -> ChatRequest:
    """The request whose answer begins with what is kept of it."""
    if not progress.kept:
        return request
    messages = request.messages
    if messages[-1].role == "assistant":
        last = replace(messages[-1], text=messages[-1].text + progress.kept)
        messages = (*messages[:-1], last)
    else:
        messages = (*messages, Message("assistant", progress.kept, source="model"))
    return replace(request, messages=messages, max_tokens=max(1, request.max_tokens - len(progress.kept_pieces)))


def _keep(request: ChatRequest, progress: _Progress, *, nothing: bool = False) -> None:
    """Keep what was generated up to its last whole word, whose tokens are as the model wrote them; or nothing of it."""
    size = len(LAST_WORD.sub("", progress.kept + progress.text, count=1)) if _keeps(request) and not nothing else 0
    pieces = progress.kept_pieces + progress.pieces
    while sum(map(len, pieces)) > size:
        pieces.pop()
    progress.kept, progress.text = "".join(pieces), ""
    progress.kept_pieces, progress.pieces = pieces, []
    progress.logprobs.clear()


def _keeps(request: ChatRequest) -> bool:
    """Whether an interrupted answer can go on where it was: a constraint would have to know what was said before."""
    return request.schema is None and request.grammar is None and not request.stop and request.logprobs is None


def _show(progress: _Progress, on_text: Callable[[str], None]) -> None:
    """Tell what is new; what a call says again after it was interrupted was told before."""
    whole = len(progress.kept) + len(progress.text)
    if whole > progress.shown:
        on_text(progress.text[progress.shown - whole :])
        progress.shown = whole


def _answer(progress: _Progress, last: Chunk) -> EngineAnswer:
    usage = last.usage or Usage(0, len(progress.pieces), 0)
    if progress.kept:
        usage = replace(usage, completion_tokens=usage.completion_tokens + len(progress.kept_pieces))
    return EngineAnswer(
        progress.kept + progress.text,
        last.finish or "stop",
        usage,
        progress.seconds,
        progress.queued_seconds,
        progress.preemptions,
        tuple(progress.logprobs),
    )
