"""An app as a website: its `web/` folder, its backend, `/events` and `/health`, all from one origin."""

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from llmos.backend import request as backend_request
from llmos.backend.backend import Backend
from llmos.backend.body import MAX_BODY_BYTES
from llmos.kernel.app import App
from llmos.kernel.kernel import Kernel

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self';"
    " base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def site(kernel: Kernel, app: App, pid: int, backend: Backend) -> FastAPI:
    """The ASGI app of one served llmos app, whose process is `pid`."""
    api = FastAPI(title=app.title, version=app.version, docs_url=None, redoc_url=None, openapi_url=None)

    @api.get("/health")
    async def health() -> dict[str, str | int]:
        return {"app": app.name, "version": kernel.state(app).version, "status": "ok"}

    @api.get("/events", response_class=EventSourceResponse)
    async def events() -> AsyncIterator[ServerSentEvent]:
        async for event in kernel.journal.follow(pid, after=kernel.journal.newest()):
            if event.kind == "state.commit":
                yield ServerSentEvent(data=event.data, event="commit", id=str(event.data["version"]))

    @api.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    async def answer(request: Request, path: str) -> Response:
        if request.method in ("GET", "HEAD") and (file := static_file(app.web, path)):
            return await _file(file)
        return await _ask(backend, request)

    return api


def static_file(web: Path, path: str) -> Path | None:
    """The file of `web/` that a path names; never one outside it."""
    root = web.resolve()
    try:
        file = (root / (path or "index.html")).resolve()
        return file if file.is_file() and file.is_relative_to(root) else None
    except (ValueError, OSError):
        return None


async def _file(file: Path) -> Response:
    kind, _ = mimetypes.guess_type(file.name)
    body = await asyncio.to_thread(file.read_bytes)
    return Response(
        body, media_type=kind or "application/octet-stream", headers={**HEADERS, "Cache-Control": "no-cache"}
    )


async def _ask(backend: Backend, request: Request) -> Response:
    answer = await backend.handle(
        backend_request.Request(
            method=request.method,
            path=request.url.path,
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=await _body(request),
            content_type=request.headers.get("content-type", ""),
            base=str(request.base_url).rstrip("/"),
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
