"""How the kernel is, in a few words in the top line: starting, the model that thinks, lost."""

from __future__ import annotations

import asyncio

from textual import work
from textual.content import Content
from textual.widgets import Static

from llmos.errors import LlmosError
from llmos.shell.link import Link, LinkState
from llmos.shell.text import one_line

STATES = {LinkState.LOST: "○ kernel lost, comes back …", LinkState.STARTING: "starts …"}
MAX_CHARS = 40


class KernelState(Static):
    DEFAULT_CSS = "KernelState { width: auto; height: 1; padding: 0 1; }"

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def say(self, state: str) -> None:
        self.update(Content(one_line(state, MAX_CHARS)))

    def follow(self, state: LinkState) -> None:
        """The line to the kernel has changed."""
        if state in STATES:
            self.say(STATES[state])
        else:
            self.name_model()

    @work(exclusive=True)
    async def name_model(self) -> None:
        """Ask until the engine is there; a model takes its time to load."""
        while True:
            try:
                engine = (await self._link.get("/status"))["engine"]
            except LlmosError:
                return
            if engine["healthy"] and engine.get("model"):
                self.say(f"● {engine['model']}")
                return
            self.say("loads the model …")
            await asyncio.sleep(1)
