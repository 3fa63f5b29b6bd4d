"""The parts a page is made of, as values. The order of elements in a tree of parts is their order in the HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from llmos.pages.seen import Element


@dataclass(frozen=True)
class Leaf:
    """An element that stands for itself."""

    element: Element


@dataclass(frozen=True)
class Field:
    """A text box, combo box or slider, with the label that names it if one was drawn."""

    control: Element
    caption: Element | None = None


@dataclass(frozen=True)
class Stepper:
    """A number between a minus and a plus button."""

    less: Element
    value: Element
    more: Element


@dataclass(frozen=True)
class Box:
    """Parts side by side (row) or one below the other (column), or such parts as a form, a card or a group."""

    type: Literal["row", "column", "card", "form", "group"]
    parts: tuple[Part, ...]
    legend: Element | None = None


Part: TypeAlias = Leaf | Field | Stepper | Box

CHOICES = ("RadioButton", "CheckBox")
FIELDS = ("TextBox", "ComboBox", "Slider")


def elements_of(part: Part) -> Iterator[Element]:
    """The elements of a part in the order of its HTML."""
    match part:
        case Leaf(element):
            yield element
        case Field(control, caption):
            if caption:
                yield caption
            yield control
        case Stepper(less, value, more):
            yield from (less, value, more)
        case Box():
            if part.legend:
                yield part.legend
            for inner in part.parts:
                yield from elements_of(inner)
