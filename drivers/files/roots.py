"""The granted folders, and where in them a path leads. Only the text of a path is looked at here, never the disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from drivers.files.refusal import Refused, shown

NONE_GRANTED = "No folder is granted for this: name one in the app's manifest, such as files.read:~/notes."
MAX_PATH_BYTES = 4096


@dataclass(frozen=True)
class Place:
    """A granted folder and the names that lead from it to a file or folder; no names mean the folder itself."""

    root: Path
    parts: tuple[str, ...]
    alone: bool = False  # just this file is granted, and not its folder
    one_of_many: bool = False  # there are other granted folders, so that only a whole path tells where it is

    @property
    def inner(self) -> str:
        return "/".join(self.parts)

    @property
    def label(self) -> str:
        """What it is called in answers, which is how it can be named in the next call."""
        return shown(self.inner if self.parts and not self.one_of_many else str(self.root.joinpath(*self.parts)))

    @property
    def parent(self) -> Place:
        return replace(self, parts=self.parts[:-1])

    def child(self, name: str) -> Place:
        return replace(self, parts=(*self.parts, name))


class Roots:
    """A root that is a file stands for just that file."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._spelled = {path: Path(os.path.realpath(path)) for path in paths}
        self.paths = list(dict.fromkeys(self._spelled.values()))

    @classmethod
    def of_uris(cls, uris: Iterable[str]) -> Roots:
        parsed = [urlsplit(uri) for uri in uris]
        return cls(
            Path(unquote(one.path)) for one in parsed if one.scheme == "file" and one.netloc in ("", "localhost")
        )

    def place(self, path: str) -> Place:
        """Where a path leads. Raises Refused for what lies outside, is hidden, or is no path."""
        if not self.paths:
            raise Refused(NONE_GRANTED)
        self._check(path)
        wanted = Path(path)
        if not wanted.is_absolute():
            if len(self.paths) > 1:
                raise Refused(f"Begin the path with one of the granted folders: {self.names()}.")
            wanted = self.paths[0] / wanted
        for spelled, real in self._spelled.items():
            if wanted.is_relative_to(spelled):
                wanted = real / wanted.relative_to(spelled)
        holding = [root for root in self.paths if wanted.is_relative_to(root)]
        if not holding:
            raise Refused(f"{shown(path)} is outside of what is granted: stay in {self.names()}.")
        return self._inside(max(holding, key=lambda root: len(root.parts)), wanted)

    def names(self) -> str:
        return " or ".join(shown(str(root)) for root in self.paths)

    def _inside(self, root: Path, wanted: Path) -> Place:
        parts = wanted.relative_to(root).parts
        if any(part.startswith(".") for part in parts):
            raise Refused(f"{shown('/'.join(parts))} is hidden, and hidden files are out of reach: leave it alone.")
        if not parts and not root.is_dir() and root.exists():
            return Place(root.parent, (root.name,), alone=True, one_of_many=len(self.paths) > 1)
        return Place(root, parts, one_of_many=len(self.paths) > 1)

    def _check(self, path: str) -> None:
        if "\0" in path:
            raise Refused("A path cannot hold a zero character: write it without.")
        try:
            size = len(path.encode())
        except UnicodeEncodeError:
            raise Refused("This path is not Unicode text: ask the user to rename the file.") from None
        if size > MAX_PATH_BYTES:
            raise Refused("This path is too long: name something nearer.")
        if ".." in path.split("/"):
            raise Refused("A path cannot climb with ..: write it from the granted folder on.")
