"""Files that apps keep: received with a form, and served to who may read a document that refers to them.

Covers: a file is never a page of the app's origin. Only pictures, sound, films and PDF that begin as such are shown;
all else is downloaded, and nothing is guessed or run. No cache gives one user what another got.
Does not cover: what a downloaded file does once somebody opens it.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse

from llmos.backend.backend import VARY
from llmos.backend.files import PATH, Files, Found
from llmos.backend.preconditions import names
from llmos.backend.problem import HttpError
from llmos.backend.upload import Upload
from llmos.http.described import READ
from llmos.http.door import Door

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
POLICY = "default-src 'none'; frame-ancestors 'self'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # whether one may still read it is asked each time
    "Vary": VARY,
}


@asynccontextmanager
async def received(request: Request, files: Files, path: str, content_type: str) -> AsyncIterator[Upload | None]:
    """The body of a form with files; None for any other request. What was not kept by the end is gone then.

    Raises HttpError.
    """
    receiver = files.receiver(request.method, path, content_type)
    if receiver is None:
        yield None
        return
    try:
        yield await receiver.read(request.stream(), content_type)
    except ClientDisconnect as error:
        raise HttpError(400, "The body ended before its end.") from error
    finally:
        receiver.discard()


def kept(files: Files, door: Door) -> APIRouter:
    """The route of an app's files."""
    router = APIRouter()
    asking = Depends(door.enter)

    @router.api_route(f"{PATH}/{{digest}}", methods=READ)
    async def file(request: Request, digest: str, user: Annotated[str | None, asking]) -> Response:
        found, etag = files.find(digest, user), f'"{digest}"'
        headers = {**HEADERS, "ETag": etag, "Content-Security-Policy": _policy(found)}
        if names(request.headers.get("if-none-match", ""), etag, weakly=True):
            return Response(status_code=304, headers=headers)
        _check_range(request, found.path.stat().st_size)
        return FileResponse(
            found.path,
            headers=headers,
            media_type=found.type,
            filename=found.name,
            content_disposition_type="inline" if found.is_shown else "attachment",
        )

    return router


def _check_range(request: Request, size: int) -> None:
    """One range is answered, or refused when it is beyond the end; more of them, and other units, are not looked at."""
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    first, last = asked.groups() if asked else ("", "")
    if asked is None or not (first or last) or (first and last and int(first) > int(last)):
        request.scope["headers"] = [pair for pair in request.scope["headers"] if pair[0] != b"range"]
    elif int(first) >= size if first else int(last) == 0 or size == 0:
        raise HttpError(416, f"The file has {size} bytes; ask for some of them.", {"Content-Range": f"bytes */{size}"})


def _policy(found: Found) -> str:
    """The sandbox would also keep a browser from showing a PDF."""
    return POLICY if found.type == "application/pdf" else f"{POLICY}; sandbox"
