"""What an empty conversation says: where you are, and three things to try."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

TRY = (
    ("A drawn page becomes a website", "sketch-to-website, with a sketch that is here"),
    (
        "A question that needs a program",
        "“Which weekday was 20 July 1969?”",
    ),
    ("A backend whose code is a prompt", "the to-do list, served on this computer"),
)


class Greeting(Vertical, can_focus=True):
    DEFAULT_CSS = """
    Greeting { height: auto; padding: 0 1; border-left: blank; margin: 0 0 1 0;
        &:focus { border-left: outer $accent; background: $boost; }
        &:ansi:focus { border-left: thick ansi_bright_blue; background: transparent; }
        .name { text-style: bold; color: $primary; }
        .more { color: $text-muted; }
        .try { margin: 1 0 0 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"try({number})", f"Try {number}") for number in (1, 2, 3)),
        Binding("down", "app.focus_prompt", "Prompt", show=False),
    ]

    class Try(Message):
        """The person wants to see thing 1, 2 or 3."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__()
        self._sessions = Static(classes="more")

    def on_mount(self) -> None:
        self._sessions.display = False

    def sessions(self, told: str) -> None:
        """Which conversations go on elsewhere."""
        self._sessions.update(Content(told))
        self._sessions.display = bool(told)

    def compose(self) -> ComposeResult:
        yield Static("llmos", classes="name")
        yield Static("An operating system whose kernel is a language model. It runs on this computer.", classes="more")
        lines = [
            Content.assemble((f" {number} ", "reverse"), " ", (title, "bold"), "\n    ", (told, "dim"))
            for number, (title, told) in enumerate(TRY, 1)
        ]
        yield Static(Content("\n").join(lines), classes="try")
        hint = "tab, then 1, 2 or 3 · or just write · @ adds a file, / a command, ! a shell line"
        yield Static(Content(hint), classes="try more")
        yield self._sessions

    def action_try(self, number: int) -> None:
        self.post_message(self.Try(number))
