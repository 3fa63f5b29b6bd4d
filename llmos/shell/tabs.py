"""The top line: which conversations are open, what each does, and how the kernel is."""

from __future__ import annotations

from textual import events
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from llmos.shell.text import one_line

MAX_LABEL = 24


class TabLabel(Static):
    class Chosen(Message):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, number: int, label: str, *, active: bool) -> None:
        mark = "▸" if active else " "
        super().__init__(Content(f"{mark}{number} {one_line(label, MAX_LABEL)} "), classes="active" if active else "")
        self._number = number

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Chosen(self._number))


class TopBar(Horizontal):
    DEFAULT_CSS = """
    TopBar { height: 1; background: $panel; color: $text-muted;
        #labels { width: 1fr; height: 1; overflow: hidden; }
        TabLabel { width: auto; height: 1; }
        TabLabel.active { text-style: bold reverse; color: $foreground; }
        &:ansi { background: transparent; }
    }
    """

    def __init__(self, kernel: Widget) -> None:
        """`kernel` tells how the kernel is, at the end of the line."""
        self._labels = Horizontal(id="labels")
        super().__init__(self._labels, kernel)

    async def show(self, labels: list[str], active: int) -> None:
        """`active` is counted from 0; where not all fit, the tabs around it are shown."""
        row = self._labels
        async with row.batch():
            await row.remove_children()
            shown = [TabLabel(n + 1, label, active=n == active) for n, label in enumerate(labels)]
            await row.mount_all(shown)
        if shown:
            row.call_after_refresh(shown[active].scroll_visible, animate=False)
