"""A drawing looked at again: what of it lies outside, is cut off, or changes nothing when it is left out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cached_property
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drivers.image.drawing.render import render
from drivers.image.drawing.svg import NUMBER, SHAPES, Drawing

SIDE = 160  # pixels of the longer side that is looked at
MAX_SHAPES = 60  # that are looked at one by one
MAX_TOLD = 8
SEEN = 12  # levels of 255 by which a pixel must change
FAR = 3  # drawings across: how far is looked for what lies outside
CUT = 0.97  # of a text: what must be within the drawing
DAY, NIGHT = "#ffffff", "#000000"  # a white shape is seen on black, a black one on white
Pixels = NDArray[np.int16]


def unseen(drawing: Drawing) -> list[str]:
    """A sentence for each part that is outside, cut off or hidden, the first ones."""
    view = View(drawing)
    parts = [child for child in drawing.root if child.tag in (*SHAPES, "g", "use")][:MAX_SHAPES]
    faults = [(number, part, view.fault(part)) for number, part in enumerate(parts, 1)]
    return [f"Shape {number}, {_named(part)}, {fault}." for number, part, fault in faults if fault][:MAX_TOLD]


class View:
    """The drawing as it is, and the wide surroundings in which a part alone is looked for."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._defs = [child for child in drawing.root if child.tag == "defs"]

    def fault(self, part: Element) -> str:
        """What is wrong with it; empty when nothing is."""
        alone = self._alone(part)
        around, inside = np.count_nonzero(alone), np.count_nonzero(_middle(alone))
        if around == 0:
            return "has no size or no colour, or lies far outside the drawing"
        if inside == 0:
            return "lies outside the drawing"
        if part.tag == "text" and inside < CUT * around:
            return "is cut off by the edge; make it smaller or move it"
        rest = [child for child in self._drawing.root if child is not part]
        if not _differ(self._whole, _look(self._with(rest))).any():
            return "is not seen: it is hidden, or has the colour of what is behind it"
        return ""

    @cached_property
    def _whole(self) -> Pixels:
        return _look(self._drawing)

    @cached_property
    def _empty(self) -> dict[str, Pixels]:
        wide = self._wide(self._defs)
        return {light: _look(wide, light) for light in (DAY, NIGHT)}

    def _alone(self, part: Element) -> NDArray[np.bool_]:
        wide = self._wide([*self._defs, part])
        day, night = (_differ(before, _look(wide, light)) for light, before in self._empty.items())
        return day | night

    def _with(self, parts: Sequence[Element]) -> Drawing:
        root = Element("svg", self._drawing.root.attrib)
        root.extend(parts)
        return Drawing(root, self._drawing.width, self._drawing.height)

    def _wide(self, parts: Sequence[Element]) -> Drawing:
        """With as much room on each side as the drawing has."""
        inner = self._with(parts)
        left, top, width, height = (float(number) for number in NUMBER.findall(inner.root.get("viewBox", "")))
        inner.root.set("viewBox", f"{left - width:g} {top - height:g} {FAR * width:g} {FAR * height:g}")
        return Drawing(inner.root, FAR * width, FAR * height)


def _look(drawing: Drawing, light: str = DAY) -> Pixels:
    data = render(drawing, SIDE, light).data
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int16)


def _differ(first: Pixels, second: Pixels) -> NDArray[np.bool_]:
    return np.asarray(np.abs(first - second).max(axis=2) > SEEN)


def _middle(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    height, width = (round(size / FAR) for size in mask.shape)
    return mask[height : 2 * height, width : 2 * width]


def _named(part: Element) -> str:
    words = " ".join("".join(part.itertext()).split())[:30]
    colour = part.get("fill") or part.get("stroke") or ""
    return f'the text "{words}"' if part.tag == "text" else f"the {part.tag}{f' in {colour}' if colour else ''}"
