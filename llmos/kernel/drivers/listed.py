"""What drivers offered when they last ran, kept on disk, so that an app's tools are known before a driver is started.

A list is kept under a key made of all that it depends on here: llmos's version, the driver's manifest, and the files of
its program. It may still be stale (a server elsewhere, a package that a command fetches), so nothing is decided by it:
a driver that starts says anew what it offers, which replaces the list, and a call is judged by that.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

from llmos import __version__, paths
from llmos.contracts import Json, Resource, ToolInfo
from llmos.kernel.drivers.manifest import DriverManifest
from llmos.kernel.drivers.start import command_of


def tool_of(said: Json) -> ToolInfo:
    """A tool from its JSON, as `dataclasses.asdict` makes it."""
    reached = said["resource"]
    resource = Resource(reached["argument"], reached["kind"], tuple(reached.get("also", ()))) if reached else None
    return ToolInfo(**{**said, "resource": resource})


class ToolLists:
    """One file a driver in `folder`; without a folder nothing is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def get(self, manifest: DriverManifest) -> list[ToolInfo] | None:
        """What the driver offered last, if its manifest and its program are as they were."""
        if self._folder is None:
            return None
        with suppress(OSError, ValueError, KeyError, TypeError):  # a file that cannot be used is none
            kept = json.loads(self._file(manifest).read_text("utf-8"))
            if kept["key"] == key_of(manifest):
                return [tool_of(said) for said in kept["tools"]]
        return None

    def keep(self, manifest: DriverManifest, tools: Sequence[ToolInfo]) -> None:
        """Put the list in the place of the one before it. A disk that cannot take it costs the next start its time."""
        if self._folder is None or self.get(manifest) == [*tools]:
            return
        kept = {"key": key_of(manifest), "tools": [asdict(tool) for tool in tools]}
        file = self._file(manifest)
        with suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_suffix(f".{os.getpid()}.new")
            new.write_text(json.dumps(kept, ensure_ascii=False), "utf-8")
            new.replace(file)

    def _file(self, manifest: DriverManifest) -> Path:
        assert self._folder is not None
        return self._folder / f"{manifest.name}.json"


def key_of(manifest: DriverManifest) -> str:
    """A digest that changes with the manifest and with the driver's program."""
    digest = hashlib.sha256(f"{__version__}\n{manifest.model_dump_json()}".encode())
    for file in _program(command_of(manifest)):
        with suppress(OSError):
            found = file.stat()
            digest.update(f"\n{file} {found.st_size} {found.st_mtime_ns}".encode())
    return digest.hexdigest()


def _program(command: Sequence[str]) -> Iterator[Path]:
    """The files that a command runs, as far as it names them: programs, scripts, a module of the bundle."""
    if command:
        yield Path(shutil.which(command[0]) or command[0])
    yield from (Path(part) for part in command[1:] if os.path.isabs(part))  # noqa: PTH117
    for option, module in pairwise(command):
        if option == "-m":
            yield from _sources(module)


def _sources(module: str) -> Iterable[Path]:
    folder = paths.bundle_root().joinpath(*module.split("."))
    beside = [] if folder.parent == paths.bundle_root() else sorted(folder.parent.glob("*.py"))
    return [*sorted(folder.rglob("*.py")), *beside]
