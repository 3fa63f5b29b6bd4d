"""The help page of the shell: its keys, and its commands from the one list there is."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from llmos.shell.panels import PANELS
from llmos.shell.prompt.commands import Commands

Rows = Iterable[tuple[str, str]]

SIGNS = (
    ("@file", "attach a file; tab completes its path, and a file may be dragged or pasted in"),
    ("!line", "run a shell line in the sandbox of the python driver"),
    ("/name", "a command, or an app of that name"),
)
KEYS = (
    ("enter", "send"),
    ("ctrl+j", "a new line; shift+enter too, where the terminal tells it apart"),
    ("esc", "stop the answer; close a list; go back from a panel"),
    ("up, down", "what you wrote before, in this session and earlier ones"),
    ("ctrl+r", "search in it"),
    ("tab", "complete; on an empty prompt go to the question that waits, or to what was said"),
    (
        "shift+tab",
        "go to what was said: up and down move, c copies, e says your words otherwise, enter opens a tool's call",
    ),
    ("pgup, pgdn", "scroll what was said"),
    ("ctrl+t", "new tab"),
    ("ctrl+w", "close the tab: end its process, or leave it running"),
    ("ctrl+pgup, ctrl+pgdn", "the tabs beside; alt+1 to alt+9 by number"),
    ("ctrl+b", "close the panel, or open it again"),
    *((f"f{number}", f"panel: {panel.title}") for number, panel in enumerate(PANELS.values(), 2)),
    ("ctrl+p", "palette: everything by name"),
    ("ctrl+c", "copy what is selected; else empty the prompt; twice ends the shell"),
    ("ctrl+q", "end the shell; processes go on"),
)


def help_rows(commands: Commands) -> list[tuple[str, Rows]]:
    """The page's parts: a title, and what is named with what it does."""
    named = [(command.usage, command.summary) for command in commands]
    return [("Write", SIGNS), ("Keys", KEYS), ("Commands", named)]


class HelpPage(VerticalScroll):
    DEFAULT_CSS = """
    HelpPage {
        .part { text-style: bold; margin: 1 0 0 0; color: $primary; }
        .row { height: auto; }
        .name { width: 22; text-style: bold; }
        .told { width: 1fr; color: $text-muted; }
    }
    """

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        for title, rows in help_rows(self._commands):
            yield Static(title, classes="part")
            for name, told in rows:
                yield Horizontal(
                    Static(Content(name), classes="name"), Static(Content(told), classes="told"), classes="row"
                )
