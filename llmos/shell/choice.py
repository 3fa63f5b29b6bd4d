"""A question of the shell's own, with a key for each answer; and how keys are shown wherever there are some."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from llmos.shell.text import clean

Keyed = tuple[str, str, str]  # a key, the name of what it chooses, and what that means


class Choice(ModalScreen[str]):
    """Answers with a name; Esc with nothing. So does no other key: who presses Enter too early has decided nothing."""

    DEFAULT_CSS = """
    Choice {
        align: center middle; background: $background 50%;
        & > Vertical { width: 76; max-width: 95%; height: auto; max-height: 90%; border: round $warning;
            padding: 0 1; background: $surface; }
        .question { text-style: bold; height: auto; }
        .body { height: auto; max-height: 16; margin: 1 0 0 0; }
        .body:focus { background: $boost; }
        .keys { height: auto; margin: 1 0 0 0; }
        &:ansi { background: transparent; }
        &:ansi > Vertical { border: round ansi_yellow; background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss('')", "Back")]

    def __init__(self, question: str, choices: Iterable[Keyed], body: Content | None = None) -> None:
        """The `choices` are our own words; `body` is what the question is about."""
        super().__init__()
        self._question, self._choices, self._body = question, list(choices), body
        for key, name, _ in self._choices:
            self._bindings.bind(key, f"dismiss({name!r})", name)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content(clean(self._question)), classes="question")
            if self._body:
                with VerticalScroll(classes="body"):
                    yield Static(self._body)
            yield Static(keyed([*self._choices, ("esc", "back", "")]), classes="keys")


def keyed(choices: Iterable[Keyed]) -> Content:
    """A line for each."""
    rows = list(choices)
    key_width = max((len(key) for key, _, _ in rows), default=0)
    width = max((len(name) for _, name, told in rows if told), default=0)
    return Content("\n").join(
        Content.assemble(
            (f" {key:<{key_width}} ", "reverse"),
            f" {name:<{width if told else 0}}",
            (f"  {told}" if told else "", "dim"),
        )
        for key, name, told in rows
    )
