"""A tiny app that shows one panel, and the shell's line to a kernel in this process."""

import json

from textual.app import App
from textual.widgets import Footer

from llmos.errors import LlmosError
from llmos.shell.link import Link
from llmos.shell.panels import PANELS, OpenEvent, OpenProcess


class WorldLink(Link):
    """The same requests over the client of a World."""

    def __init__(self, world):
        super().__init__(world.home)
        self._world = world

    async def connect(self):
        self._http = self._world.api

    async def close(self):
        self._http = None  # the world closes it


class Host(App):
    CSS = "Screen { layout: vertical; } Panel { height: 1fr; }"

    def __init__(self, link, key):
        super().__init__()
        self.link = link
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


__all__ = ["Host", "LlmosError", "OpenEvent", "OpenProcess", "WorldLink", "json"]
