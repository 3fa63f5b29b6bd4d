"""The shell in Textual's pilot, on a real kernel in this process with a scripted engine."""

import asyncio
import contextlib
import os
import time
from contextlib import asynccontextmanager

import pytest
from textual.pilot import WaitForScreenTimeout

from llmos.contracts import Chunk, Usage
from llmos.http.address import Address, announce, withdraw
from llmos.shell.app import Shell
from llmos.shell.link import Link
from llmos.testing import ScriptedEngine
from tests.http.conftest import World

DEADLINE_SECONDS = 20


async def until(holds):
    """Wait for what no event tells."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class Paced(ScriptedEngine):
    """Says one piece, and the rest when `go_on` is set."""

    def __init__(self, first, rest):
        super().__init__([])
        self.pieces, self.go_on = (first, rest), asyncio.Event()

    async def stream(self, request):
        self.requests.append(request)
        yield Chunk(self.pieces[0])
        await self.go_on.wait()
        yield Chunk(self.pieces[1])
        yield Chunk(finish="stop", usage=Usage(1, 2))


class Slow(Link):
    """A line to a kernel that is reached when `go_on` is set."""

    def __init__(self, home):
        super().__init__(home)
        self.go_on = asyncio.Event()

    async def connect(self):
        await self.go_on.wait()
        await super().connect()


class Screen:
    """A shell under test, and what a person sees of it."""

    def __init__(self, shell, pilot):
        self.shell, self.pilot = shell, pilot

    @property
    def text(self):
        return "\n".join(strip.text.rstrip() for strip in self.shell.screen._compositor.render_strips())

    @property
    def tab(self):
        return self.shell.conversation

    async def until(self, holds, what="what was waited for"):
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not holds():
            assert time.monotonic() < deadline, f"{what} did not come:\n{self.text}"
            await self.pilot.pause(0.02)

    async def sees(self, *texts):
        await self.until(lambda: all(text in self.text for text in texts), " and ".join(texts))

    async def answered(self):
        await self.until(lambda: self.tab.pid is not None and not self.tab.record.busy, "the answer")
        with contextlib.suppress(WaitForScreenTimeout):  # the pilot waits in vain for a widget that has gone meanwhile
            await self.pilot.pause()

    async def say(self, text):
        self.tab.prompt.put(text)
        await self.pilot.press("enter")

    async def type(self, text):
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))


class Place:
    """A state folder with a kernel that any number of shells may look at."""

    def __init__(self, world, folder):
        self.world, self.folder = world, folder
        self.script = world.script

    @property
    def home(self):
        return self.world.home

    async def boot(self):
        await self.world.boot()
        announce(self.home, Address(self.world.control.url, "t", os.getpid()))

    @asynccontextmanager
    async def shell(self, size=(80, 24), link=None, **options):
        link = link or Link(self.home)
        shell = Shell(link, self.folder, offers_model=options.pop("offers_model", False))
        async with shell.run_test(size=size, notifications=True) as pilot:
            screen = Screen(shell, pilot)
            if options.pop("ready", True):
                await screen.until(shell.ready.is_set, "the kernel")
            yield screen
        await link.close()

    async def processes(self):
        return (await self.world.api.get("/processes")).json()


@pytest.fixture
async def place(tmp_path):
    home, folder = tmp_path / "home", tmp_path / "folder"
    home.mkdir()
    folder.mkdir()
    place = Place(World(home), folder)
    await place.boot()
    yield place
    await place.world.shutdown()
    withdraw(home)
