"""What went wrong, what came of a process that is no talk, and lines beside the talk."""

from __future__ import annotations

import json
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from llmos.contracts import Json
from llmos.shell.conversation.blocks.answer import AnswerBlock
from llmos.shell.conversation.blocks.arguments import Arguments
from llmos.shell.conversation.blocks.block import Block, card
from llmos.shell.conversation.items import Finished, Note, Trouble
from llmos.shell.text import clean, one_line


class TroubleBlock(Block):
    DEFAULT_CSS = card("TroubleBlock", "$error", "ansi_red") + "TroubleBlock .hint { color: $text-muted; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "retry", "Try again")]

    item: Trouble

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(("✗ ", "bold"), clean(self.item.sentence)))
        if self.item.retry:
            yield Static(Content("r tries it again · e on your message changes it first"), classes="hint")

    def copied(self) -> str:
        return self.item.sentence

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.item.retry if action == "retry" else True

    def action_retry(self) -> None:
        self.post_message(AnswerBlock.Retry())


class FinishedBlock(Block):
    """A website can be opened from here."""

    DEFAULT_CSS = card("FinishedBlock", "$success", "ansi_green") + "FinishedBlock .hint { color: $text-muted; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("s", "serve", "Serve it")]

    class Serve(Message):
        def __init__(self, app_name: str) -> None:
            super().__init__()
            self.app_name = app_name

    item: Finished

    def compose(self) -> ComposeResult:
        if not self._site:
            yield Arguments(self.item.result)
            return
        title, elements = one_line(str(self.item.result["title"]), 80), self.item.result["elements"]
        yield Static(Content.assemble("✓ ", (title, "bold"), f": {elements} elements became the app {self._site}"))
        for doubt in self.item.result.get("doubts", ()):
            yield Static(Content(f"? {one_line(str(doubt), 300)}"))
        yield Static(Content("s serves it: a website with a living backend"), classes="hint")

    @property
    def _site(self) -> str:
        result: Json = self.item.result
        named = {"site", "title", "elements"} <= result.keys() and isinstance(result["site"], str)
        return one_line(result["site"], 80) if named else ""

    def copied(self) -> str:
        return json.dumps(self.item.result, ensure_ascii=False, indent=2)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._site) if action == "serve" else True

    def action_serve(self) -> None:
        self.post_message(self.Serve(self._site))


class NoteBlock(Block):
    DEFAULT_CSS = "NoteBlock { color: $text-muted; Arguments { padding: 0 0 0 2; } }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("u", "undo", "Go back")]

    class Undo(Message):
        """The person wants what was said before this mark."""

        def __init__(self, item: Note) -> None:
            super().__init__()
            self.item = item

    item: Note

    def compose(self) -> ComposeResult:
        yield Static(Content(f"· {one_line(self.item.text, 400)}"))
        if self.item.data:
            yield Arguments(self.item.data)

    def copied(self) -> str:
        return self.item.text

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.item.kind == "rewound" if action == "undo" else True

    def action_undo(self) -> None:
        self.post_message(self.Undo(self.item))
