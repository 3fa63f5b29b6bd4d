"""What a path in a grant means: `files.read:~/notes` is that folder and what is visible in it.

Covers: `..`; links, as they are at the time of the check; hidden names (`.ssh`, `.git`, `.env`) below a granted folder,
which need a grant that names them; the home folder or one above it, which holds keys and settings and cannot be
granted as a whole.
Does not cover: links that change between the check and the driver's use of the path (the driver and its walls do).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from llmos.contracts import Json, Resource


def real_path(value: str) -> str | None:
    """The path without `~`, `..` and links; None for what is no path."""
    try:
        return os.path.realpath(Path(value).expanduser())
    except (OSError, ValueError, RuntimeError):
        return None


def folder_of(pattern: str) -> Path | None:
    """The folder that a grant names, without links; None for one that cannot be granted."""
    folder = real_path(pattern)
    if folder is None or Path(os.path.realpath(Path.home())).is_relative_to(folder):
        return None
    return Path(folder)


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
    paths = {name: _placed(value, granted) for name, value in given.items() if isinstance(value, str) and value}
    if not given[resource.argument] and len(granted) == 1:
        paths[resource.argument] = str(granted[0])
    return {**arguments, **paths}


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
