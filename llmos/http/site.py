"""An app as a website: its `web/` folder, its backend, `/events`, `/health` and what it says of itself: one origin."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.requests import ClientDisconnect
from starlette.routing import request_response

from llmos.backend import request as backend_request
from llmos.backend.backend import Backend
from llmos.backend.body import MAX_BODY_BYTES
from llmos.backend.problem import HttpError
from llmos.http.commits import Commits
from llmos.http.described import READ, described
from llmos.http.door import Door
from llmos.http.files import HEADERS, send_file, static_file
from llmos.http.kept import kept, received
from llmos.http.limits import Limiter, client_of
from llmos.http.meter import Meter
from llmos.http.problems import tell_problems
from llmos.kernel.app import App
from llmos.kernel.kernel import Kernel


def site(kernel: Kernel, app: App, pid: int, backend: Backend, meter: Meter, door: Door, *, by_token: bool) -> FastAPI:
    """The ASGI app of one served llmos app, whose process is `pid`. `by_token`: whoever mounts it checks a token."""
    limiter, commits = Limiter(app.http.requests_per_minute), Commits(app)
    api = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    tell_problems(api)
    asking = Depends(door.enter)

    @api.api_route("/health", methods=READ)
    async def health() -> dict[str, str | int]:
        return {"app": app.name, "version": kernel.state(app).version, "status": "ok"}

    @api.head("/events")
    async def about_events() -> Response:
        return Response(media_type="text/event-stream", headers=HEADERS)

    @api.get("/events", response_class=EventSourceResponse)
    async def events(request: Request, user: Annotated[str | None, asking]) -> AsyncIterator[ServerSentEvent]:
        async for event in kernel.journal.follow(pid, after=kernel.journal.newest()):
            if not door.is_still(request, user):
                return
            if event.kind == "state.commit" and (told := commits.told(event.data, user)):
                yield ServerSentEvent(data=told, event="commit", id=str(told["version"]))

    api.include_router(described(app, meter))
    if backend.files.are_kept:
        api.include_router(kept(backend.files, door))

    async def answer(request: Request) -> Response:
        if request.method in READ and (file := static_file(app.web, request.scope["path"].removeprefix("/"))):
            return await send_file(file)
        user = door.enter(request)
        limiter.check(client_of(request, by_token=by_token) if user is None else f"user {user}")
        return await _ask(backend, request, user)

    # as what is left, not as a route: a pattern would miss paths with line ends, and methods that nobody listed
    api.router.default = request_response(answer)
    return api


async def _ask(backend: Backend, request: Request, user: str | None) -> Response:
    content_type = ", ".join(request.headers.getlist("content-type"))  # two of them are none that is known
    async with received(request, backend.files, _path(request), content_type) as upload:
        answer = await backend.handle(
            backend_request.Request(
                method=request.method,
                path=_path(request),
                query=dict(request.query_params),
                headers=dict(request.headers),
                body=await _body(request) if upload is None else b"",
                content_type=content_type,
                base=str(request.base_url).rstrip("/"),
                user=user,
                upload=upload,
            )
        )
    if request.method == "POST" and answer.status < 400 and _is_plain_form(request):
        return RedirectResponse("/", 303, HEADERS)
    return Response(answer.body, answer.status, {**HEADERS, **answer.headers})


def _path(request: Request) -> str:
    """As it was sent, decoded; that of the URL is escaped anew, without tabs and line ends."""
    if b"%2f" in request.scope["raw_path"].lower():
        raise HttpError(404, "No id has a slash in it, so nothing is served there.")
    return str(request.scope["path"])


async def _body(request: Request) -> bytes:
    """The body, read no further than the backend would take it."""
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY_BYTES:
                break
    except ClientDisconnect as error:
        raise HttpError(400, "The body ended before its end.") from error
    return bytes(body)


def _is_plain_form(request: Request) -> bool:
    """A form sent by the browser itself, without the page's script: its user wants the page back, not JSON."""
    return "text/html" in request.headers.get("accept", "")
