"""A folder's files as pages on this machine, for as long as an example or a benchmark needs them.

Covers: loopback alone; files of the folder alone, no link that leads out of it.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

HOST = "127.0.0.1"
POLL_SECONDS = 0.02  # its end is waited for in the kernel's loop, so it looks for it often


class FolderHandler(SimpleHTTPRequestHandler):
    """Answers with the file that a path names."""

    def send_head(self) -> BytesIO | BinaryIO | None:
        folder = Path(self.directory).resolve()
        if not Path(self.translate_path(self.path)).resolve().is_relative_to(folder):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def log_message(self, format: str, *args: object) -> None:
        """Requests are no news here."""


@contextmanager
def served(folder: Path, handler: Callable[..., FolderHandler] = FolderHandler) -> Iterator[str]:
    """The address of the folder, without a slash at its end."""
    server = ThreadingHTTPServer((HOST, 0), functools.partial(handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
