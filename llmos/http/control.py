"""The kernel's own API, for the command line and shells. Loopback, with the token from the state folder."""

import base64
import binascii
import dataclasses
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from llmos import __version__
from llmos.contracts import Attachment, Event, Json
from llmos.errors import (
    AppError,
    Conflict,
    DriverError,
    EngineBusy,
    EngineError,
    KernelBusy,
    KernelError,
    LlmosError,
    ModelError,
    StateError,
    UnknownModel,
    UsageError,
)
from llmos.http import examples
from llmos.http.address import MAX_ATTACHMENT_BYTES
from llmos.http.control_backend import backend
from llmos.http.control_blobs import blobs
from llmos.http.control_drivers import drivers
from llmos.http.control_events import as_sent, events
from llmos.http.control_models import models, told_engine
from llmos.http.control_state import state, states
from llmos.http.control_users import users
from llmos.http.depends import InKernel, InSites
from llmos.http.sites import API, Sites
from llmos.http.usage import usage
from llmos.kernel.app import app_folders, load_app
from llmos.kernel.kernel import Kernel
from llmos.kernel.process import Process
from llmos.kernel.rewind import rewind, send_instead
from llmos.kernel.scheduler import Priority

STATUS = {
    UsageError: 400,
    AppError: 404,
    Conflict: 409,
    StateError: 422,
    KernelBusy: 409,
    KernelError: 404,
    EngineBusy: 429,
    EngineError: 503,
    DriverError: 422,
    UnknownModel: 404,
    ModelError: 422,
}


