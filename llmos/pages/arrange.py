"""Rows as they were drawn: which boxes are side by side, and in which of twelve columns each part starts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import pairwise

from bs4 import Tag

from llmos.pages.seen import Box

COLUMNS = 12
SNAP = 0.9  # of a column: starts nearer than this are meant to be in line


def arrange(body: Tag, boxes: dict[int, Box]) -> None:
    """Give rows their classes. `boxes` are those of the matched tags, by `id(tag)`."""
    _arrange([body, *body.find_all(["form", "fieldset"])], body, boxes)
    for holder in body.find_all(["div", "section", "article"]):
        _arrange([holder], holder, boxes)


def _arrange(holders: list[Tag], whole: Tag, boxes: dict[int, Box]) -> None:
    """Place the rows right inside the holders, all in the columns of `whole`."""
    extent = _extent(whole, boxes)
    rows = [child for holder in holders for child in _tags(holder) if child.name == "div" and _is_row(child, boxes)]
    if not rows or extent is None:
        return
    starts = _Starts(extent)
    for row in rows:
        starts.gather(_extent(cell, boxes) for cell in _tags(row))
    for row in rows:
        _place(row, starts, boxes)


def _tags(holder: Tag) -> list[Tag]:
    return [child for child in holder.children if isinstance(child, Tag)]


def _is_row(tag: Tag, boxes: dict[int, Box]) -> bool:
    """Whether the parts of a tag were drawn side by side."""
    if tag.get("class"):
        return False
    cells = [_extent(cell, boxes) for cell in _tags(tag)]
    known = [box for box in cells if box is not None]
    return len(known) == len(cells) > 1 and all(
        left.left + left.width / 2 < right.left + right.width / 2 and _beside(left, right)
        for left, right in pairwise(known)
    )


def _beside(one: Box, other: Box) -> bool:
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.25 * min(one.height, other.height)


def _extent(tag: Tag, boxes: dict[int, Box]) -> Box | None:
    """The box around all that is matched in a tag."""
    inside = [boxes[id(part)] for part in [tag, *tag.find_all(True)] if id(part) in boxes]
    return reduce(Box.around, inside) if inside else None


class _Starts:
    """Left edges of a holder's rows, near ones made one, as columns 1 to 12."""

    def __init__(self, extent: Box) -> None:
        self.left = extent.left
        self.column = max(extent.width, 1e-6) / COLUMNS
        self.edges: list[float] = []

    def gather(self, cells: Iterable[Box | None]) -> None:
        for cell in cells:
            if cell is not None and self._near(cell.left) is None:
                self.edges.append(cell.left)

    def of(self, left: float) -> int:
        near = self._near(left)
        return min(COLUMNS, round(((left if near is None else near) - self.left) / self.column) + 1)

    def _near(self, left: float) -> float | None:
        return next((edge for edge in self.edges if abs(edge - left) < SNAP * self.column), None)


def _place(row: Tag, starts: _Starts, boxes: dict[int, Box]) -> None:
    """Each cell reaches from its own column to the next cell's."""
    cells = _tags(row)
    row["class"] = _sort(cells)
    firsts = _columns([starts.of(box.left) for cell in cells if (box := _extent(cell, boxes))])
    for cell, first, end in zip(cells, firsts, [*firsts[1:], COLUMNS + 1], strict=True):
        cell["class"] = " ".join([*_classes(cell), f"at-{first}", f"to-{end}"])


def _sort(cells: list[Tag]) -> str:
    if all("choice" in _classes(cell) for cell in cells):
        return "row choices"
    if len(cells) == 2 and cells[0].name == "img" and cells[1].name == "div":
        return "row media"
    return "row fields" if any("field" in _classes(cell) or cell.find(class_="field") for cell in cells) else "row"


def _columns(wanted: list[int]) -> list[int]:
    """The wanted columns, moved where two cells would share one or the last ones would not fit."""
    columns: list[int] = []
    for index, column in enumerate(wanted):
        latest = COLUMNS - (len(wanted) - index - 1)
        columns.append(max(columns[-1] + 1 if columns else 1, min(column, latest)))
    return columns


def _classes(tag: Tag) -> list[str]:
    value = tag.get("class")
    return value.split() if isinstance(value, str) else list(value or [])
