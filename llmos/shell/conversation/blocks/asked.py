"""A question to the person: exactly what will happen, and a key for each choice."""

from __future__ import annotations

import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from llmos.shell.choice import keyed
from llmos.shell.conversation.arguments import written
from llmos.shell.conversation.blocks.arguments import Arguments
from llmos.shell.conversation.blocks.block import Block, card
from llmos.shell.conversation.items import Asked
from llmos.shell.text import clean, one_line

GUARD_SECONDS = 0.5  # a key that was on its way to the prompt decides nothing
MEANINGS = {
    "once": "this time only",
    "process": "for this process",
    "always": "for this app, until it is revoked",
    "no": "do not do it",
    "repeat": "do it again",
    "happened": "it took effect",
    "stop": "stop the process",
}


class AskedBlock(Block):
    DEFAULT_CSS = (
        card("AskedBlock", "$warning", "ansi_yellow")
        + """
    AskedBlock {
        .question { text-style: bold; }
        .what { height: auto; max-height: 33vh; margin: 0 0 0 2; }
        .choices { color: $text-muted; margin: 1 0 0 0; }
    }
    AskedBlock.settled, AskedBlock.settled:ansi { border: none; border-left: blank; padding: 0 1 0 0;
        .what { display: none; }
        .question { text-style: none; color: $text-muted; }
        .choices { margin: 0; }
    }
    AskedBlock.settled:focus { border: none; border-left: outer $accent; }
    AskedBlock.settled:ansi:focus { border: none; border-left: thick ansi_bright_blue; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "read(-1)", "Read up", show=False),
        Binding("down", "read(1)", "Read down", show=False),
    ]

    class Chosen(Message):
        def __init__(self, item: Asked, choice: str) -> None:
            super().__init__()
            self.item, self.choice = item, choice

    item: Asked

    def __init__(self, item: Asked) -> None:
        self._told = Static(classes="choices")
        super().__init__(item)
        self._since = time.monotonic()
        self.keys = choice_keys(item.choices)
        for key, choice in self.keys.items():
            self._bindings.bind(key, f"choose({choice!r})", one_line(choice, 20))

    def compose(self) -> ComposeResult:
        item = self.item
        yield Static(Content(clean(item.text)), classes="question")
        with VerticalScroll(classes="what", can_focus=False):
            yield Static(Content(one_line(item.tool)), classes="question")
            yield Arguments(item.arguments)
        yield self._told

    async def on_mount(self) -> None:
        await self.changed()

    def on_focus(self) -> None:
        self._since = time.monotonic()

    async def changed(self) -> None:
        self.set_class(not self.item.open, "settled")
        self._told.update(self._choices())

    def copied(self) -> str:
        return f"{self.item.tool}\n{written(self.item.arguments)}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.item.open if action == "choose" else True

    def action_choose(self, choice: str) -> None:
        if time.monotonic() - self._since >= GUARD_SECONDS:
            self.post_message(self.Chosen(self.item, choice))

    def action_read(self, by: int) -> None:
        """Scroll what will happen; past its end, go on to the next block."""
        what = self.query_one(".what", VerticalScroll)
        if (by < 0 < what.scroll_y) or (by > 0 and what.scroll_y < what.max_scroll_y):
            what.scroll_relative(y=by, animate=False)
        else:
            self.action_step(by)

    def _choices(self) -> Content:
        item = self.item
        if item.choice:
            who = "" if item.by == "user" else f" by {one_line(item.by, 30)}"
            return Content(f"→ {one_line(item.choice, 40)}{who}")
        if item.closed:
            return Content("→ no longer asked")
        return told_choices(self.keys)


def choice_keys(choices: tuple[str, ...]) -> dict[str, str]:
    """A key for each choice: its first letter where that is known to be its own, else its number."""
    if set(choices) <= set(MEANINGS):
        return {choice[0]: choice for choice in choices}
    return {str(number): choice for number, choice in enumerate(choices[:9], 1)}


def told_choices(keys: dict[str, str]) -> Content:
    """A line for each choice: its key, and what it means."""
    return keyed((key, one_line(choice, 60), MEANINGS.get(choice, "")) for key, choice in keys.items())
