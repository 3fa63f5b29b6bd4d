"""A terminal that nobody sits at: keys go in by a call, and what is written to it is looked at."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from textual import events
from textual.driver import Driver
from textual.geometry import Size

if TYPE_CHECKING:
    from textual.app import App

SIZE = (120, 40)


class Terminal(Driver):
    """Not headless, so that everything is drawn and encoded as for a real one."""

    def __init__(self, app: App[object], **options: object) -> None:
        super().__init__(app, size=SIZE)
        self.num_bytes = 0
        self._awaited = ""
        self._seen = asyncio.Event()

    async def press(self, letter: str) -> float:
        """Seconds from the key to the first output that shows the letter."""
        self._awaited = letter
        self._seen.clear()
        started = time.perf_counter()
        self.process_message(events.Key(letter, letter))
        await self._seen.wait()
        return time.perf_counter() - started

    def write(self, data: str) -> None:
        self.num_bytes += len(data)
        if self._awaited and self._awaited in data:
            self._awaited = ""
            self._seen.set()

    def start_application_mode(self) -> None:
        size = Size(*SIZE)
        self._app.post_message(events.Resize(size, size))

    def disable_input(self) -> None:
        """Nobody types by themselves."""

    def stop_application_mode(self) -> None:
        """Nothing to restore."""
