"""What a path in a grant means: `files.read:~/notes` is that folder and what is visible in it.

Covers: `..`; links, as they are at the time of the check; hidden names (`.ssh`, `.git`, `.env`) below a granted folder,
which need a grant that names them; the home folder and llmos's own state folder, which hold keys and settings and
cannot be granted, nor can a folder around them.
Does not cover: links that change between the check and the driver's use of the path (the driver and its walls do).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from llmos import paths
from llmos.contracts import Json, Resource


def real_path(value: str) -> str | None:
    """The path without `~`, `..` and links; None for what is no path."""
    try:
        return os.path.realpath(Path(value).expanduser())
    except (OSError, ValueError, RuntimeError):
        return None


def folder_of(pattern: str) -> Path | None:
    """The folder that a grant names, without links; None for one that cannot be granted."""
    found = real_path(pattern)
    if found is None or _holds_keys(Path(found)):
        return None
    return Path(found)


def _holds_keys(folder: Path) -> bool:
    """Who could write into the state folder would grant himself everything."""
    home, state = (Path(os.path.realpath(path)) for path in (os.path.expanduser("~"), paths.home()))  # noqa: PTH111
    return home.is_relative_to(folder) or state.is_relative_to(folder) or folder.is_relative_to(state)


def path_matches(path: str, pattern: str) -> bool:
    folder = folder_of(pattern)
    if folder is None or not Path(path).is_relative_to(folder):
        return False
    return not any(part.startswith(".") for part in Path(path).relative_to(folder).parts)


def placed(resource: Resource | None, arguments: dict[str, Json], patterns: Iterable[str]) -> dict[str, Json]:
    """A call's arguments with its paths as a driver needs them: absolute, and without links on the way.

    A relative path lies in the one granted folder, or in the one whose name it begins with; no path at all is the one
    granted folder itself.
    """
    if resource is None or resource.kind != "path":
        return arguments
    granted = list(dict.fromkeys(folder for folder in map(folder_of, patterns) if folder is not None))
    given = {name: arguments.get(name) for name in (resource.argument, *resource.also)}
    real = {name: _placed(value, granted) for name, value in given.items() if isinstance(value, str) and value}
    if not given[resource.argument] and len(granted) == 1:
        real[resource.argument] = str(granted[0])
    return {**arguments, **real}


def make_missing(roots: Iterable[Path], resource: Resource, arguments: Mapping[str, Json]) -> None:
    """An allowed change may be the first in its folder, which is made then; why it cannot be is the driver's to tell.

    A root that the call itself names may be meant as a file, and is left to the driver.
    """
    named = {real_path(str(arguments[name])) for name in (resource.argument, *resource.also) if arguments.get(name)}
    for root in roots:
        if str(root) not in named:
            with suppress(OSError):
                root.mkdir(parents=True, exist_ok=True)


def _placed(value: str, granted: Sequence[Path]) -> str:
    """The last part stays what it is, so that a link can be moved away, and is not followed unseen."""
    try:
        path = _joined(Path(value).expanduser(), granted)
        return str(Path(os.path.realpath(path.parent)) / path.name) if path.name not in ("", "..") else str(path)
    except (OSError, ValueError, RuntimeError):
        return value


def _joined(path: Path, granted: Sequence[Path]) -> Path:
    if path.is_absolute():
        return path
    for folder in granted:
        if path.parts[:1] == (folder.name,) and not os.path.lexists(folder / folder.name):
            return folder.parent / path
    return granted[0] / path if len(granted) == 1 else path
