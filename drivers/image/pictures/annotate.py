"""`annotate`: boxes, arrows and labels on a copy of a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageColor, ImageDraw

from drivers.image.geometry import Box
from drivers.image.picture import Picture, PictureError, unwrap
from drivers.image.pictures.coded import Coded, coded, whole
from drivers.image.pictures.fonts import font
from drivers.image.pictures.marks import Mark
from drivers.image.pictures.places import Elements, box_of

MAX_MARKS = 200
MAX_LABEL_CHARS = 120
COLOURS = ("#e6194b", "#0a6cff", "#128a3e", "#d45500", "#7b2fbf", "#00838f")
Point = tuple[float, float]


def annotate(image: str, marks: Sequence[Mark]) -> tuple[str, Coded]:
    """What was drawn, in words, and the marked copy. Raises PictureError."""
    if not 0 < len(marks) <= MAX_MARKS:
        raise PictureError(f"Give 1 to {MAX_MARKS} marks, each with a box, an element or the two ends of an arrow.")
    data = unwrap(image)
    picture = whole(data)
    copy = Image.fromarray(picture.rgb)
    pen = Pen(copy, picture, Elements(data, picture))
    for number, mark in enumerate(marks):
        pen.draw(mark, mark.color or COLOURS[number % len(COLOURS)])
    plural = "mark" if len(marks) == 1 else "marks"
    return f"A copy of the picture with {len(marks)} {plural}.", coded(copy)


class Pen:
    """Draws on `copy`; lines and letters are as large as fits the picture."""

    def __init__(self, copy: Image.Image, picture: Picture, elements: Elements) -> None:
        self._draw, self._picture, self._elements = ImageDraw.Draw(copy), picture, elements
        self._width, self._height = copy.size
        self._line = max(2, round(max(copy.size) / 400))
        self._font = font(max(12, round(max(copy.size) / 55)))

    def draw(self, mark: Mark, colour: str) -> None:
        ink = _colour(colour)
        if mark.start is not None or mark.end is not None:
            start, end = self._point(mark.start), self._point(mark.end)
            self._arrow(start, end, ink)
            self._label(mark.label, start, ink)
            return
        box = self._box(mark)
        self._draw.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), outline=ink, width=self._line)
        self._label(mark.label, (box.left, box.top), ink)

    def _box(self, mark: Mark) -> Box:
        if mark.box is not None:
            return box_of(mark.box, self._picture)
        if mark.element.strip():
            return self._elements.box(mark.element)
        raise PictureError("A mark needs a box, an element, or the start and the end of an arrow.")

    def _point(self, point: Sequence[float] | None) -> Point:
        if point is None or len(point) != 2 or not all(math.isfinite(part) for part in point):
            raise PictureError(
                "An arrow has a start and an end, each two numbers: fractions from the left and the top."
            )
        x, y = (min(max(part, 0.0), 1.0) for part in point)
        return x * self._width, y * self._height

    def _arrow(self, start: Point, end: Point, ink: tuple[int, ...]) -> None:
        self._draw.line([start, end], fill=ink, width=self._line + 1)
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        reach = 5.0 * self._line
        sides = [
            (end[0] - reach * math.cos(angle + turn), end[1] - reach * math.sin(angle + turn)) for turn in (-0.45, 0.45)
        ]
        self._draw.polygon([end, *sides], fill=ink)

    def _label(self, text: str, at: Point, ink: tuple[int, ...]) -> None:
        """White letters on the mark's colour, above `at` where there is room."""
        label = " ".join(text.split())[:MAX_LABEL_CHARS]
        if not label:
            return
        left, top, right, bottom = self._draw.textbbox((0, 0), label, font=self._font)
        wide, high, air = right - left, bottom - top, 2 * self._line
        x = min(max(at[0], 0.0), max(0.0, self._width - wide - 2 * air))
        y = at[1] - high - 2 * air if at[1] >= high + 2 * air else min(at[1], self._height - high - 2 * air)
        self._draw.rectangle((x, y, x + wide + 2 * air, y + high + 2 * air), fill=ink)
        self._draw.text((x + air - left, y + air - top), label, font=self._font, fill="white")


def _colour(name: str) -> tuple[int, ...]:
    try:
        return ImageColor.getrgb(name)[:3]
    except ValueError as error:
        raise PictureError(f"{name!r} is no colour; name one such as red or #d00000.") from error
