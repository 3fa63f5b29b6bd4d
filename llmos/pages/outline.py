"""A page's plan in the few words a small model reads best."""

from __future__ import annotations

from llmos.pages.parts import Box, Field, Leaf, Part, Stepper
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
    "ComboBox": "select",
    "Link": "link",
}


def outline(page: Box) -> str:
    """One line a part, indented as it is nested."""
    return "".join(_lines(part, 0) for part in page.parts)


def _lines(part: Part, depth: int) -> str:
    indent = " " * depth
    match part:
        case Leaf(element):
            return f"{indent}{_line(element)}\n"
        case Field(control, caption):
            return f"{indent}{_line(control, caption)}\n"
        case Stepper(_, value, _):
            return f"{indent}number with - and +: {value.text}\n"
        case Box(type, parts, legend):
            name = f"{type} {legend.text}" if legend else type
            inner = "".join(_lines(inner, depth + 1) for inner in parts)
            return f"{indent}{name}\n{inner}"


def _line(element: Element, caption: Element | None = None) -> str:
    name = NAMES[element.kind]
    named = f"{name} {caption.text}" if caption else name
    if element.kind in ("TextBox", "ComboBox"):
        return f"{named} [{element.text}]" if element.text else named
    return f"{name} {element.text}" if element.text else f"{name} (lines)" if name == "paragraph" else name
