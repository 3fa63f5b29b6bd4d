"""An app as a website: its `web/` folder, its backend, `/events`, `/health` and what it says of itself: one origin."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from llmos.backend import request as backend_request
from llmos.backend.backend import Backend
from llmos.backend.body import MAX_BODY_BYTES
from llmos.backend.problem import HttpError
from llmos.http.commits import Commits
from llmos.http.described import described, refused
from llmos.http.door import Door
from llmos.http.files import HEADERS, send_file, static_file
from llmos.http.limits import Limiter, client_of
from llmos.http.meter import Meter
from llmos.kernel.app import App
from llmos.kernel.kernel import Kernel


def site(kernel: Kernel, app: App, pid: int, backend: Backend, meter: Meter, door: Door, *, by_token: bool) -> FastAPI:
    """The ASGI app of one served llmos app, whose process is `pid`. `by_token`: whoever mounts it checks a token."""
    limiter, commits = Limiter(app.http.requests_per_minute), Commits(app)
    api = FastAPI(title=app.title, version=app.version, docs_url=None, redoc_url=None, openapi_url=None)
    api.add_exception_handler(HttpError, _refused)
    asking = Depends(door.enter)

    @api.get("/health")
    async def health() -> dict[str, str | int]:
        return {"app": app.name, "version": kernel.state(app).version, "status": "ok"}

    @api.get("/events", response_class=EventSourceResponse)
    async def events(request: Request, user: Annotated[str | None, asking]) -> AsyncIterator[ServerSentEvent]:
        async for event in kernel.journal.follow(pid, after=kernel.journal.newest()):
            if not door.is_still(request, user):
                return
            if event.kind == "state.commit" and (told := commits.told(event.data, user)):
                yield ServerSentEvent(data=told, event="commit", id=str(told["version"]))

    api.include_router(described(app, meter))

    @api.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    async def answer(request: Request, path: str) -> Response:
        if request.method in ("GET", "HEAD") and (file := static_file(app.web, path)):
            return await send_file(file)
        user = door.enter(request)
        limiter.check(client_of(request, by_token=by_token) if user is None else f"user {user}")
        return await _ask(backend, request, user)

    return api


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HttpError)
    return refused(error)


async def _ask(backend: Backend, request: Request, user: str | None) -> Response:
    answer = await backend.handle(
        backend_request.Request(
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=await _body(request),
            content_type=request.headers.get("content-type", ""),
            base=str(request.base_url).rstrip("/"),
            user=user,
        )
    )
    if request.method == "POST" and answer.status < 400 and _is_plain_form(request):
        return RedirectResponse("/", 303, HEADERS)
    return Response(answer.body, answer.status, {**HEADERS, **answer.headers})


async def _body(request: Request) -> bytes:
    """The body, read no further than the backend would take it."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            break
    return bytes(body)


def _is_plain_form(request: Request) -> bool:
    """A form sent by the browser itself, without the page's script: its user wants the page back, not JSON."""
    return "text/html" in request.headers.get("accept", "")
