"""Ends what runs in the sandbox when the driver is gone, however it went: `keeper.py FOLDER`, on a pipe from it.

It stands outside the sandbox, in a process group of its own, and is told each program's group as it starts (`+12`) and
ends (`-12`). No program of the sandbox can leave its group. Imports nothing of the driver.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import suppress


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when the pipe does
    groups: set[int] = set()
    for line in sys.stdin:
        (groups.add if line.startswith("+") else groups.discard)(int(line[1:]))
    for group in groups:
        with suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
