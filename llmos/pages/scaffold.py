"""The grammar of one page: it admits just the HTML that has the seen elements, in their order.

What is open is what the model is good at: the title, the wording of what was read, heading levels, the types of
inputs, options, alternative texts, and copy where lines were scribbled. Attributes that follow from these are added
by `finish`, so that no tokens are spent on them.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator

from llmos.pages.parts import Box, Field, Leaf, Part, Stepper, elements_of
from llmos.pages.plan import plan
from llmos.pages.seen import Element, Seen

INPUT_TYPES = ("text", "email", "tel", "password", "number", "date", "time", "search", "url")
RULES = """
title ::= "<title>" [^<>\\n" ] [^<>\\n"]{2,38} "</title>\\n"
type ::= TYPES
alt ::= [^<>\\n"]{4,40}
option ::= "<option>" [^<>\\n "] [^<>\\n"]{1,22}
""".replace("TYPES", " | ".join(f'"{name}"' for name in INPUT_TYPES))
COPY_CHARS = 360  # of invented copy on the whole page
TAGS = {"row": "div", "column": "div", "form": "form", "group": "fieldset"}


def grammar(seen: Seen) -> str:
    """GBNF for the page's HTML."""
    page = plan(seen)
    scaffold = Scaffold(page)
    return f"root ::= title {sequence(*(scaffold.part(part) for part in page.parts))}\n{RULES}"


class Scaffold:
    """Writes the GBNF of a plan's parts."""

    def __init__(self, page: Box) -> None:
        elements = list(elements_of(page))
        headings = [e for e in elements if e.kind == "Heading"]
        self.first = headings[0] if headings else elements[0]
        scribbled = sum(e.kind == "Paragraph" and not e.text for e in elements)
        self.copy_chars = max(40, min(140, COPY_CHARS // max(1, scribbled)))

    def part(self, part: Part) -> str:
        match part:
            case Leaf(element):
                return self.leaf(element)
            case Field(control, caption):
                return field(control, caption)
            case Stepper(_, value, _):
                number = f"<input type=number value={value.text}>"
                return literal(f"<div><button>-</button>{number}<button>+</button></div>\n")
            case Box():
                return sequence(*self.box(part))

    def box(self, box: Box) -> Iterator[str]:
        yield literal(f"<{TAGS[box.type]}>\n")
        if box.legend:
            yield wrapped("legend", words(box.legend.text))
        for part in box.parts:
            yield self.part(part)
        yield literal(f"</{TAGS[box.type]}>\n")

    def leaf(self, element: Element) -> str:
        text = words(element.text)
        match element.kind:
            case "Heading":
                return wrapped("h1", text) if element is self.first else either("h2", "h3", text)
            case "Label":
                return either("h1", "p", text) if element is self.first else wrapped("p", text)
            case "Paragraph":
                return wrapped("p", text if element.text else self.copy())
            case "Image":
                return sequence(literal('<img alt="'), "alt", literal('">\n'))
            case "Link":
                return wrapped("a", text)
            case "CheckBox":
                return sequence(literal("<label><input type=checkbox>"), text, literal("</label>\n"))
            case "RadioButton":
                return sequence(literal("<label><input type=radio>"), text, literal("</label>\n"))
            case _:
                return wrapped("button", text)

    def copy(self) -> str:
        return f'[^<>\\n". ] [^<>\\n".]{{24,{self.copy_chars}}} "."'


def field(control: Element, caption: Element | None) -> str:
    inner = select(control) if control.kind == "ComboBox" else text_input(control)
    if caption is None:
        return sequence(inner, literal("\n"))
    return sequence(literal("<label>"), words(caption.text), inner, literal("</label>\n"))


def text_input(control: Element) -> str:
    if not control.text:
        return sequence(literal("<input type="), "type", literal(">"))
    placeholder = sequence(literal(' placeholder="'), words(control.text), literal('">'))
    return sequence(literal("<input type="), "type", placeholder)


def select(control: Element) -> str:
    shown = sequence(literal("<option>"), words(control.text)) if control.text else ""
    return sequence(literal("<select>"), shown, "option{2,4}", literal("</select>"))


def words(read: str) -> str:
    """A hole for a text that was read: near its length; what has no letters stands as it is."""
    size = len(read)
    if size and (size < 3 or not any(char.isalpha() for char in read)):
        return literal(html.escape(read, quote=False))
    least, most = (max(1, size - 3), size + 3) if size else (3, 24)
    return f'[^<>\\n" ] [^<>\\n"]{{{least - 1},{most - 1}}}'


def literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def sequence(*pieces: str) -> str:
    return " ".join(pieces)


def wrapped(tag: str, content: str) -> str:
    return sequence(literal(f"<{tag}>"), content, literal(f"</{tag}>\n"))


def either(tag: str, other: str, content: str) -> str:
    return f"({wrapped(tag, content)} | {wrapped(other, content)})"
