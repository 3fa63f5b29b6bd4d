"""Keystroke to screen while tokens stream, and memory and time of a long conversation."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from itertools import islice
from pathlib import Path

from llmos.bench.shell.kernel import APP, tokens
from llmos.bench.shell.terminal import Terminal
from llmos.contracts import Json
from llmos.shell.app import Shell
from llmos.shell.conversation.outbox import Outgoing
from llmos.shell.conversation.view import Conversation
from llmos.shell.link import Link

LETTERS = "αβγδεζηθικλμνξοπρστυφχψω"  # the streamed text has none of them
SECONDS_BETWEEN_KEYS = (0.06, 0.24)  # a quick typist, who keeps no time
PATIENCE_SECONDS = 60


async def bench_shell(rate: int, seconds: int, num_messages: int) -> dict[str, Json]:
    """All of it, on a kernel of its own."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        async with _kernel(home, rate, rate * (seconds + 5), num_messages) as long_pid:
            idle, typing, received = await _typing(home, seconds, rate)
            memory = await _long(home, long_pid, num_messages)
    return {"rate": rate, "seconds": seconds, "received_rate": received, "idle": idle, "streaming": typing} | memory


@asynccontextmanager
async def _kernel(home: Path, rate: int, num_tokens: int, num_messages: int) -> AsyncIterator[int]:
    command = [sys.executable, "-m", "llmos.bench.shell.kernel", str(home), *map(str, (rate, num_tokens, num_messages))]
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def _shell(home: Path) -> AsyncIterator[tuple[Shell, Terminal]]:
    shell = Shell(Link(home), offers_model=False, owns_process=True)
    shell.driver_class = Terminal
    running = asyncio.create_task(shell.run_async(mouse=False))
    try:
        await asyncio.wait_for(shell.ready.wait(), PATIENCE_SECONDS)
        assert isinstance(shell._driver, Terminal)
        yield shell, shell._driver
    finally:
        shell.exit()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await shell.link.close()


async def _typing(home: Path, seconds: int, rate: int) -> tuple[Json, Json, float]:
    """Key to screen without and with a stream, and the tokens a second that arrived."""
    async with _shell(home) as (shell, terminal):
        await asyncio.sleep(1)
        idle = await _type(shell, terminal, seconds / 4)
        tab = await _opened(shell, None)
        tab.send(Outgoing("Write."))
        await _until(lambda: tab.record.last_answer() is not None)
        answer = tab.record.last_answer()
        assert answer is not None
        before, started = len(answer.text), time.perf_counter()
        streaming = await _type(shell, terminal, seconds)
        sample = list(islice(tokens(), 1000))
        chars = len(answer.text) - before
        received = chars / len("".join(sample)) * len(sample) / (time.perf_counter() - started)
        await shell.link.delete(f"/processes/{tab.pid}")
        return idle, streaming, round(received, 1)


async def _type(shell: Shell, terminal: Terminal, seconds: float) -> Json:
    area, taken = shell.conversation.prompt.area, []
    until, chance = time.perf_counter() + seconds, random.Random(1)
    number = 0
    while time.perf_counter() < until:
        if number % len(LETTERS) == 0:
            area.clear()
            await asyncio.sleep(chance.uniform(*SECONDS_BETWEEN_KEYS))
        async with asyncio.timeout(PATIENCE_SECONDS):
            taken.append(await terminal.press(LETTERS[number % len(LETTERS)]))
        number += 1
        await asyncio.sleep(chance.uniform(*SECONDS_BETWEEN_KEYS))
    area.clear()
    ordered = sorted(1000 * value for value in taken)
    p50, p95 = statistics.median(ordered), ordered[int(0.95 * len(ordered))]
    return {"keys": len(taken), "p50_ms": round(p50, 1), "p95_ms": round(p95, 1), "max_ms": round(ordered[-1], 1)}


async def _long(home: Path, pid: int, num_messages: int) -> dict[str, Json]:
    """What a conversation of many messages costs to open and to have open."""
    async with _shell(home) as (shell, terminal):
        await asyncio.sleep(1)
        before, started = _memory_mb(), time.perf_counter()
        tab = await _opened(shell, pid)
        await _until(lambda: bool(tab.transcript.blocks))
        opened = time.perf_counter() - started
        await asyncio.sleep(1)
        keys = await _type(shell, terminal, 3)
        return {
            "messages": num_messages,
            "open_seconds": round(opened, 2),
            "widgets": len(tab.query("*")),
            "memory_mb": round(_memory_mb() - before, 1),
            "whole_memory_mb": round(_memory_mb(), 1),
            "long": keys,
        }


async def _opened(shell: Shell, pid: int | None) -> Conversation:
    """A tab of the writer, opened by the shell itself."""
    count = len(shell.conversations)
    shell.later(partial(shell.open, APP, pid=pid))
    await _until(lambda: len(shell.conversations) > count and shell.conversation is shell.conversations[-1])
    return shell.conversation


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 (there is no event for it)
            await asyncio.sleep(0.02)


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
