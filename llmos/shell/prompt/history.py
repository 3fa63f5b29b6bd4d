"""What was typed before, in this session and earlier ones: one JSON string a line in the state folder."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

MAX_KEPT = 2_000
MAX_CHARS = 20_000


class History:
    """`entries` are oldest first. `back` and `forward` walk them, with the draft that was begun at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entries = _read(path)
        self._at = len(self.entries)
        self._draft = ""

    def add(self, text: str) -> None:
        """Remember a text, unless it is the last one again."""
        if text.strip() and self.entries[-1:] != [text] and len(text) <= MAX_CHARS:
            self.entries.append(text)
            self._append(text)
        self._at, self._draft = len(self.entries), ""

    def back(self, current: str) -> str | None:
        """The entry before; None at the oldest. `current` is what stands in the prompt."""
        if self._at == len(self.entries):
            self._draft = current
        if self._at == 0:
            return None
        self._at -= 1
        return self.entries[self._at]

    def forward(self) -> str | None:
        """The entry after, at last the draft; None when that is there already."""
        if self._at == len(self.entries):
            return None
        self._at += 1
        return self._draft if self._at == len(self.entries) else self.entries[self._at]

    def search(self, query: str, limit: int = 50) -> list[str]:
        """Entries that hold all words of the query, the newest first, each once."""
        words = query.lower().split()
        found = (entry for entry in reversed(self.entries) if all(word in entry.lower() for word in words))
        return list(dict.fromkeys(found))[:limit]

    def _append(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a full disk must not stop the talk
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), "a") as file:
                file.write(json.dumps(text) + "\n")


def _read(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    if len(lines) > 2 * MAX_KEPT:
        with contextlib.suppress(OSError):
            path.write_text("\n".join(lines[-MAX_KEPT:]) + "\n", "utf-8")
    return [text for line in lines[-MAX_KEPT:] if isinstance(text := _parsed(line), str)]


def _parsed(line: str) -> object:
    try:
        return json.loads(line)
    except ValueError:
        return None
