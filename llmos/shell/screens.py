"""The help, and panels where there is no room beside the conversation: screens over it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Footer


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
        yield Footer(compact=True)


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
        yield Footer(compact=True)


class Side(Horizontal):
    """The place for a panel beside the conversation."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "app.focus_prompt", "Back")]

    DEFAULT_CSS = """
    Side { width: 44%; min-width: 44; height: 1fr; border-left: solid $primary 50%; display: none; }
    Side.open { display: block; }
    """
