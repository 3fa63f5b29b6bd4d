"""`/talk`: `llmos talk` has the terminal until it ends; the shell stands still meanwhile, and its events go on."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from textual.app import App, SuspendNotSupported

from llmos.errors import UsageError

ENDED = (0, 130, -signal.SIGINT)  # by itself, or by Ctrl-C, which is how a talk ends


async def talk(shell: App[None], home: Path, app_name: str, options: str) -> None:
    """`options` are those of `llmos talk`. Raises UsageError where the terminal cannot be given away."""
    try:
        command = [sys.executable, "-m", "llmos.cli", "talk", app_name, *shlex.split(options)]
    except ValueError as error:
        raise UsageError(f"/talk takes the options of `llmos talk`: {error}.") from error
    try:
        with shell.suspend(), shell.batch_update(), _interrupts_the_other():
            done = await asyncio.to_thread(
                subprocess.run, command, env={**os.environ, "LLMOS_HOME": str(home)}, check=False
            )
            if done.returncode not in ENDED:
                await asyncio.to_thread(input, "\nEnter goes back to the shell. ")
    except SuspendNotSupported as error:
        raise UsageError(
            f"This terminal cannot be given to another program; type `llmos talk {app_name}` in one of your own."
        ) from error


@contextmanager
def _interrupts_the_other() -> Iterator[None]:
    """Ctrl-C reaches every program of the terminal, and is not meant for the shell."""
    before = signal.signal(signal.SIGINT, lambda *_: None)  # ignored, it would be so for the other program too
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
