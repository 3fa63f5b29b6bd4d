"""A drawing as plain lines, one shape each, for a model to which even SVG is long; it becomes SVG.

size 400 300
rect 20 40 100 60 gold
circle 200 150 40 #3060c0
ellipse 200 150 60 30 tomato
line 0 200 400 200 black 3
polygon 10 10 60 10 35 50 seagreen
text 120 80 24 black Hello
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from PIL import ImageColor

from drivers.image.picture import PictureError

MAX_LINES = 2_000
Words = list[str]


def svg_of(drawing: str) -> str:
    """Raises PictureError with the line that is not understood."""
    lines = [line.strip() for line in drawing.splitlines() if line.strip() and not line.strip().startswith("#")]
    if not lines or len(lines) > MAX_LINES:
        raise PictureError(f"A drawing has 1 to {MAX_LINES:,} lines, such as: circle 200 150 40 gold.")
    size, shapes = "0 0 400 300", []
    for line in lines:
        word, *rest = line.split()
        if word.lower() == "size":
            width, height = _numbers(rest, 2, line)
            size = f"0 0 {width} {height}"
        elif make := SHAPES.get(word.lower()):
            shapes.append(make(rest, line))
        else:
            raise PictureError(
                f"{word[:20]!r} is no shape; draw with {', '.join(SHAPES)}, after a line such as size 400 300."
            )
    return f"<svg viewBox='{size}'>{''.join(shapes)}</svg>"


def _rect(words: Words, line: str) -> str:
    x, y, width, height = _numbers(words, 4, line)
    return f"<rect x='{x}' y='{y}' width='{width}' height='{height}' {_fill(words[4:], line)}/>"


def _circle(words: Words, line: str) -> str:
    x, y, radius = _numbers(words, 3, line)
    return f"<circle cx='{x}' cy='{y}' r='{radius}' {_fill(words[3:], line)}/>"


def _ellipse(words: Words, line: str) -> str:
    x, y, across, down = _numbers(words, 4, line)
    return f"<ellipse cx='{x}' cy='{y}' rx='{across}' ry='{down}' {_fill(words[4:], line)}/>"


def _line(words: Words, line: str) -> str:
    x1, y1, x2, y2 = _numbers(words, 4, line)
    colour = words[4] if len(words) > 4 else "black"
    wide = _numbers(words[5:], 1, line)[0] if len(words) > 5 else "2"
    return f"<line x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}' stroke={_colour(colour, line)} stroke-width='{wide}'/>"


def _polygon(words: Words, line: str) -> str:
    count = next((at for at, word in enumerate(words) if not _is_number(word)), len(words))
    if count < 6 or count % 2:
        raise _wrong(line)
    return f"<polygon points='{' '.join(words[:count])}' {_fill(words[count:], line)}/>"


def _text(words: Words, line: str) -> str:
    x, y, size = _numbers(words, 3, line)
    if len(words) < 5:
        raise _wrong(line)
    said = escape(re.split(r"\s+", line, maxsplit=5)[5])
    return f"<text x='{x}' y='{y}' font-size='{size}' fill={_colour(words[3], line)}>{said}</text>"


SHAPES: dict[str, Callable[[Words, str], str]] = {
    "rect": _rect,
    "circle": _circle,
    "ellipse": _ellipse,
    "line": _line,
    "polygon": _polygon,
    "text": _text,
}


def _fill(words: Words, line: str) -> str:
    if len(words) > 1:
        raise _wrong(line)
    return f"fill={_colour(words[0] if words else 'black', line)}"


def _colour(name: str, line: str) -> str:
    try:
        ImageColor.getrgb(name)
    except ValueError as error:
        raise PictureError(
            f"{name[:20]!r} is no colour, in the line {line[:60]!r}; write one such as gold or #d00000."
        ) from error
    return quoteattr(name)


def _numbers(words: Words, count: int, line: str) -> list[str]:
    if len(words) < count or not all(map(_is_number, words[:count])):
        raise _wrong(line)
    return words[:count]


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word)) and not word.lower().strip("+-").startswith(("i", "n"))
    except ValueError:
        return False


def _wrong(line: str) -> PictureError:
    return PictureError(f"This line is not understood: {line[:60]!r}; write it like: rect 20 40 100 60 gold.")
