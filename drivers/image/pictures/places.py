"""Where on a picture: a box in numbers, or an element by its number or its words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from drivers.image.geometry import Box
from drivers.image.picture import Picture, PictureError, decode
from drivers.image.see import see

Json = dict[str, Any]
NAMED = 12  # elements that a refusal lists


def box_of(sides: Sequence[float], picture: Picture) -> Box:
    """`sides` are left, top, width and height: fractions of the picture, or its pixels where one is above 1.

    In pixels of the working copy, within it. Raises PictureError when nothing of it is there.
    """
    if len(sides) != 4 or not all(math.isfinite(side) for side in sides):
        raise PictureError("A box is four numbers: left, top, width and height, as fractions of the picture.")
    left, top, wide, high = sides
    box = Box(left, top, left + wide, top + high)
    if max(sides) > 1:
        box = box.scale(1 / picture.width, 1 / picture.height)
    height, width = picture.rgb.shape[:2]
    box = box.scale(width, height).clip(width, height)
    if box.width < 1 or box.height < 1:
        raise PictureError("There is nothing in this box; give left, top, width and height between 0 and 1.")
    return box


class Elements:
    """The elements of a picture, looked for when one is asked for."""

    def __init__(self, data: bytes, picture: Picture) -> None:
        self._data, self._picture = data, picture
        self._found: list[Json] | None = None

    def box(self, name: str) -> Box:
        """In pixels of the copy; `name` is a number that `see` gives, or an element's words. Raises PictureError."""
        if self._found is None:
            self._found = see(decode(self._data))["elements"]
        found = _named(self._found, name.strip())
        if found is None:
            known = [f'{element["id"]} {element["class"]} "{element["text"]}"' for element in self._found[:NAMED]]
            raise PictureError(
                f"There is no element {name!r} on this picture; there are: {', '.join(known) or 'none'}."
            )
        sides = found["box"]
        return box_of([sides[side] for side in ("left", "top", "width", "height")], self._picture)


def _named(elements: list[Json], name: str) -> Json | None:
    number = name.lstrip("#")
    if number.isdigit():
        return next((element for element in elements if element["id"] == int(number)), None)
    words = " ".join(name.casefold().split())
    same = [element for element in elements if element["text"].casefold() == words]
    holding = [element for element in elements if words and words in element["text"].casefold()]
    return next(iter([*same, *holding]), None)
