"""A page's plan in the few words a small model reads best."""

from __future__ import annotations

from collections.abc import Iterator

from llmos.pages.parts import FIELDS, Box, Field, Leaf, Part, Stepper, elements_of
from llmos.pages.seen import Element

NAMES = {
    "Label": "text",
    "Heading": "heading",
    "CheckBox": "checkbox",
    "Button": "button",
    "TextBox": "input",
    "Image": "image",
    "Paragraph": "paragraph",
    "RadioButton": "radio",
    "ComboBox": "dropdown",
    "Link": "link",
    "Slider": "slider",
}


def outline(page: Box) -> str:
    """One line a part, indented as it is nested."""
    return "".join(_lines(page, -1, ""))


def _lines(part: Part, depth: int, topic: str) -> Iterator[str]:
    """`topic` is the text above a part, which tells the model what a scribbled paragraph or a picture is about."""
    indent = " " * depth
    match part:
        case Leaf(element):
            yield f"{indent}{_line(element, None, topic)}\n"
        case Field(control, caption):
            yield f"{indent}{_line(control, caption, topic)}\n"
        case Stepper(_, value, _):
            yield f"{indent}number with - and +: {value.text}\n"
        case Box():
            yield from _box(part, depth, topic)


def _box(box: Box, depth: int, topic: str) -> Iterator[str]:
    indent = " " * depth
    if depth >= 0:
        yield f"{indent}{box.type} {box.legend.text}\n" if box.legend else f"{indent}{box.type}\n"
    for part in box.parts:
        yield from _lines(part, depth + 1, topic)
        if isinstance(part, Leaf) and part.element.kind in ("Heading", "Label") and box.type != "row":
            topic = part.element.text
    if box.type == "form" and not any(element.kind == "Button" for element in elements_of(box)):
        yield f"{indent} button\n"


def _line(element: Element, caption: Element | None, topic: str) -> str:
    name = NAMES[element.kind]
    named = f"{name} {caption.text}" if caption else name
    if element.kind in FIELDS:
        return f"{named} showing {element.text}" if element.text else named
    if element.text:
        return f"{name} {element.text}"
    return f"{name} about {topic}" if element.kind == "Paragraph" and topic else name
