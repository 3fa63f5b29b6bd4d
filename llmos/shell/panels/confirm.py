"""A question before something that cannot be taken back: what will happen, and two keys."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class Confirm(ModalScreen[bool]):
    """True for yes. Enter says neither: who presses it too early has decided nothing."""

    DEFAULT_CSS = """
    Confirm {
        align: center middle;
        & > Vertical { width: 76; max-width: 95%; height: auto; max-height: 90%; border: round $warning;
            padding: 0 1; background: $surface; }
        .question { text-style: bold; height: auto; }
        .body { height: auto; max-height: 16; margin: 1 0 0 0; }
        .body:focus { background: $boost; }
        .keys { height: auto; margin: 1 0 0 0; }
        &:ansi > Vertical { border: round ansi_yellow; background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape", "answer(False)", "No", key_display="n"),
    ]

    def __init__(self, question: str, body: Content, yes: str, no: str = "leave it as it is") -> None:
        """`question`, `yes` and `no` are our own words; `body` may hold any text."""
        super().__init__()
        self._question, self._body, self._yes, self._no = question, body, yes, no

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(self._question), classes="question")
            with VerticalScroll(classes="body"):
                yield Static(self._body)
            keys = Content.assemble((" y ", "reverse"), f" {self._yes}   ", (" n ", "reverse"), f" {self._no}")
            yield Static(keys, classes="keys")

    def on_mount(self) -> None:
        self.query_one(".body").display = bool(str(self._body))

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
