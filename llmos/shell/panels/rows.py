"""The list of a panel: columns that fit its width, rows that change in place, and a cursor that stays on its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import DataTable

SCROLLBAR = 2


@dataclass(frozen=True)
class Column:
    """`width` in cells, None fills what is left. Shown where the list is so wide, or less than `below_width`; its name
    stands `at_right` above figures."""

    name: str
    width: int | None = None
    from_width: int = 0
    below_width: int = 10_000
    at_right: bool = False

    def fits(self, room: int) -> bool:
        return self.from_width <= room < self.below_width


@dataclass(frozen=True)
class Row:
    """One row; `cells` has one for each column, shown or not."""

    key: str
    cells: tuple[Text, ...]


class Rows(DataTable[Text], inherit_bindings=False):
    """The cursor is a whole row, so that left and right are free for the panel."""

    DEFAULT_CSS = """
    Rows {
        height: 1fr; background: transparent; overflow-x: hidden;
        & > .datatable--header { background: transparent; color: $text-muted; text-style: none; }
        & > .datatable--cursor { background: $boost; color: $foreground; text-style: none; }
        &:focus > .datatable--cursor { background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style; }
        &:ansi > .datatable--cursor { text-style: underline; background: ansi_default; color: ansi_default; }
        &:ansi:focus > .datatable--cursor { text-style: reverse; background: ansi_default; color: ansi_default; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", show=False),
        Binding("up", "cursor_up", "Up", show=False),
        Binding("down", "cursor_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("home", "scroll_top", "First", show=False),
        Binding("end", "scroll_bottom", "Last", show=False),
    ]

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Opened(Message):
        """Enter was pressed on a row."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, columns: Sequence[Column], *, opens: str = "", sticks_to_end: bool = False) -> None:
        """`opens` is what Enter does to a row, in a word; `sticks_to_end` keeps the cursor on the newest row."""
        super().__init__(cursor_type="row", zebra_stripes=False)
        if opens:
            self._bindings.key_to_bindings["enter"] = [Binding("enter", "select_cursor", opens)]
        self._columns = tuple(columns)
        self._sticks = sticks_to_end
        self._shown: list[tuple[int, int]] = []  # (column, width)
        self._rows: list[Row] = []
        self._told: str | None = None
        self._drawing = False

    @property
    def key(self) -> str | None:
        """Of the row under the cursor."""
        return self._rows[self.cursor_row].key if 0 <= self.cursor_row < len(self._rows) else None

    def recolumn(self, columns: Sequence[Column]) -> None:
        """Other columns; the rows come with the next `show`."""
        if tuple(columns) != self._columns:
            self._columns, self._rows, self._shown = tuple(columns), [], []
            self.clear(columns=True)

    def show(self, rows: Sequence[Row], cursor: str | None = None) -> None:
        """Show these rows, the cursor on the row `cursor`, else where it was."""
        before = self._rows
        self._rows = list(rows)
        if not self._shown or [row.key for row in before] != [row.key for row in rows] or cursor is not None:
            self._draw(before, cursor)
        else:
            self._update(before)
        self._tell()

    def _update(self, before: Sequence[Row]) -> None:
        for old, new in zip(before, self._rows, strict=True):
            for number, _ in self._shown:
                if new.cells[number] != old.cells[number]:
                    self.update_cell(new.key, str(number), new.cells[number])

    def _draw(self, before: Sequence[Row], cursor: str | None) -> None:
        at, top = self.cursor_row, self.scroll_y
        old_key = before[at].key if 0 <= at < len(before) else None
        was_last = self._sticks and (not before or at == len(before) - 1)
        places = {row.key: number for number, row in enumerate(self._rows)}
        self._drawing = True
        try:
            self.clear()
            self._fit()
            for row in self._rows:
                self.add_row(*(row.cells[number] for number, _ in self._shown), key=row.key)
            wanted = len(self._rows) - 1 if was_last else places.get(old_key or "", min(at, len(self._rows) - 1))
            if cursor is not None:
                wanted = places.get(cursor, wanted)
            if self._rows:
                self.scroll_to(y=top, animate=False)
                self.move_cursor(row=max(0, wanted))
        finally:
            self._drawing = False

    def _fit(self) -> None:
        """Choose the columns that fit, and how wide each is."""
        room = self.size.width or 80
        chosen = [number for number, column in enumerate(self._columns) if column.fits(room)]
        fixed = sum((self._columns[number].width or 0) + 2 for number in chosen)
        shown = [(number, self._columns[number].width or max(8, room - fixed - SCROLLBAR)) for number in chosen]
        if shown != self._shown:
            self._shown = shown
            self.clear(columns=True)
            for number, width in shown:
                column = self._columns[number]
                name = Text(column.name, justify="right" if column.at_right else "left")
                self.add_column(name, width=width, key=str(number))

    def on_resize(self, event: events.Resize) -> None:
        self._draw(self._rows, None)

    @on(DataTable.RowHighlighted)
    def _highlighted(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        if not self._drawing:
            self._tell()

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if self.key is not None:
            self.post_message(self.Opened(self.key))

    def _tell(self) -> None:
        if self.key != self._told:
            self._told = self.key
            if self.key is not None:
                self.post_message(self.Moved(self.key))
