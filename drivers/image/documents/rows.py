"""From pieces of text to the rows and columns one reads, and their compact text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from drivers.image.geometry import Box, around
from drivers.image.reading import Line

LEVEL = 0.5  # in heights of a line: how far the middles of what stands side by side lie apart
GAP = 1.1  # in heights of a line: pieces nearer than this are one text
PROSE_CHARS = 18  # a line of a column of prose has more, half of the time
PROSE_LINES = 5  # and a column has as many
GUTTER = 0.8  # in heights of a line: what is blank between two columns of prose
DASH = re.compile(r"[:.\-=_*]+")


@dataclass(frozen=True)
class Row:
    """What stands side by side, left to right."""

    pieces: tuple[Line, ...]

    @property
    def box(self) -> Box:
        return around(piece.box for piece in self.pieces)

    @property
    def cells(self) -> list[str]:
        """The columns; a name and what it names are one, as `name: value`."""
        texts = [piece.text for piece in self.pieces]
        if len(texts) == 2 and _names(texts[0]) and _is_value(texts[1]):
            texts[0] = texts[0] if texts[0].endswith(":") else f"{texts[0]}:"
        cells: list[str] = []
        for before, text in zip(["", *texts], texts, strict=False):
            if before.endswith(":"):
                cells[-1] = f"{cells[-1]} {text}"
            else:
                cells.append(text)
        return cells

    @property
    def text(self) -> str:
        return " | ".join(self.cells)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """All rows in reading order: columns of prose after each other, all else from the top down."""
    return [Row(tuple(_joined(row))) for part in _columns([*lines]) for row in _rows(part)]


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box.y):
        home = next((row for row in reversed(rows[-8:]) if _belongs(line, row)), None)
        if home is None:
            rows.append([line])
        else:
            home.append(line)
    rows.sort(key=lambda row: median(line.box.y for line in row))
    return [sorted(row, key=lambda line: line.box.left) for row in rows]


def _belongs(line: Line, row: list[Line]) -> bool:
    """Level with a piece of the row; the lower of the two decides, as a scribble is taller than print."""
    return any(abs(other.box.y - line.box.y) < LEVEL * min(other.box.height, line.box.height) for other in row)


def _joined(row: list[Line]) -> list[Line]:
    """Pieces of one text as one; a lone colon belongs to what it follows."""
    joined: list[Line] = []
    for line in row:
        last = joined[-1] if joined else None
        if last and DASH.fullmatch(line.text):
            text = f"{last.text}:" if ":" in line.text and not last.text.endswith(":") else last.text
            joined[-1] = replace(last, text=text, box=around((last.box, line.box)))
        elif last and _is_one_text(last, line):
            text, score = f"{last.text} {line.text}", min(last.score, line.score)
            joined[-1] = Line(text, around((last.box, line.box)), score)
        else:
            joined.append(line)
    return joined


def _is_one_text(left: Line, right: Line) -> bool:
    near = right.box.left - left.box.right < GAP * min(left.box.height, right.box.height)
    return near and not left.text.endswith(":") and not (_is_value(left.text) or _is_value(right.text))


def _names(text: str) -> bool:
    letters = sum(character.isalpha() for character in text)
    return letters > 1 and 2 * letters > len(text.replace(" ", ""))


def _is_value(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    return digits > 0 and 3 * digits >= len(text.replace(" ", ""))


def _columns(lines: list[Line]) -> list[list[Line]]:
    """Cut where a blank strip parts two columns of prose; tables and lists of prices stay whole."""
    if len(lines) < 2 * PROSE_LINES:
        return [lines]
    height = median(line.box.height for line in lines)
    for gutter in _gutters(lines, GUTTER * height):
        left = [line for line in lines if line.box.right <= gutter]
        right = [line for line in lines if line.box.left >= gutter]
        if not (_is_prose(left) and _is_prose(right)):
            continue
        top = min(line.box.top for line in (left if len(left) < len(right) else right))
        across = [line for line in lines if line.box.left < gutter < line.box.right]
        if any(line.box.y > top for line in across):
            continue
        above = [line for line in lines if line.box.bottom <= top and line not in across]
        head = [*across, *above]
        sides = ([line for line in side if line not in above] for side in (left, right))
        return [part for part in (head, *(cut for side in sides for cut in _columns(side))) if part]
    return [lines]


def _gutters(lines: list[Line], width: float) -> list[float]:
    """The middles of upright strips that hardly any line crosses, the widest first."""
    edges = sorted({line.box.right for line in lines})
    found: list[tuple[float, float]] = []
    for edge in edges:
        after = [line.box.left for line in lines if line.box.left > edge]
        if not after:
            continue
        crossing = [line for line in lines if line.box.left <= edge + width / 2 <= line.box.right]
        if min(after) - edge >= width and len(crossing) <= 0.15 * len(lines):
            found.append((min(after) - edge, (edge + min(after)) / 2))
    return [middle for _, middle in sorted(found, reverse=True)]


def _is_prose(lines: list[Line]) -> bool:
    return len(lines) >= PROSE_LINES and median(len(line.text) for line in lines) > PROSE_CHARS
