"""Questions of the shell itself, and its help: small screens over the conversation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Footer, Static

from llmos.shell.text import clean


class Choice(ModalScreen[str]):
    """One question, a key for each answer; Esc answers with nothing."""

    DEFAULT_CSS = """
    Choice { align: center middle; background: $background 50%;
        #box { width: 72; max-width: 95%; height: auto; max-height: 80%; border: round $accent; padding: 0 2;
            background: $surface; }
        #box:focus { border: round $accent; }
        &:ansi { background: transparent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss('')", "Back")]

    def __init__(self, question: str, choices: Iterable[tuple[str, str, str]]) -> None:
        """`choices` are key, name, meaning."""
        super().__init__()
        self._question, self._choices = question, list(choices)
        for key, name, _ in self._choices:
            self._bindings.bind(key, f"dismiss({name!r})", name)

    def compose(self) -> ComposeResult:
        lines = [
            Content.assemble((f" {key} ", "reverse"), f" {name}  ", (told, "dim")) for key, name, told in self._choices
        ]
        lines.append(Content.assemble((" esc ", "reverse"), " back"))
        with VerticalScroll(id="box"):
            yield Static(Content(clean(self._question) + "\n"))
            yield Static(Content("\n").join(lines))


class Help(ModalScreen[None]):
    """Keys and commands, on one page that scrolls."""

    DEFAULT_CSS = """
    Help { align: center middle; background: $background 50%;
        HelpPage { width: 90%; max-width: 90; height: 90%; border: round $accent; padding: 0 2; background: $surface; }
        &:ansi { background: transparent; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss(None)", "Close", key_display="esc")]

    def __init__(self, page: Widget) -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        yield self._page
        yield Footer()


class PanelScreen(ModalScreen[None]):
    """A panel over the whole terminal, where there is no room beside the conversation."""

    DEFAULT_CSS = "PanelScreen { #panel { height: 1fr; width: 1fr; background: $surface; } }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, panel: Widget) -> None:
        super().__init__()
        self._panel = panel

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield self._panel
        yield Footer()


class Side(Horizontal):
    """The place for a panel beside the conversation."""

    DEFAULT_CSS = """
    Side { width: 44%; min-width: 44; height: 1fr; border-left: solid $primary 50%; display: none; }
    Side.open { display: block; }
    """
