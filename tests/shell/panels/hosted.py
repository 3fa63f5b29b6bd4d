"""A tiny app that shows one panel, a line to a real kernel in this process, and one that says what it was given."""

import asyncio
import time
from contextlib import asynccontextmanager

from textual.app import App
from textual.widgets import Footer

from llmos.contracts import Chunk
from llmos.shell.link import Link
from llmos.shell.panels import PANELS
from llmos.testing import ScriptedEngine

DEADLINE = 20
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07[bold red]mark[/] <script>x</script> \u202egnp.exe\u200b\r\nnext\u0301\u0301\u0301 "
    + "A" * 300_000
)


class WorldLink(Link):
    """The shell's own line, over the client of a World."""

    def __init__(self, world):
        super().__init__(world.home)
        self._world = world

    async def connect(self):
        self._http = self._world.api

    async def close(self):
        self._http = None  # the world closes it


class Still(Link):
    """Answers what it was given for a path, and hears nothing happen."""

    def __init__(self, answers):
        self.answers = answers

    async def get(self, path, **query):
        return self.answers[path]

    async def watch(self, after=None):
        yield {"seq": 0, "pid": 0, "at": 0.0, "kind": "watch.begun", "data": {"after": 0}}
        await asyncio.Event().wait()


class Stepwise(ScriptedEngine):
    """Writes on until it is let end."""

    def __init__(self, going):
        super().__init__(["done"] * 9)
        self._going = going

    async def stream(self, request):
        while not self._going.is_set():
            yield Chunk("word ")
            await asyncio.sleep(0.05)
        async for chunk in super().stream(request):
            yield chunk


class Host(App):
    CSS = "Panel { height: 1fr; }"

    def __init__(self, link, key):
        super().__init__()
        self.panel = PANELS[key](link)
        self.opened = []

    def compose(self):
        yield self.panel
        yield Footer()

    def on_mount(self):
        self.panel.focus()

    def on_open_process(self, message):
        self.opened.append(message.pid)

    def on_open_event(self, message):
        self.opened.append((message.pid, message.seq))


class Seat:
    """A person before the screen: what is shown, and keys."""

    def __init__(self, app, pilot):
        self.app, self.panel, self.pilot = app, app.panel, pilot

    @property
    def lines(self):
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    @property
    def screen(self):
        return "\n".join(self.lines)

    @property
    def keys(self):
        """What the footer offers."""
        return {binding.binding.description for binding in self.app.screen.active_bindings.values() if binding.enabled}

    async def press(self, *keys):
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition):
        deadline = time.monotonic() + DEADLINE
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"It did not come about. The screen:\n{self.screen}")
            await self.pilot.pause(0.02)

    async def sees(self, *texts):
        for text in texts:
            await self.until(lambda text=text: text in self.screen)

    async def loses(self, text):
        await self.until(lambda: text not in self.screen)

    def holds_its_layout(self):
        """Every line is as wide as the terminal, and nothing on it can act on one."""
        width = self.app.size.width
        for strip in self.app.screen._compositor.render_strips():
            assert strip.cell_length == width
            assert strip.text.isprintable()


@asynccontextmanager
async def seated(world, key, size=(80, 24)):
    link = WorldLink(world)
    await link.connect()
    app = Host(link, key)
    async with app.run_test(size=size) as pilot:
        yield Seat(app, pilot)
