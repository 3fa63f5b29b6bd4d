"""The folders that a driver's process may use beside what its manifest lists: those its caller was granted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """Paths to read, and paths to read and change. Callers with equal ones are served by one process.

    `marks` differ once a path leads to something else than before: walls follow what was there when they were built.
    """

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    marks: tuple[tuple[int, int] | None, ...] = ()


NONE = Folders()


def folders(read: Iterable[Path], write: Iterable[Path]) -> Folders:
    """These folders as they are now."""
    to_write = tuple(sorted({str(path) for path in write}))
    to_read = tuple(sorted({str(path) for path in read} - {*to_write}))
    return Folders(to_read, to_write, tuple(_mark(path) for path in (*to_read, *to_write)))


def _mark(path: str) -> tuple[int, int] | None:
    with suppress(OSError):
        found = os.stat(path)  # noqa: PTH116 - the paths are texts here
        return found.st_dev, found.st_ino
    return None
