"""Files in what a person types: `@photo.jpg`, `@"two words.png"`, completion of paths, and dragged paths."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

MAX_LISTED = 60
MENTION = re.compile(r'(?:(?<=\s)|^)@(?:"([^"\n]+)"|(\S+))')
OPEN_MENTION = re.compile(r'(?:(?<=\s)|^)@("[^"\n]*|[^\s"]*)$')


def taken_out(text: str, folder: Path) -> tuple[str, list[Path]]:
    """The text with each mention of an existing file as that file's name, and the files. Other mentions stay."""
    files: list[Path] = []

    def named(found: re.Match[str]) -> str:
        path = placed(found[1] or found[2], folder)
        if path is None:
            return found[0]
        files.append(path)
        return path.name

    return MENTION.sub(named, text), files


def placed(name: str, folder: Path) -> Path | None:
    """The file of that name, seen from `folder`; None when there is none."""
    try:
        path = (folder / Path(name).expanduser()).resolve()
        return path if path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def mention(path: Path | str) -> str:
    """How a file is mentioned."""
    return f'@"{path}"' if re.search(r"\s", str(path)) else f"@{path}"


def open_mention(before: str) -> str | None:
    """What of a path has been typed after an @, where the cursor stands in one."""
    found = OPEN_MENTION.search(before)
    return found[1].removeprefix('"') if found else None


def completions(typed: str, folder: Path) -> list[str]:
    """Paths that begin with what was typed; folders end with a slash. The case does not matter."""
    head, slash, start = typed.rpartition("/")
    try:
        where = (folder / Path(f"{head}/" if slash else ".").expanduser()).resolve()
        found = sorted(where.iterdir(), key=lambda path: (not path.is_dir(), path.name.lower()))
    except (OSError, ValueError, RuntimeError):
        return []
    listed = [path for path in found if path.name.lower().startswith(start.lower()) and _wanted(path.name, start)]
    return [f"{head}{slash}{path.name}{'/' if path.is_dir() else ''}" for path in listed[:MAX_LISTED]]


def dragged(text: str) -> list[Path]:
    """The files that a pasted text names and nothing else, as terminals paste what is dropped on them; else none."""
    if not text.strip() or len(text) > 20_000:
        return []
    try:
        words = [text.strip()] if "\n" not in text.strip() and Path(text.strip()).is_file() else shlex.split(text)
        paths = [Path(_plain(word)).expanduser() for word in words]
        return paths if all(path.is_absolute() and path.is_file() for path in paths) else []
    except (OSError, ValueError, RuntimeError):
        return []


def _plain(word: str) -> str:
    return unquote(urlsplit(word).path) if word.startswith("file://") else word


def _wanted(name: str, start: str) -> bool:
    return name.isprintable() and (not name.startswith(".") or start.startswith("."))
