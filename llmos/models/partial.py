"""The growing `.partial` of one file: a prefix of its bytes, whatever source each of them came from."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Self

from llmos.errors import DiskFull
from llmos.models.cache import CHUNK_BYTES, mismatch
from llmos.models.catalog import ModelFile


class Partial:
    """Appends to a partial file, hashing as it writes. Leaving the context keeps what was written."""

    def __init__(self, path: Path, file: ModelFile) -> None:
        self._path, self._file = path, file
        self._digest = hashlib.sha256()
        self._stream: BinaryIO
        self.size_bytes = 0

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = self._path.open("a+b", buffering=0)
        return self

    def __exit__(self, *exc: object) -> None:
        self._stream.close()

    def load(self, seen: Callable[[int], None]) -> None:
        """Hash what an earlier pull left, telling `seen` the bytes so far."""
        self._stream.seek(0)
        while piece := self._stream.read(CHUNK_BYTES):
            self._digest.update(piece)
            self.size_bytes += len(piece)
            seen(self.size_bytes)

    def append(self, piece: bytes) -> None:
        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[self._stream.write(rest) :]
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            full = f"The disk of {self._path.parent} is full: free some space, then pull again."
            raise DiskFull(full) from error
        self._digest.update(piece)
        self.size_bytes += len(piece)

    def restart(self) -> None:
        self._stream.truncate(0)
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    def truncate(self, size_bytes: int) -> None:
        """Drop what follows the first `size_bytes`; nothing may be appended after."""
        self._stream.truncate(size_bytes)

    def is_right(self) -> bool:
        return self._digest.hexdigest() == self._file.sha256

    def finish(self, source: str) -> None:
        """Make the partial the file; if the digest is wrong, delete it and raise DigestMismatch."""
        if not self.is_right():
            self._path.unlink()
            raise mismatch(self._file, self._digest.hexdigest(), source)
        os.fsync(self._stream.fileno())
        self._path.replace(self._path.with_name(self._file.name))
