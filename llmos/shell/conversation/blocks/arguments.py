"""Arguments on the screen: each value has a bar beside it, however its lines are broken."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from llmos.contracts import Json
from llmos.shell.conversation.arguments import named_values

MAX_NAME_COLUMNS = 20


class Arguments(Vertical):
    DEFAULT_CSS = """
    Arguments { height: auto;
        .argument { height: auto; }
        .name { text-style: bold; color: $text-muted; }
        .value { width: 1fr; border-left: solid $primary 60%; padding: 0 0 0 1; }
        &:ansi .value { border-left: solid ansi_blue; }
    }
    """

    def __init__(self, arguments: Json) -> None:
        super().__init__()
        self._arguments = arguments

    def compose(self) -> ComposeResult:
        values = named_values(self._arguments)
        width = min(MAX_NAME_COLUMNS, max((len(name) for name, _ in values), default=0))
        for name, value in values:
            with Horizontal(classes="argument"):
                if name:
                    told = Static(Content(name), classes="name")
                    told.styles.width = width + 1
                    yield told
                yield Static(Content(value), classes="value")
