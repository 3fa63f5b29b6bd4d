"""The lines a person writes into. Keys that mean more than editing are handed on as messages."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from llmos.shell.prompt.files import dragged, mention
from llmos.shell.text import typed

NEW_LINE = ("shift+enter", "ctrl+j", "alt+enter")


class PromptArea(TextArea):
    DEFAULT_CSS = """
    PromptArea {
        height: auto; max-height: 10; border: none; padding: 0; background: transparent;
        scrollbar-size-vertical: 1;
        &:focus { border: none; }
        & .text-area--cursor-line { background: transparent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", priority=False),
        Binding("ctrl+j,shift+enter,alt+enter", "new_line", "New line"),
        Binding("ctrl+r", "search", "History"),
        Binding("tab", "complete", "Complete", show=False),
        Binding("shift+tab", "leave", "Read", key_display="shift+tab"),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
    ]

    class Wants(Message):
        """A key that concerns more than the text: submit, complete, search, up, down, leave, page_up, page_down."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self) -> None:
        super().__init__(soft_wrap=True, tab_behavior="focus", highlight_cursor_line=False, show_line_numbers=False)
        self.wants_keys = False  # while a list of completions is open

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter" or event.key in NEW_LINE:
            event.stop()
            event.prevent_default()
            self.action_submit() if event.key == "enter" else self.action_new_line()
            return
        await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        files = dragged(event.text)
        text = " ".join(map(mention, files)) + " " if files else typed(event.text)
        self.insert(text, maintain_selection_offset=False)

    def put(self, text: str) -> None:
        """Let a text stand there, the cursor after it."""
        self.load_text(typed(text))
        self.move_cursor(self.document.end)

    @property
    def before_cursor(self) -> str:
        row, column = self.cursor_location
        return self.document.get_line(row)[:column]

    def action_submit(self) -> None:
        self.post_message(self.Wants("submit"))

    def action_new_line(self) -> None:
        self.insert("\n", maintain_selection_offset=False)

    def action_search(self) -> None:
        self.post_message(self.Wants("search"))

    def action_complete(self) -> None:
        self.post_message(self.Wants("complete"))

    def action_leave(self) -> None:
        self.post_message(self.Wants("leave"))

    def action_page(self, by: int) -> None:
        self.post_message(self.Wants("page_down" if by > 0 else "page_up"))

    def action_cursor_up(self, select: bool = False) -> None:
        if not select and (self.wants_keys or self.cursor_at_first_line):
            self.post_message(self.Wants("up"))
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        if not select and (self.wants_keys or self.cursor_at_last_line):
            self.post_message(self.Wants("down"))
        else:
            super().action_cursor_down(select)
