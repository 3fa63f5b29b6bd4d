"""The pages that an example of a chat app acts on, served on this machine while it is asked.

Covers: loopback alone; files of the example's folder alone, no link that leads out of it.
"""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

HOST = "127.0.0.1"
MAX_FORM_BYTES = 100_000
MAX_ASKED = 1000
POLL_SECONDS = 0.02


class ExampleSite:
    """`opened` is what was asked of it so far: paths with their query, or with what a form sent."""

    def __init__(self, folder: Path) -> None:
        self.opened: list[str] = []
        self._server = ThreadingHTTPServer((HOST, 0), functools.partial(_Handler, self, directory=str(folder)))
        # its end is waited for in the kernel's loop, so it looks for it often
        threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def served(folder: Path | None) -> Iterator[ExampleSite | None]:
    """The site of an example that has one."""
    site = ExampleSite(folder) if folder else None
    try:
        yield site
    finally:
        if site:
            site.close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, site: ExampleSite, *arguments: object, **options: str) -> None:
        self._site = site
        super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._note(self.path)
        super().do_GET()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        sent = self.rfile.read(min(int(length), MAX_FORM_BYTES)) if length.isdigit() else b""
        self._note(f"{self.path}?{sent.decode('utf-8', 'replace')}")
        super().do_GET()

    def send_head(self) -> BytesIO | BinaryIO | None:
        folder = Path(self.directory).resolve()
        if not Path(self.translate_path(self.path)).resolve().is_relative_to(folder):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def log_message(self, format: str, *args: object) -> None:
        """Requests are told by the example, not by the kernel's log."""

    def _note(self, asked: str) -> None:
        if len(self._site.opened) < MAX_ASKED:
            self._site.opened.append(asked)
