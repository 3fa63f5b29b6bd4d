"""`llmos` without a command: the shell on a terminal, plain lines anywhere else."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from llmos.shell.link import Link


def start(home: Path, *, plain: bool) -> None:
    """Until the person leaves. Raises LlmosError where plain mode cannot go on."""
    if plain or not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        _plain(home, as_asked=plain)
        return
    from llmos.shell import keys
    from llmos.shell.app import Shell
    from llmos.shell.conversation.pictures import prepare

    prepare()
    keys.tell_alt_digits()
    shell = Shell(Link(home), owns_process=True)
    shell.run()
    if shell.goes_on_plainly:
        _plain(home, as_asked=True)


def _plain(home: Path, *, as_asked: bool) -> None:
    from llmos.shell.plain.lines import Lines

    asyncio.run(Lines(Link(home), sys.stdin, sys.stdout).run(once=not as_asked and not sys.stdin.isatty()))
