"""From the layout that was seen to the parts of a page: fields with captions, steppers, groups, and the form."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from llmos.pages.form_area import with_form, with_send_button
from llmos.pages.groups import grouped
from llmos.pages.parts import FIELDS, Box, Field, Leaf, Part, Stepper
from llmos.pages.seen import Element, Layout, Seen


def plan(seen: Seen) -> Box:
    """The page as one column."""
    seen = _without_false_captions(seen)
    captions = {e.caption for e in seen.elements if e.caption is not None}
    body = _build(seen.layout, seen, captions)
    column = body if isinstance(body, Box) and body.type == "column" else Box("column", (body,) if body else ())
    return with_form(with_send_button(grouped(column)))


def _without_false_captions(seen: Seen) -> Seen:
    """A field with words inside needs no caption: the last line of a running text above it is none."""
    captions = {element.caption for element in seen.elements}
    before = dict(pairwise(element.id for element in reversed(seen.elements)))

    def is_false(field: Element) -> bool:
        above = before.get(field.caption or 0)
        if not field.text or above is None or above in captions:
            return False
        return seen.element(above).kind == "Label"

    return replace(seen, elements=tuple(replace(e, caption=None) if is_false(e) else e for e in seen.elements))


def _build(node: Layout, seen: Seen, captions: set[int]) -> Part | None:
    if node.type == "element":
        return None if node.id in captions else _single(seen.element(node.id), seen)
    return _box(node.type, [part for child in node.children if (part := _build(child, seen, captions))])


def _single(element: Element, seen: Seen) -> Part:
    if element.kind in FIELDS:
        return Field(element, seen.element(element.caption) if element.caption else None)
    return Leaf(element)


def _box(type: Literal["row", "column", "card"], parts: list[Part]) -> Part | None:
    """A box without nested boxes of its own type, and without one around a single part."""
    flat: list[Part] = []
    for part in parts:
        dissolves = isinstance(part, Box) and (part.type == type or (type, part.type) == ("card", "column"))
        flat.extend(part.parts if dissolves and isinstance(part, Box) else (part,))
    if type == "row":
        flat = _with_steppers(flat)
    return flat[0] if len(flat) == 1 else Box(type, tuple(flat)) if flat else None


def _with_steppers(parts: list[Part]) -> list[Part]:
    out: list[Part] = []
    for part in parts:
        out.append(part)
        if stepper := _stepper(out[-3:]):
            out[-3:] = [stepper]
    return out


def _stepper(parts: list[Part]) -> Stepper | None:
    match parts:
        case [Leaf(less), Leaf(value), Leaf(more)] if (
            less.text in ("-", "–", "—", "−") and more.text == "+" and re.fullmatch(r"\d{1,3}", value.text)
        ):
            return Stepper(less, value, more)
    return None
