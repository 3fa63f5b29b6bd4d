"""Pictures and other bytes that messages refer to, stored once under the hash of their content."""

import hashlib
import os
from pathlib import Path

from llmos.errors import StateError


class Blobs:
    """`put` returns the SHA-256 under which `get` finds the bytes again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        target = self._folder / digest
        if not target.exists():
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

    def get(self, digest: str) -> bytes:
        try:
            return (self._folder / digest).read_bytes()
        except OSError as error:
            raise StateError(f"The attachment {digest[:12]} is gone from {self._folder}; send it again.") from error
