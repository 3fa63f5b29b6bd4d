"""A kernel in a process of its own, whose engine writes Markdown at a steady pace."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import sys
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

from llmos.contracts import ChatRequest, Chunk, Usage
from llmos.http.address import Address, announce
from llmos.http.control import control_api
from llmos.http.guard import LOOPBACK, Guard
from llmos.http.listener import Listener
from llmos.http.sites import Sites
from llmos.kernel.drivers import DriverHost
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat
from llmos.testing import ScriptedEngine

TOKEN = "bench"
APP = "writer"  # without tools, so that no driver is needed
WORDS = ["bread", "salt", "water", "oven", "crumb", "flour", "yeast", "morning", "table", "window", "garden", "river"]


class Steady(ScriptedEngine):
    """Writes `rate` tokens a second, `num_tokens` in all."""

    def __init__(self, rate: float, num_tokens: int) -> None:
        super().__init__([])
        self._rate, self._num_tokens = rate, num_tokens

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, token in enumerate(itertools.islice(tokens(), self._num_tokens)):
            yield Chunk(token)
            await asyncio.sleep(max(0, began + (number + 1) / self._rate - loop.time()))
        yield Chunk(finish="stop", usage=Usage(10, self._num_tokens))


def tokens(seed: int = 1) -> Iterator[str]:
    """An endless text of headings, paragraphs, lists, code and tables, a word at a time."""
    chance = random.Random(seed)
    for number in itertools.count(1):
        words = [f"{chance.choice(WORDS)}{chance.randrange(99)}" for _ in range(60)]
        yield f"## Part {number}\n\n"
        yield from (f"{word} " for word in words[:30])
        yield "\n\n"
        yield from (f"- {word} and *more*\n" for word in words[30:36])
        yield "\n```python\n"
        yield from (f"{word} = {at}\n" for at, word in enumerate(words[36:48]))
        yield "```\n\n| what | how much |\n| --- | --- |\n"
        yield from (f"| {word} | {at} |\n" for at, word in enumerate(words[48:54]))
        yield "\n"


def fill(kernel: Kernel, num_messages: int) -> int:
    """A conversation that has gone on for long; returns its pid."""
    pid = kernel.spawn(APP, session=True).pid
    text = "".join(itertools.islice(tokens(), 90))
    with kernel.journal.transaction():
        for number in range(num_messages // 2):
            kernel.post(pid, f"Question {number}")
            answer = {"purpose": "step", "text": f"{text}{number}", "finish": "stop", "tokens": 90}
            kernel.record(pid, "engine.request", {"purpose": "step"})
            kernel.record(pid, "engine.answer", answer | {"prompt_tokens": 9, "cached_tokens": 0, "seconds": 1.0})
            kernel.record(pid, "process.answered", {"result": {"text": f"{text}{number}"}})
    return pid


def _install(home: Path) -> None:
    folder = home / "apps" / APP
    folder.mkdir(parents=True)
    (folder / "app.toml").write_text(f'name = "{APP}"\ntitle = "Writer"\nkind = "chat"\nsummary = "Writes."\n')
    (folder / "prompt.md").write_text("Write.\n")


async def serve(home: Path, rate: float, num_tokens: int, num_messages: int) -> None:
    """Until standard input ends. Says the pid of the long conversation, once it listens."""
    kernel = Kernel(home, Steady(rate, num_tokens), DriverHost({}, home / "logs"), {"chat": run_chat})
    _install(home)
    kernel.start()
    sites = Sites(kernel)
    api = Guard(control_api(kernel, sites, lambda: None), hosts=LOOPBACK, token=TOKEN)
    control = Listener(api, "127.0.0.1", 0)
    pid = fill(kernel, num_messages)
    announce(home, Address(control.url, TOKEN, os.getpid()))
    sys.stdout.write(f"{pid}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await control.close()
    await kernel.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
