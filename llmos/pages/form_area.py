"""Where a page's form begins and ends."""

from __future__ import annotations

from dataclasses import replace

from llmos.pages.parts import CHOICES, Box, Field, Leaf, Part, Stepper, elements_of

MAX_BUTTON_WORDS = 4


def with_send_button(page: Box) -> Box:
    """Where no button was seen, a few words below the last field are one whose frame was overlooked."""
    if not _has_control(page) or any(element.kind == "Button" for element in elements_of(page)):
        return page
    match page.parts:
        case (*before, Leaf(last)) if last.kind == "Label" and 0 < len(last.text.split()) <= MAX_BUTTON_WORDS:
            return Box(page.type, (*before, Leaf(replace(last, kind="Button"))))
    return page


def with_form(box: Box) -> Box:
    """The box with a form around the smallest stretch of parts that holds every control."""
    holders = [i for i, part in enumerate(box.parts) if _has_control(part)]
    if not holders:
        return box
    first, end = holders[0], holders[-1] + 1
    inner = box.parts[first]
    if first + 1 == end and isinstance(inner, Box) and _narrows(inner):
        return _replaced(box, first, end, with_form(inner))
    if box.type == "row":
        return Box("form", (box,))
    return _replaced(box, first, end, Box("form", box.parts[first:end]))


def _narrows(box: Box) -> bool:
    """Whether a form inside the box would leave something outside of it."""
    return box.type in ("column", "card") or (box.type == "row" and not all(_has_control(part) for part in box.parts))


def _replaced(box: Box, first: int, end: int, part: Part) -> Box:
    return Box(box.type, (*box.parts[:first], part, *box.parts[end:]), box.legend)


def _has_control(part: Part) -> bool:
    match part:
        case Field() | Stepper():
            return True
        case Leaf(element):
            return element.kind in (*CHOICES, "Button")
        case Box():
            return any(_has_control(inner) for inner in part.parts)
