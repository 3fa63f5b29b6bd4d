"""A session: one interpreter whose variables live from call to call, and a folder that outlives the interpreter.

Between calls the interpreter is stopped and whatever else the code started is ended, so nothing goes on that nobody
waits for. A call that takes too long is interrupted as Ctrl-C would; only code that does not heed that costs the
variables.
"""

from __future__ import annotations

import json
import shutil
import signal
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from drivers.python import walls
from drivers.python.guard import Guard
from drivers.python.piped import Piped, Printed

GUARD_SECONDS = 0.3


@dataclass
class Outcome:
    """`told` is the interpreter's answer, as `interpreter.py` has it, or nothing; `stopped` is why the call was ended.

    `lost` when the interpreter has ended, and the variables with it; `emptied` when the files are gone too.
    """

    printed: Printed = field(default_factory=Printed)
    told: dict[str, Any] = field(default_factory=dict)
    stopped: str = ""
    lost: bool = False
    emptied: bool = False
    exit_code: int | None = None


class Session:
    """One call at a time."""

    def __init__(self, root: Path, guard: Guard) -> None:
        self.used = time.monotonic()
        self._folder = Path(tempfile.mkdtemp(prefix="session-", dir=root))
        self._guard = guard
        self._interpreter: Piped | None = None
        self._num_runs = 0
        self._calling = threading.Lock()

    @property
    def busy(self) -> bool:
        return self._calling.locked()

    def run(self, code: str, given_up: threading.Event) -> Outcome:
        """Run code in the interpreter, which is started when there is none."""
        with self._calling:
            self._make_folders()
            if self._interpreter is None:
                self._interpreter = self._guard.start(partial(walls.interpreter, self._folder))
            outcome, interpreter = Outcome(), self._interpreter
            self._num_runs += 1
            asked = {"code": code, "name": f"<run {self._num_runs}>"}
            interpreter.signal(signal.SIGCONT)
            answer = b""
            if interpreter.ask(json.dumps(asked).encode() + b"\n"):
                answer = self._follow(interpreter, outcome, given_up, asked["name"])
            interpreter.signal(signal.SIGSTOP)
            outcome.told = _parsed(answer)
            self._settle(interpreter, outcome)
            if outcome.lost:
                self._interpreter = None
            return outcome

    def shell(self, command: str, given_up: threading.Event) -> Outcome:
        """Run a shell command in the session's folder, in a sandbox of its own."""
        with self._calling:
            self._make_folders()
            shell = self._guard.start(partial(walls.shell, command, self._folder))
            outcome = Outcome(lost=True)
            self._follow(shell, outcome, given_up, "")
            self._settle(shell, outcome)
            outcome.lost = False
            return outcome

    def close(self) -> None:
        """End the interpreter and delete the folder."""
        with self._calling:
            if self._interpreter is not None:
                self._guard.end(self._interpreter)
                self._interpreter = None
            shutil.rmtree(self._folder, ignore_errors=True)

    def _follow(self, program: Piped, outcome: Outcome, given_up: threading.Event, name: str) -> bytes:
        """The answer to the run of this name; one to an earlier run, which the code broke off itself, is none."""
        looked = time.monotonic()

        def excess() -> str:
            nonlocal looked
            if time.monotonic() - looked < GUARD_SECONDS:
                return ""
            looked = time.monotonic()
            return self._guard.excess(self._folder, program)

        def is_answer(line: bytes) -> bool:
            return _parsed(line).get("name") == name

        answer, outcome.stopped = program.follow(outcome.printed, is_answer, given_up.is_set, excess)
        return answer

    def _settle(self, program: Piped, outcome: Outcome) -> None:
        """Leave the session as the next call may find it: nothing goes on, and the folder is within its limits."""
        outcome.emptied = bool(excess := self._guard.excess(self._folder, program))
        outcome.stopped = excess or outcome.stopped
        outcome.lost |= not outcome.told or outcome.emptied or not self._guard.end_others(program)
        if outcome.lost:
            outcome.exit_code = self._guard.end(program)
        if outcome.emptied:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _make_folders(self) -> None:
        """What the code may have deleted, or put a link or a file in place of. Nothing of it runs meanwhile."""
        for folder in (self._folder, self._folder / "work", self._folder / "tmp"):
            if folder.is_symlink() or folder.is_file():
                folder.unlink()
            folder.mkdir(exist_ok=True, mode=0o700)


def _parsed(answer: bytes) -> dict[str, Any]:
    """What an interpreter says is the code's own word; what is no object says nothing."""
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
