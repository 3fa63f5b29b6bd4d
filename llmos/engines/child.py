"""A process that runs an engine: started, waited for, watched, ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Protocol

GOODBYE_SECONDS = 5.0
LOG_TAIL_BYTES = 4096
# How often OpenMP's threads look for each other before they sleep. Its default of millions wins 5 % on an idle
# machine and costs two thirds of the speed on a busy one, where a spinning thread keeps the awaited one from running.
SPINS = "20000"

KERNELS_OWN = "OPENBLAS_NUM_THREADS"  # the kernel has one thread for numpy; an engine has its own settings


class EngineSettings(Protocol):
    """A dataclass that reaches the engine's process as JSON."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def model(self) -> str: ...

    @property
    def key(self) -> str: ...


class EngineProcess:
    """One life of the engine. Its log is written anew, so that its end explains its death."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, module: str, settings: EngineSettings, log: Path) -> EngineProcess:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as stderr:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", module),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                env={"GOMP_SPINCOUNT": SPINS, **{name: os.environ[name] for name in os.environ if name != KERNELS_OWN}},
                start_new_session=True,  # Ctrl-C is for the kernel, which may have an answer to finish
            )
        assert process.stdin
        # on the pipe, not in the arguments, where other users of the machine would read the key
        process.stdin.write(json.dumps(asdict(settings)).encode() + b"\n")
        return cls(process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def address(self) -> str | None:
        """Where the engine listens, once its model is loaded; None if it ended instead."""
        assert self._process.stdout
        line = await self._process.stdout.readline()
        return json.loads(line)["address"] if line else None

    def alive(self) -> bool:
        """Asks the system where it can, since asyncio hears of a death a little later."""
        if self._process.returncode is not None or sys.platform != "linux":
            return self._process.returncode is None
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return False

    async def death(self, seconds: float) -> str | None:
        """How the process ended, in words, if it ends within `seconds`."""
        try:
            code = await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError:
            return None
        if code == -signal.SIGKILL:
            return "killed, as the system does when memory runs out"
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return f"{how}: {self._last_line()}"

    async def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), GOODBYE_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def first_error(self) -> str:
        """The line of the log that says why a start failed; those after it only repeat that it did."""
        for line in self._tail():
            _time_and_level, is_error, words = line.partition(" E ")
            if is_error:
                return words.partition(": ")[2]
        return self._last_line()

    def _last_line(self) -> str:
        return next(reversed(self._tail()), "it said nothing")

    def _tail(self) -> list[str]:
        with self._log.open("rb") as log:
            log.seek(max(0, self._log.stat().st_size - LOG_TAIL_BYTES))
            return log.read().decode("utf-8", "replace").splitlines()
