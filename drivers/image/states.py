"""Whether a box is ticked, a round one chosen, a switch on: where the ink is in it."""

from __future__ import annotations

from dataclasses import replace

from drivers.image.elements import CHOICES, Element
from drivers.image.geometry import Box
from drivers.image.ink import Ink
from drivers.image.marks import ink_share

MARKED = 0.08  # share of the inside that a tick or a dot inks
MARGIN = 0.28  # of a mark's side: its own outline
SMALL = 0.8  # of a line: how high the mark beside the words is


def with_states(elements: list[Element], ink: Ink) -> list[Element]:
    """With `checked` for everything that can be, where it is not known yet."""
    return [replace(e, checked=_is_checked(e, ink)) if _can_be(e) else e for e in elements]


def _can_be(element: Element) -> bool:
    return element.checked is None and element.cls in (*CHOICES, "Toggle")


def _is_checked(element: Element, ink: Ink) -> bool:
    if element.cls == "Toggle":
        return _is_on(element.box, ink)
    return ink_share(ink, mark := _mark(element.box), MARGIN * mark.width) > MARKED


def _mark(box: Box) -> Box:
    """The square or circle at the left end of a choice and its words."""
    side = min(SMALL * box.height, box.width)
    return Box(box.left, box.y - side / 2, box.left + side, box.y + side / 2)


def _is_on(box: Box, ink: Ink) -> bool:
    """The knob of a switch that is on is at its right."""
    left, right = replace(box, right=box.x), replace(box, left=box.x)
    return ink_share(ink, right, 0) > ink_share(ink, left, 0)
