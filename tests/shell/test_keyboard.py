"""What takes long waits for the moment after a key, but never for long."""

import asyncio
import time

import pytest
from textual.app import App
from textual.widgets import Static

from llmos.shell.keyboard import PATIENCE_SECONDS, SHOWN_SECONDS, Keyboard, keyboard_of


async def test_where_nobody_writes_there_is_a_gap_at_once():
    await asyncio.wait_for(Keyboard().gap(), 0.1)


async def test_who_writes_is_waited_for_until_the_next_key_is_shown():
    keyboard = Keyboard()
    keyboard.press()
    gap = asyncio.create_task(keyboard.gap())
    await asyncio.sleep(PATIENCE_SECONDS / 10)
    assert not gap.done()
    keyboard.press()
    await asyncio.sleep(0)
    assert not gap.done()
    await gap
    assert keyboard.seconds_idle >= SHOWN_SECONDS * 0.9


async def test_a_person_who_stops_writing_keeps_nothing_waiting():
    keyboard = Keyboard()
    keyboard.press()
    started = time.monotonic()
    await asyncio.wait_for(keyboard.gap(), 10 * PATIENCE_SECONDS)
    assert time.monotonic() - started >= PATIENCE_SECONDS * 0.9


class Pressed(App[None]):
    def __init__(self, keyboard):
        super().__init__()
        self.keyboard = keyboard

    def compose(self):
        yield Static()


@pytest.mark.parametrize("keyboard", [Keyboard(), None])
async def test_a_widget_finds_the_keyboard_of_its_app(keyboard):
    app = Pressed(keyboard)
    async with app.run_test():
        found = keyboard_of(app.query_one(Static))
    assert found is keyboard or (keyboard is None and found.seconds_idle > 1_000)
