"""An app's examples, asked of the kernel's engine for its author, who sees each result as it comes.

They run here, not in the command, because here the model is loaded once and the scheduler lets visitors and processes
have their turns. A backend's leave nothing behind: their state lies in memory, and neither it nor the journal hears of
them. A chat app's are processes (`chat_examples.py`).
"""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from llmos.backend.examples import AnExample, Result, chosen, each_result, load_examples
from llmos.backend.interpret import Think
from llmos.backend.lookups import CallTool
from llmos.backend.replay import remembered
from llmos.contracts import ChatRequest, Json
from llmos.errors import LlmosError, UsageError
from llmos.http.chat_examples import each_chat_result, require_installed
from llmos.kernel.app import App, find_app, load_app
from llmos.kernel.call import call_engine
from llmos.kernel.calling import look_up
from llmos.kernel.chat_examples import load_chat_examples
from llmos.kernel.kernel import Kernel
from llmos.kernel.scheduler import Priority

router = APIRouter()


class TrialIn(BaseModel):
    app: str = Field(description="An app's name, or the path of an app folder.")
    only: str | None = Field(None, description="The name of one example, or of its file.")


async def _trial(body: TrialIn, request: Request) -> AsyncIterator[Result]:
    """All that can be refused before the first example is asked."""
    kernel: Kernel = request.app.state.kernel
    app = load_app(Path(body.app)) if "/" in body.app else find_app(kernel.home, body.app)
    if app.kind == "backend":
        examples = _picked(app, load_examples(app.folder), body.only)
        return each_result(app, examples, _thinker(kernel, app), _caller(kernel, app))
    if app.kind == "chat":
        require_installed(kernel, app)
        return each_chat_result(kernel, app, _picked(app, load_chat_examples(app), body.only))
    raise UsageError(f"{app.name} is of kind {app.kind}, which has no examples to ask; try it: llmos run {app.name}.")


def _picked(app: App, examples: list[AnExample], only: str | None) -> list[AnExample]:
    if not examples:
        raise UsageError(f"{app.name} has no examples; write the first into {app.folder / 'examples'} as a .json file.")
    return examples if only is None else chosen(examples, only)


def _thinker(kernel: Kernel, app: App) -> Think:
    seat = kernel.engines.seat(app.model.name)

    async def think(request: ChatRequest) -> str:
        asked = call_engine(seat.engine, seat.scheduler, request, priority=Priority.REQUEST, app=app.name)
        return (await asked).text

    return think


def _caller(kernel: Kernel, app: App) -> CallTool:
    async def call(tool: str, arguments: dict[str, Json]) -> Json:
        return await look_up(kernel, kernel.service("examples"), app, tool, arguments)

    return call


class ReplayIn(BaseModel):
    app: str = Field(description="Whose journal is replayed.")
    folder: str | None = Field(None, description="The path of the app folder that is to answer; the app's own if none.")
    last: int = Field(300, ge=1, le=10_000)


async def _replay(body: ReplayIn, request: Request) -> AsyncIterator[Result]:
    kernel: Kernel = request.app.state.kernel
    app = find_app(kernel.home, body.app)
    if app.kind != "backend":
        raise UsageError(f"{app.name} is of kind {app.kind}, and only what a backend was asked can be replayed.")
    examples = remembered(kernel.journal, kernel.attach(app.name).pid, kernel.state(app), body.last)
    if not examples:
        raise UsageError(f"{app.name} has answered nothing yet, so there is nothing to replay.")
    answering = load_app(Path(body.folder)) if body.folder else app
    return each_result(answering, examples, _thinker(kernel, answering), _caller(kernel, answering))


@router.post("/examples", response_class=EventSourceResponse)
async def ask_examples(results: Annotated[AsyncIterator[Result], Depends(_trial)]) -> AsyncIterator[ServerSentEvent]:
    """One event an example: its name, whether it passed, what differs, what the model said. `error` ends them early."""
    async for told in _told(results):
        yield told


@router.post("/replay", response_class=EventSourceResponse)
async def replay(results: Annotated[AsyncIterator[Result], Depends(_replay)]) -> AsyncIterator[ServerSentEvent]:
    """What an app was asked before, asked again of the model: one event each, as for examples."""
    async for told in _told(results):
        yield told


async def _told(results: AsyncIterator[Result]) -> AsyncIterator[ServerSentEvent]:
    try:
        async for result in results:
            yield ServerSentEvent(data={**dataclasses.asdict(result), "passed": result.passed}, event="result")
    except LlmosError as error:
        yield ServerSentEvent(data={"error": str(error)}, event="error")
