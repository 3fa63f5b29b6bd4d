"""What the shell remembers of itself: which tabs were open, and the theme. Losing it loses nothing."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from llmos.contracts import Json


class Preferences:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._values = _read(path)

    def pids(self) -> list[int]:
        """The processes whose tabs were open."""
        pids = self._values.get("pids")
        return [pid for pid in pids if isinstance(pid, int)] if isinstance(pids, list) else []

    def shown(self) -> int | None:
        """The process whose tab was on the screen."""
        pid = self._values.get("shown")
        return pid if isinstance(pid, int) else None

    def theme(self) -> str:
        theme = self._values.get("theme")
        return theme if isinstance(theme, str) else ""

    def keep(self, **values: Json) -> None:
        if any(self._values.get(key) != value for key, value in values.items()):
            self._values |= values
            with contextlib.suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._path.write_text(json.dumps(self._values), "utf-8")


def _read(path: Path) -> dict[str, Json]:
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