class AttachmentIn(BaseModel):
    name: str = ""
    media_type: str = "application/octet-stream"
    data: str = Field(description="base64", max_length=MAX_ATTACHMENT_BYTES * 4 // 3 + 4)


class MessageIn(BaseModel):
    text: str = ""
    attachments: list[AttachmentIn] = []


class SentIn(MessageIn):
    instead_of: int | None = Field(None, description="An earlier message; the talk goes on from before it.")


class RewindIn(BaseModel):
    before: int = Field(description="The event of a message, or of an earlier rewind, which is taken back by that.")


class SpawnIn(MessageIn):
    app: str
    session: bool = False
    priority: Literal["interactive", "request", "background"] = "interactive"


class ChoiceIn(BaseModel):
    choice: str


class SiteIn(BaseModel):
    app: str = Field(description="An app's name, or /v1 for the API that OpenAI clients speak.")
    host: str = "127.0.0.1"
    port: int = Field(8420, ge=0, le=65535)


def control_api(kernel: Kernel, sites: Sites, shutdown: Callable[[], None]) -> FastAPI:
    """The ASGI app; whoever mounts it guards it."""
    api = FastAPI(title="llmos kernel", version=__version__)
    api.add_exception_handler(LlmosError, _problem)
    api.state.kernel, api.state.sites, api.state.shutdown = kernel, sites, shutdown
    about_the_kernel = (system, events, processes, questions, drivers, models, blobs)
    for router in (*about_the_kernel, states, state, backend, users, examples.router):
        api.include_router(router, prefix="/v0")
    return api


system = APIRouter()


@system.get("/status")
async def status(kernel: InKernel, sites: InSites) -> Json:
    healthy = await kernel.engine.healthy()
    return {
        "version": __version__,
        "home": str(kernel.home),
        "engine": {"healthy": healthy, **(told_engine(await kernel.engine.info()) if healthy else {})},
        "processes": len(kernel.living()),
        "waiting": kernel.scheduler.num_waiting,
        "sites": sites.list(),
    }


@system.get("/apps")
async def apps(kernel: InKernel) -> Json:
    loaded = [load_app(folder) for folder in app_folders(kernel.home)]
    return [{"name": app.name, "kind": app.kind, "title": app.title, "summary": app.summary} for app in loaded]


@system.post("/sites")
async def open_site(body: SiteIn, sites: InSites) -> Json:
    if body.app == API:
        return (await sites.open_api(body.host, body.port)).describe()
    return (await sites.open(body.app, body.host, body.port)).describe()


@system.delete("/sites/{app:path}")
async def close_site(app: str, sites: InSites) -> Json:
    await sites.close(API if app == API.strip("/") else app)
    return {"closed": app}


@system.get("/memory")
async def search(
    kernel: InKernel,
    query: str,
    app: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    unfinished: bool = False,
) -> Json:
    """What was said before, in all processes or those of one app; `unfinished` is for a query that is being typed."""
    found = await kernel.memory.search(app, query, limit, unfinished=unfinished)
    return [dataclasses.asdict(item) for item in found]


@system.post("/gc")
async def gc(kernel: InKernel) -> Json:
    return {"freed_bytes": kernel.collect()}


@system.post("/shutdown")
async def shutdown(request: Request) -> Json:
    request.app.state.shutdown()
    return {"stopping": True}


processes = APIRouter(prefix="/processes")


@processes.post("")
async def spawn(body: SpawnIn, kernel: InKernel) -> Json:
    attachments = [_attachment(item) for item in body.attachments]
    priority = Priority[body.priority.upper()]
    return describe(kernel.spawn(body.app, body.text, attachments, session=body.session, priority=priority))


@processes.get("")
async def list_processes(
    kernel: InKernel, last: Annotated[int | None, Query(ge=0)] = None, with_usage: bool = False
) -> Json:
    """All processes by pid, or those alive and the `last` ones that ended; with what each uses, where asked for."""
    listed = kernel.processes(-1 if last is None else last)
    used = await usage(kernel, listed) if with_usage else {}
    return [describe(process) | ({"usage": used[process.pid]} if with_usage else {}) for process in listed]


@processes.get("/{pid}")
async def one_process(pid: int, kernel: InKernel) -> Json:
    return describe(kernel.process(pid))


@processes.get("/{pid}/usage")
async def one_usage(pid: int, kernel: InKernel) -> Json:
    """How fast it writes, what it takes of the window and of its budget."""
    return (await usage(kernel, [kernel.process(pid)]))[pid]


@processes.delete("/{pid}")
async def kill(pid: int, kernel: InKernel) -> Json:
    kernel.kill(pid)
    return describe(kernel.process(pid))


@processes.post("/{pid}/messages")
async def send(pid: int, body: SentIn, kernel: InKernel) -> Json:
    attachments = [_attachment(item) for item in body.attachments]
    if body.instead_of is None:
        return describe(kernel.send(pid, body.text, attachments))
    return describe(send_instead(kernel, pid, body.instead_of, body.text, attachments))


@processes.post("/{pid}/rewind")
async def go_back(pid: int, body: RewindIn, kernel: InKernel) -> Json:
    """Let a talk be what it was before one of its messages; nothing is lost from the journal."""
    return describe(rewind(kernel, pid, body.before))


@processes.post("/{pid}/interrupt")
async def interrupt(pid: int, kernel: InKernel) -> Json:
    """Stop the answer under way: a session waits for the next message, anything else ends."""
    kernel.interrupt(pid)
    return describe(kernel.process(pid))


@processes.get("/{pid}/log")
async def log(pid: int, kernel: InKernel, after: int = 0) -> Json:
    kernel.process(pid)
    return [dataclasses.asdict(event) for event in kernel.journal.events(pid, after)]


@processes.get("/{pid}/events", response_class=EventSourceResponse)
async def process_events(pid: int, kernel: InKernel, after: int = 0) -> AsyncIterator[ServerSentEvent]:
    """The journal of a process from `after` on, and streamed text as it comes; ends when the process does."""
    async for event in kernel.journal.follow(pid, after):
        yield as_sent(event)
        if _ends(event):
            return


questions = APIRouter()


@questions.get("/questions")
async def open_questions(kernel: InKernel) -> Json:
    """What processes wait for a person to decide; `seq` is the question's number."""
    return [{**dataclasses.asdict(asked), "app": kernel.process(asked.pid).app} for asked in kernel.questions.open()]


@questions.post("/questions/{number}")
async def decide(number: int, body: ChoiceIn, kernel: InKernel) -> Json:
    return dataclasses.asdict(kernel.answer(number, body.choice))


@questions.get("/permissions/{app}")
async def permissions(app: str, kernel: InKernel) -> Json:
    """What the app's manifest grants, what it must ask for, and what a person has allowed it for always."""
    rights = kernel.find_app(app).capabilities
    return {"tools": rights.tools, "ask": rights.ask, "always": kernel.questions.granted(app)}


@questions.delete("/permissions/{app}")
async def revoke(app: str, grant: str, kernel: InKernel) -> Json:
    kernel.questions.revoke(app, grant)
    return {"revoked": grant}


def describe(process: Process) -> dict[str, Json]:
    return dataclasses.asdict(process)


def _ends(event: Event) -> bool:
    return event.kind in ("process.done", "process.failed", "process.killed")


def _attachment(item: AttachmentIn) -> Attachment:
    try:
        return Attachment(base64.b64decode(item.data, validate=True), item.media_type, item.name)
    except binascii.Error as error:
        raise HTTPException(400, f"The attachment {item.name} is not valid base64; send it again.") from error


async def _problem(request: Request, error: Exception) -> JSONResponse:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    body = {"type": "about:blank", "status": status, "title": type(error).__name__, "detail": str(error)}
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, EngineBusy) else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")
