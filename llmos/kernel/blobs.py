"""Pictures and other bytes that messages refer to, stored once under the hash of their content."""

import errno
import hashlib
import os
import re
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from llmos.contracts import Json
from llmos.errors import StateError, StorageFull

GRACE_SECONDS = 3600.0

ABOUT_STATE = frozenset({"http.answer", "state.commit"})  # events whose files are the state's to keep

_DIGEST = re.compile("[0-9a-f]{64}")


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

    def incoming(self) -> "Incoming":
        """A file that is written piece by piece. Raises StateError when the folder cannot be made."""
        return Incoming(self._folder)

    def path(self, digest: str) -> Path | None:
        """Where the bytes lie; None when they are gone."""
        path = self._folder / digest
        return path if _DIGEST.fullmatch(digest) and path.is_file() else None

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


class Incoming:
    """Bytes that come in pieces: no blob until they are kept, and nothing once they are discarded.

    Every method raises StateError (StorageFull) with what is wrong; then they are discarded.
    """

    def __init__(self, folder: Path) -> None:
        self.size = 0
        self.digest = ""
        self._folder = folder
        self._hash = hashlib.sha256()
        self._partial = folder / f"{uuid.uuid4()}.partial"
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self._partial.open("xb", buffering=0)

    def write(self, data: bytes) -> None:
        with self._explained():
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) :]
        self._hash.update(data)
        self.size += len(data)

    def finish(self) -> None:
        """Everything is here: from now on it has a digest, and is on the disk. May take a while."""
        with self._explained():
            os.fsync(self._file.fileno())
        self._file.close()
        self.digest = self._hash.hexdigest()

    def keep(self) -> None:
        """Now `Blobs` has it. Kept twice it is kept."""
        with self._explained():
            if self._partial.exists():
                self._partial.rename(self._folder / self.digest)
                _sync(self._folder)

    def discard(self) -> None:
        """Leave nothing, unless it was kept."""
        self._file.close()
        self._partial.unlink(missing_ok=True)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if hasattr(self, "_file"):
                self.discard()
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                told = f"The disk that holds {self._folder} is full; free some space, then send it again."
                raise StorageFull(told) from error
            raise StateError(f"The file could not be stored in {self._folder}: {error.strerror}.") from error


def _sync(folder: Path) -> None:
    """A rename is durable once the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
