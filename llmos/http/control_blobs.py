"""The kernel's API for bytes that lie beside the journal: attachments, pictures of tools, long results."""

from fastapi import APIRouter
from fastapi.responses import Response

from llmos.errors import KernelError
from llmos.http.depends import InKernel

blobs = APIRouter(prefix="/blobs")


@blobs.get("/{sha256}")
async def blob(sha256: str, kernel: InKernel) -> Response:
    """Never with a media type that a browser would show."""
    if kernel.blobs.path(sha256) is None:
        raise KernelError(f"Nothing is stored under {sha256[:12]}; `llmos verify` looks whether something was lost.")
    return Response(kernel.blobs.get(sha256), media_type="application/octet-stream")
