"""The source files of a front end, read within bounds. Nothing is executed, and no link out of the folder followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from llmos.errors import UsageError

MAX_FILES = 500
MAX_FILE_BYTES = 512 * 1024
MAX_TOTAL_BYTES = 4 * 2**20
MAX_LISTED = 20_000  # names looked at, whatever they are
PAGES = frozenset({".html", ".htm", ".vue", ".svelte"})
SCRIPTS = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx"})
SKIPPED_FOLDERS = frozenset({"node_modules", "bower_components", "vendor", "coverage", "__tests__", "__mocks__"})
SKIPPED_ENDINGS = (".min.js", ".d.ts", ".test.", ".spec.", ".stories.", ".config.")


@dataclass
class Sources:
    """Texts by their path in the folder, and what was left out and why."""

    texts: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def pages(self) -> dict[str, str]:
        return {name: text for name, text in self.texts.items() if Path(name).suffix.lower() in PAGES}

    @property
    def scripts(self) -> dict[str, str]:
        return {name: text for name, text in self.texts.items() if Path(name).suffix.lower() in SCRIPTS}


def read_folder(folder: Path) -> Sources:
    """Raises UsageError when the folder cannot be listed."""
    sources, total = Sources(), 0
    within = folder.parent if folder.is_file() else folder
    root = within.resolve()
    for path in _candidates(folder):
        name = path.relative_to(within).as_posix()
        if not path.resolve().is_relative_to(root):
            sources.notes.append(f"{name} is a link out of the folder and was not followed.")
        elif len(sources.texts) >= MAX_FILES or total >= MAX_TOTAL_BYTES:
            sources.notes.append(
                f"Only the first {len(sources.texts)} files were read, up to {name}; name the folder of the calls."
            )
            break
        elif (text := _text(path, name, sources.notes)) is not None:
            sources.texts[name] = text
            total += len(text)
    return sources


def _candidates(folder: Path) -> Iterator[Path]:
    """Files that may hold calls, by name, so that every run reads the same ones. A single file is a folder of one."""
    if folder.is_file() and folder.suffix.lower() in PAGES | SCRIPTS:
        yield folder
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder that can be read; name the front end's folder or an OpenAPI file.")
    listed = 0
    for parent, folders, files in os.walk(folder):  # which does not follow links
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith("."))
        for name in sorted(files):
            listed += 1
            if listed > MAX_LISTED:
                return
            wanted = Path(name).suffix.lower() in PAGES | SCRIPTS and not name.startswith(".")
            if wanted and not any(ending in name.lower() for ending in SKIPPED_ENDINGS):
                yield Path(parent) / name


def _text(path: Path, name: str, notes: list[str]) -> str | None:
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > MAX_FILE_BYTES:
            notes.append(f"{name} is larger than {MAX_FILE_BYTES // 1024} KiB and was not read.")
            return None
        data = path.read_bytes()
        if b"\0" in data:
            raise ValueError
        return data.decode("utf-8-sig")
    except ValueError:
        notes.append(f"{name} is no text and was not read.")
    except OSError as error:
        notes.append(f"{name} was not read: {error.strerror}.")
    return None
