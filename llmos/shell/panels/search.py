"""Search in all that was said: by word and by meaning, while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input

from llmos.contracts import Json
from llmos.shell.link import Link
from llmos.shell.panels.figures import Told, cell, clock, figure
from llmos.shell.panels.messages import OpenEvent
from llmos.shell.panels.panel import Panel
from llmos.shell.panels.rows import Column, Row, Rows
from llmos.shell.text import clean, one_line

FOUND = 50


class SearchPanel(Panel):
    title = "Search"
    key = "search"
    empty = "Type what you look for. What was said, and what tools gave, is found by word and by meaning."
    columns = (
        Column("when", 16, 70),
        Column("pid", 4, at_right=True),
        Column("app", 14, 50),
        Column("said by", 14, 60),
        Column("what"),
    )
    opens = "Open there"
    pause_seconds: ClassVar[float] = 0.25
    BINDINGS: ClassVar[list[BindingType]] = [Binding("slash", "type", "Search", key_display="/")]

    DEFAULT_CSS = """
    SearchPanel > Input { border: none; border-bottom: solid $surface-lighten-2; height: 2; padding: 0;
        background: transparent; }
    SearchPanel > Input:focus { border: none; border-bottom: heavy $accent; }
    """

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._found: dict[str, dict[str, Json]] = {}
        self._input = Input(placeholder="search what was said; enter goes there", select_on_focus=False)
        self._query = ""
        self._pause: Timer | None = None

    def head(self) -> Sequence[Widget]:
        return (self._input,)

    async def load(self) -> Sequence[Row]:
        query = self._query.strip()
        found = await self.link.get("/memory", query=query, limit=FOUND, unfinished=True) if query else []
        self._found = {str(item["seq"]): item for item in found}
        self.border_subtitle = f"{len(found)} found" if query else ""
        nothing = f"Nothing that was said has to do with {one_line(query, 60)!r}. Try another word."
        self.instead.update(Content(nothing if query else self.empty))
        return [_row(item) for item in found]

    async def detail(self, key: str) -> Told:
        return about(self._found[key])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not self._input.has_focus if action in ("type", "toggle_detail") else True

    def focus(self, scroll_visible: bool = True) -> SearchPanel:
        self._input.focus(scroll_visible)
        return self

    def action_type(self) -> None:
        self._input.focus()

    def on_key(self, event: events.Key) -> None:
        if event.key == "down" and self._input.has_focus and not self.has_class("-empty"):
            event.stop()
            self.rows.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._query = event.value
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(self.pause_seconds, self.refresh_soon)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.has_class("-empty"):
            self.rows.focus()

    @on(Rows.Opened)
    def _open(self, event: Rows.Opened) -> None:
        event.stop()
        self.post_message(OpenEvent(self._found[event.key]["pid"], int(event.key)))


def _row(item: dict[str, Json]) -> Row:
    return Row(
        str(item["seq"]),
        (
            cell(clock(item["at"])),
            figure(str(item["pid"])),
            cell(item["app"]),
            cell(item["source"]),
            cell(item["text"]),
        ),
    )


def about(item: dict[str, Json]) -> Told:
    told = [
        ("said by", one_line(item["source"], 120)),
        ("in", f"process {item['pid']}  {one_line(item['app'], 60)}"),
        ("when", f"{clock(item['at'])}, event {item['seq']}"),
    ]
    return Told(told, Content(clean(item["text"])))
