"""What `image.see` found on a picture, as values: elements with boxes, and how they are laid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast, get_args

from llmos.contracts import Json
from llmos.errors import UsageError
from llmos.pages.built import built

# the classes that people labelled sketches by
Labelled = Literal[
    "Label",
    "Heading",
    "CheckBox",
    "Button",
    "TextBox",
    "Image",
    "Paragraph",
    "RadioButton",
    "ComboBox",
    "Link",
]
Kind = Literal[Labelled, "Slider"]
KINDS = get_args(Kind)


@dataclass(frozen=True)
class Box:
    """Fractions of the picture's width and height."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def around(self, other: Box) -> Box:
        """The smallest box with both in it."""
        left, top = min(self.left, other.left), min(self.top, other.top)
        return Box(left, top, max(self.right, other.right) - left, max(self.bottom, other.bottom) - top)


@dataclass(frozen=True)
class Element:
    """One drawn thing. `caption` is the id of the label that names a field."""

    id: int
    kind: Kind
    box: Box
    text: str = ""
    caption: int | None = None
    checked: bool = False
    multiline: bool = False


@dataclass(frozen=True)
class Layout:
    """A row, column or card of parts, or (`type` "element") one element."""

    type: Literal["row", "column", "card", "element"]
    id: int = 0
    children: tuple[Layout, ...] = ()


@dataclass(frozen=True)
class Seen:
    """A drawn page: its elements in reading order, and their layout."""

    elements: tuple[Element, ...]
    layout: Layout

    def element(self, id: int) -> Element:
        return next(element for element in self.elements if element.id == id)


def read_seen(data: Json) -> Seen:
    """The result of `image.see` as a value. Raises UsageError when the picture shows no page."""
    if data.get("kind") != "page" or not data.get("elements"):
        reason = str(data.get("reason", "nothing was found on it")).rstrip(".")
        raise UsageError(f"The picture shows no page to build ({reason}); try a sharper, closer one.")
    data = built(data)
    if not data["elements"]:
        raise UsageError("The picture shows signs and lines but nothing to build a page of; try a sharper, closer one.")
    return Seen(tuple(_element(entry) for entry in data["elements"]), _layout(data["layout"]))


def _element(entry: Json) -> Element:
    box = entry["box"]
    kind = entry["class"]
    if kind not in KINDS:
        raise UsageError(f"An element of the unknown class {kind!r} was seen; use one of {', '.join(KINDS)}.")
    return Element(
        id=entry["id"],
        kind=cast(Kind, kind),
        box=Box(box["left"], box["top"], box["width"], box["height"]),
        text=" ".join(str(entry.get("text", "")).split()),
        caption=entry.get("caption"),
        checked=bool(entry.get("checked", False)),
        multiline=bool(entry.get("multiline", False)),
    )


def _layout(node: Json) -> Layout:
    if node["type"] == "element":
        return Layout("element", id=node["id"])
    return Layout(node["type"], children=tuple(_layout(child) for child in node["children"]))
