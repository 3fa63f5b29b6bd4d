"""Arguments on the screen: each value has a bar beside it, however its lines are broken."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from llmos.contracts import Json
from llmos.shell.conversation.arguments import named_values


class Arguments(Vertical):
    DEFAULT_CSS = """
    Arguments { height: auto;
        .name { text-style: bold; color: $text-muted; }
        .value { border-left: solid $primary 60%; padding: 0 0 0 1; }
        &:ansi .value { border-left: solid ansi_blue; }
    }
    """

    def __init__(self, arguments: Json) -> None:
        super().__init__()
        self._arguments = arguments

    def compose(self) -> ComposeResult:
        for name, value in named_values(self._arguments):
            if name:
                yield Static(Content(name), classes="name")
            yield Static(Content(value), classes="value")
