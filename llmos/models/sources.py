"""Where a file's bytes can come from. A source yields them from an offset on; only the digest is trusted."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Protocol

from llmos.errors import SourceUnavailable
from llmos.models.cache import CHUNK_BYTES
from llmos.models.catalog import Model, ModelFile


class Source(Protocol):
    """A place that has files. `name` is shown to users; `spare_bytes` is the disk it needs beside the file."""

    name: str
    spare_bytes: int

    def read(self, file: ModelFile, offset: int) -> Generator[bytes, None, None]:
        """The file's bytes from `offset` on. An empty piece says that it is still waiting for the next one.

        Raises SourceUnavailable.
        """
        ...

    def arriving_bytes(self) -> int:
        """About how many bytes have come that `read` has not yielded yet."""
        ...


class LocalPath:
    """A file, or a folder of files, that the user already has."""

    spare_bytes = 0

    def __init__(self, model: Model, path: Path) -> None:
        self._path = path.expanduser()
        self.name = str(self._path)
        if not self._path.exists():
            raise SourceUnavailable(f"There is no {self._path}: name a file or folder that holds {model.id}.")
        if self._path.is_file() and len(model.files) > 1:
            names = ", ".join(file.name for file in model.files)
            raise SourceUnavailable(f"{model.id} has several files: name the folder that holds {names}.")

    def read(self, file: ModelFile, offset: int) -> Generator[bytes, None, None]:
        path = self._path / file.name if self._path.is_dir() else self._path
        if not path.is_file():
            raise SourceUnavailable(f"{self._path} holds no {file.name}: name the folder that does.")
        with path.open("rb") as stream:
            stream.seek(offset)
            while piece := stream.read(CHUNK_BYTES):
                yield piece

    def arriving_bytes(self) -> int:
        return 0
