"""Pictures and other bytes that messages refer to, stored once under the hash of their content."""

import hashlib
import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from llmos.contracts import Json
from llmos.errors import StateError

GRACE_SECONDS = 3600.0


class Blobs:
    """`put` returns the SHA-256 under which `get` finds the bytes again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        target = self._folder / digest
        if not self._holds(digest, data):
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = target.with_suffix(".partial")
            try:
                with partial.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                partial.rename(target)
            except OSError as error:
                partial.unlink(missing_ok=True)
                raise StateError(f"The attachment could not be stored in {self._folder}: {error.strerror}.") from error
        return digest

    def _holds(self, digest: str, data: bytes) -> bool:
        """Whether these very bytes are there already; then they count as put just now."""
        target = self._folder / digest
        try:
            if target.read_bytes() != data:
                return False
            target.touch()
        except OSError:
            return False
        return True

    def get(self, digest: str) -> bytes:
        """Raises StateError when the bytes are gone, or are no longer the ones that were put."""
        try:
            data = (self._folder / digest).read_bytes()
        except OSError as error:
            raise StateError(f"The attachment {digest[:12]} is gone from {self._folder}; send it again.") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise StateError(f"The attachment {digest[:12]} in {self._folder} was changed; send it again.")
        return data

    def collect(self, wanted: Collection[str], grace_seconds: float = GRACE_SECONDS) -> int:
        """Delete what nothing refers to; returns the bytes that came free.

        What is younger than `grace_seconds` stays: its event may be on its way.
        """
        freed, young = 0, time.time() - grace_seconds
        for path in self._folder.glob("*"):
            status = path.stat()
            if path.stem not in wanted and status.st_mtime < young:
                path.unlink(missing_ok=True)
                freed += status.st_size
        return freed


def references(data: Json) -> Iterator[str]:
    """The blobs that an event speaks of: under `sha256` or `blob`, at any depth."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("sha256", "blob") and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(data, list):
        for value in data:
            yield from references(value)
