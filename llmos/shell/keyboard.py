"""When keys come, so that what takes long begins where no key waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import time

from textual.widget import Widget

WRITING_SECONDS = 0.6  # who pressed a key within it presses another soon
PATIENCE_SECONDS = 0.3
SHOWN_SECONDS = 0.008  # most keys are on the screen by then


class Keyboard:
    """One person's keys: the app tells each."""

    def __init__(self) -> None:
        self._pressed_at = float("-inf")
        self._pressed = asyncio.Event()

    def press(self) -> None:
        self._pressed_at = time.monotonic()
        self._pressed.set()

    @property
    def seconds_idle(self) -> float:
        return time.monotonic() - self._pressed_at

    async def gap(self) -> None:
        """While the person writes, the moment after the next key; else now. It is never long in coming."""
        if self.seconds_idle > WRITING_SECONDS:
            return
        self._pressed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._pressed.wait(), PATIENCE_SECONDS)
        await asyncio.sleep(SHOWN_SECONDS)


def keyboard_of(widget: Widget) -> Keyboard:
    """The shell's; in another app, one that nobody writes on."""
    keyboard = getattr(widget.app, "keyboard", None)
    return keyboard if isinstance(keyboard, Keyboard) else Keyboard()
