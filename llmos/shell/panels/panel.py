"""What all panels share: a list and the detail of its row, drawn anew as events happen, words where it is empty."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from llmos.contracts import Json
from llmos.errors import LlmosError
from llmos.shell.choice import Choice
from llmos.shell.conversation.blocks.arguments import Arguments
from llmos.shell.link import Link
from llmos.shell.panels.figures import NOTHING, Told
from llmos.shell.panels.rows import Column, Row, Rows
from llmos.shell.text import one_line

WIDE = 110  # from here on the detail stands beside the list


class Empty(Static, can_focus=True):
    """Stands where the list will be, and takes the keys meanwhile."""


class Panel(Vertical):
    """Subclasses say what they list in `load`, and what a row is in `detail`. The kernel is reached by `link` alone.

    `concerns` names the beginnings of the kinds of events after which the list is loaded again.
    """

    title: ClassVar[str]
    key: ClassVar[str]
    empty: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    concerns: ClassVar[tuple[str, ...]] = ()
    refresh_seconds: ClassVar[float] = 0.25
    opens: ClassVar[str] = ""
    sticks_to_end: ClassVar[bool] = False

    DEFAULT_CSS = """
    Panel {
        border: round $surface-lighten-2; border-title-color: $text; border-title-style: bold;
        border-subtitle-color: $text-muted; padding: 0 1;
        &:focus-within { border: round $accent; }
        .lists { height: 1fr; layout: vertical; }
        Empty { height: 1fr; color: $text-muted; padding: 1 1; display: none; }
        Empty:focus { color: $text; }
        .detail { height: 1fr; border-top: solid $surface-lighten-2; padding: 0 1; }
        .detail:focus { border-top: heavy $accent; }
        .detail Static { height: auto; }
        .lead { text-style: bold; margin: 0 0 1 0; }
        .body, .call { margin: 1 0 0 0; height: auto; }
        .told { height: auto; max-height: 3; display: none; text-style: bold; }
        &.-empty { Rows, .detail { display: none; } Empty { display: block; } }
        &.-closed .detail { display: none; }
        &.-wide .lists { layout: horizontal; }
        &.-wide .detail { width: 2fr; height: 1fr; border-top: none; border-left: solid $surface-lighten-2; }
        &.-wide .detail:focus { border-top: none; border-left: heavy $accent; }
        Rows { height: auto; min-height: 4; max-height: 50%; }
        &.-closed Rows, &.-wide Rows { height: 1fr; max-height: 100%; }
        &.-wide Rows { width: 3fr; }
        &:ansi { border: round ansi_bright_black; }
        &:ansi:focus-within { border: round ansi_bright_blue; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "toggle_detail", "Detail")]

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link
        self.border_title = self.title
        self._stale = asyncio.Event()
        self._loading = asyncio.Lock()
        self._unreachable = False
        self._begin: str | None = None  # the row where the cursor begins
        self.rows = Rows(self.columns, opens=self.opens, sticks_to_end=self.sticks_to_end)
        self.instead = Empty(Content(self.empty))
        self._lead, self._facts, self._body = Static(classes="lead"), Static(classes="facts"), Static(classes="body")
        self._call = Vertical(classes="call")
        self._call.display = False
        self._called: tuple[Content, Json] = (NOTHING, None)
        self._told = Static(classes="told")

    async def load(self) -> Sequence[Row]:
        """Ask the kernel, and say what is listed. May raise LlmosError."""
        raise NotImplementedError

    async def detail(self, key: str) -> Told:
        """What is told of one row. May raise LlmosError."""
        raise NotImplementedError

    async def heard(self, event: Json) -> bool:
        """Take an event in; whether the list is to be loaded again."""
        return str(event["kind"]).startswith(self.concerns)

    def begin_at(self, app: str, pid: int | None) -> Panel:
        """The person comes from the tab of this app and process; the cursor begins at the row that concerns it."""
        return self

    def head(self) -> Sequence[Widget]:
        """What stands above the list."""
        return ()

    def compose(self) -> ComposeResult:
        yield from self.head()
        with Horizontal(classes="lists"):
            yield self.rows
            yield self.instead
            with VerticalScroll(classes="detail"):
                yield self._lead
                yield self._facts
                yield self._call
                yield self._body
        yield self._told

    def on_mount(self) -> None:
        self.run_worker(self._follow(), name=f"follow {self.title}")
        self.run_worker(self._keep_fresh(), name=f"refresh {self.title}")
        self.refresh_soon()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")

    def on_show(self) -> None:
        self.refresh_soon()

    def focus(self, scroll_visible: bool = True) -> Panel:
        """Give the keys to what the panel is about."""
        (self.instead if self.has_class("-empty") else self.rows).focus(scroll_visible)
        return self

    def refresh_soon(self) -> None:
        """Load again, though not more often than every `refresh_seconds`."""
        self._stale.set()

    async def reload(self, cursor: str | None = None) -> None:
        """Load now; the cursor goes to the row `cursor` where one is named."""
        async with self._loading, self.telling():
            before, self._unreachable = self._unreachable, True
            rows = await self.load()
            self._unreachable = False
            if before:
                self.say("")
            self._set_empty(not rows)
            begin, self._begin = self._begin, None
            self.rows.show(rows, begin if cursor is None else cursor)
            await self._detail()

    def say(self, text: str) -> None:
        """A sentence below the list, until the next one; nothing takes it away."""
        self._told.update(Content(one_line(text, 300)))
        self._told.display = bool(text)

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """What the kernel refuses inside is told to the person."""
        try:
            yield
        except LlmosError as error:
            self.say(f"✗ {error}")

    async def confirmed(self, question: str, body: Content, yes: str) -> bool:
        """Ask the person; only from within a worker."""
        choices = [("y", "yes", yes), ("n", "no", "leave it as it is")]
        return await self.app.push_screen_wait(Choice(question, choices, body)) == "yes"

    def action_toggle_detail(self) -> None:
        self.toggle_class("-closed")

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self.run_worker(self._detail_now(), group="detail", exclusive=True)

    async def _detail_now(self) -> None:
        async with self.telling():
            await self._detail()
        for detail in self.query(".detail").results(VerticalScroll):
            detail.scroll_home(animate=False)

    async def _detail(self) -> None:
        key = self.rows.key
        told = Told() if key is None else await self.detail(key)
        if key == self.rows.key:
            self._lead.update(told.lead)
            self._facts.update(told.table())
            await self._show_call(told.call, told.arguments)
            self._body.update(told.body)
            self._lead.display, self._body.display = bool(told.lead), bool(told.body)
            self.refresh_bindings()

    async def _show_call(self, call: Content, arguments: Json) -> None:
        if (call, arguments) != self._called:
            self._called = (call, arguments)
            await self._call.remove_children()
            await self._call.mount_all([Static(call), Arguments(arguments)])
            self._call.display = bool(call)

    def _set_empty(self, empty: bool) -> None:
        if empty != self.has_class("-empty"):
            had_keys = self.rows.has_focus or self.instead.has_focus
            self.set_class(empty, "-empty")
            if had_keys:
                self.focus()

    async def _follow(self) -> None:
        async with self.telling():
            async for event in self.link.watch():
                if await self.heard(event) or event["kind"] == "watch.begun":
                    self.refresh_soon()

    async def _keep_fresh(self) -> None:
        while True:
            await self._stale.wait()
            self._stale.clear()
            if self.is_on_screen:
                await self.reload()
            await asyncio.sleep(self.refresh_seconds)
