"""The sessions at work, one for each process of the caller, and no more than a few at a time."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

from drivers.python.guard import Guard
from drivers.python.session import Session

MAX_SESSIONS = 4
IDLE_SECONDS = 1800.0


class Sessions:
    """Their folders lie under one folder, which is deleted with `close`."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="llmos-sessions-"))
        self._guard = Guard(self._root)
        self._sessions: dict[str, Session] = {}
        self._choosing = threading.Lock()

    def of(self, process: str) -> Session:
        """The session of a process. Those that nobody has used for long are ended, then the one longest unused."""
        with self._choosing:
            found = self._sessions.get(process)
            if found is None:
                self._make_room()
                found = self._sessions[process] = Session(self._root, self._guard)
            found.used = time.monotonic()
            return found

    def close(self) -> None:
        with self._choosing:
            for session in self._sessions.values():
                session.close()
            self._sessions.clear()
            self._guard.close()

    def _make_room(self) -> None:
        free = sorted((s.used, name) for name, s in self._sessions.items() if not s.busy)
        old = [name for used, name in free if time.monotonic() - used > IDLE_SECONDS]
        over = len(self._sessions) - len(old) - MAX_SESSIONS + 1
        longest_unused = [name for _, name in free if name not in old][: max(0, over)]
        for name in [*old, *longest_unused]:
            self._sessions.pop(name).close()
