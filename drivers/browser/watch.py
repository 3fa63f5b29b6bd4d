"""Ends a page's process that takes too much memory. Address space cannot be limited: Chromium reserves terabytes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

SECONDS = 0.5
RENDERER = b"--type=renderer"


async def watch_memory(memory_mb: int) -> None:
    """Until cancelled. Where there is no /proc, nothing is watched."""
    page = os.sysconf("SC_PAGE_SIZE")
    while sys.platform == "linux":
        await asyncio.sleep(SECONDS)
        for pid in await asyncio.to_thread(_renderers, os.getpid()):
            with suppress(OSError, ValueError):
                if _own_pages(pid) * page > memory_mb * 2**20:
                    os.kill(pid, signal.SIGKILL)


def _own_pages(pid: int) -> int:
    resident, shared = (int(part) for part in Path(f"/proc/{pid}/statm").read_text().split()[1:3])
    return resident - shared


def _renderers(root: int) -> list[int]:
    """The processes under `root` that draw pages."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                parents[int(folder.name)] = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
    found: list[int] = []
    for pid in parents:
        ancestor = pid
        while ancestor in parents and ancestor != root:
            ancestor = parents[ancestor]
        if ancestor == root and pid != root:
            with suppress(OSError):
                if RENDERER in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
    return found
