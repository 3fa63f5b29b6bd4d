"""Files of a folder as responses, under a policy that lets a page load nothing from elsewhere."""

import asyncio
import mimetypes
from pathlib import Path

from fastapi import Response

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:;"
    " frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def static_file(folder: Path, path: str) -> Path | None:
    """The file of `folder` that a path names; never one outside it."""
    root = folder.resolve()
    try:
        file = (root / (path or "index.html")).resolve()
        return file if file.is_file() and file.is_relative_to(root) else None
    except (ValueError, OSError):
        return None


async def send_file(file: Path) -> Response:
    kind, _ = mimetypes.guess_type(file.name)
    body = await asyncio.to_thread(file.read_bytes)
    return Response(
        body, media_type=kind or "application/octet-stream", headers={**HEADERS, "Cache-Control": "no-cache"}
    )
