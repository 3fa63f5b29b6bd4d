"""The pages that an example of a chat app acts on, served on this machine while it is asked."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from llmos.http.served_folder import FolderHandler
from llmos.http.served_folder import served as served_folder

MAX_FORM_BYTES = 100_000
MAX_ASKED = 1000


@dataclass(frozen=True)
class ExampleSite:
    """`opened` is what was asked of it so far: paths with their query, or with what a form sent."""

    url: str
    opened: list[str] = field(default_factory=list)


@contextmanager
def served(folder: Path | None) -> Iterator[ExampleSite | None]:
    """The site of an example that has one."""
    if folder is None:
        yield None
        return
    opened: list[str] = []
    with served_folder(folder, functools.partial(_Handler, opened)) as url:
        yield ExampleSite(url, opened)


class _Handler(FolderHandler):
    def __init__(self, opened: list[str], *arguments: object, **options: str) -> None:
        self._opened = opened
        super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._note(self.path)
        super().do_GET()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        sent = self.rfile.read(min(int(length), MAX_FORM_BYTES)) if length.isdigit() else b""
        self._note(f"{self.path}?{sent.decode('utf-8', 'replace')}")
        super().do_GET()

    def _note(self, asked: str) -> None:
        if len(self._opened) < MAX_ASKED:
            self._opened.append(asked)
