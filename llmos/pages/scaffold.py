"""The grammar of one page: it admits just the HTML that has the seen elements, in their order.

What is open is what the model is good at: the title, the wording of what was read, heading levels, the types of
inputs, options, alternative texts, and copy where lines were scribbled. Attributes that follow from these are added
by `finish`, so that no tokens are spent on them.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

from llmos.pages.parts import Box, Field, Leaf, Part, Stepper, elements_of
from llmos.pages.plan import plan
from llmos.pages.seen import Element, Seen

INPUT_TYPES = ("text", "email", "tel", "password", "number", "date", "time", "search", "url")
RULES = """
title ::= "<title>" [^<>\\n" ] [^<>\\n"]{2,38} "</title>\\n"
type ::= TYPES
alt ::= [^<>\\n"]{4,40}
option ::= "<option>" [^<>\\n "=] [^<>\\n"=]{1,22}
""".replace("TYPES", " | ".join(f'"{name}"' for name in INPUT_TYPES))
COPY_CHARS = 140  # of one invented sentence
COPY = rf'[^<>\n". ] [^<>\n".]{{24,{COPY_CHARS}}} "."'
LATIN = "a-zA-ZÀ-ɏ"
ANY_SCRIPT = LATIN + "Ͱ-￿"
LOST_MARKS = " '?!.-"  # what a reading often loses
TAGS = {"row": "div", "column": "div", "card": "article", "form": "form", "group": "fieldset"}


def grammar(seen: Seen) -> str:
    """GBNF for the page's HTML."""
    page = plan(seen)
    headed = any(element.kind == "Heading" for element in seen.elements)
    root = sequence("" if headed else "title", *Scaffold(page).parts(page))
    return f"root ::= {root}\n{RULES}"


class Scaffold:
    """Writes the GBNF of a plan's parts."""

    def __init__(self, page: Box) -> None:
        elements = list(elements_of(page))
        headings = [e for e in elements if e.kind == "Heading"]
        worded = [e for e in elements if e.kind != "Image"]
        self.first = (headings or worded or elements)[0]

    def parts(self, box: Box) -> Iterator[str]:
        before = (None, *box.parts[:-1])
        after = (*box.parts[1:], None)
        for part, above, below in zip(box.parts, before, after, strict=True):
            if isinstance(part, Leaf) and box.type != "row" and not _is_text(above) and _heads(part.element, below):
                yield wrapped("h2", words(part.element.text))
            else:
                yield self.part(part)

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
        yield from self.parts(box)
        if box.type == "form" and not any(element.kind == "Button" for element in elements_of(box)):
            yield wrapped("button", words(""))
        yield literal(f"</{TAGS[box.type]}>\n")

    def leaf(self, element: Element) -> str:
        text = words(element.text)
        match element.kind:
            case "Heading":
                return wrapped("h1", text) if element is self.first else either("h2", "h3", text)
            case "Label":
                return either("h1", "p", text) if element is self.first else wrapped("p", text)
            case "Paragraph":
                return wrapped("p", text if element.text else COPY)
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


def _is_text(part: Part | None) -> bool:
    return isinstance(part, Leaf) and part.element.kind == "Label"


def _heads(element: Element, following: Part | None) -> bool:
    """Whether a label is the heading of what follows it: of named fields, or of a paragraph."""
    if element.kind != "Label":
        return False
    match following:
        case Field(_, caption):
            return caption is not None
        case Leaf(other):
            return other.kind == "Paragraph"
        case Box("row" | "form", (first, *_)):
            return _heads(element, first)
    return False


def field(control: Element, caption: Element | None) -> str:
    makers = {"ComboBox": select, "Slider": slider}
    inner = makers.get(control.kind, text_input)(control)
    if caption is None:
        return sequence(inner, literal("\n"))
    return sequence(literal("<label>"), words(caption.text), inner, literal("</label>\n"))


def slider(_control: Element) -> str:
    return literal("<input type=range>")


def text_input(control: Element) -> str:
    if control.multiline:
        hint = sequence(literal('<textarea placeholder="'), words(control.text), literal('"></textarea>'))
        return hint if control.text else literal("<textarea></textarea>")
    if not control.text:
        return sequence(literal("<input type="), "type", literal(">"))
    placeholder = sequence(literal(' placeholder="'), words(control.text), literal('">'))
    return sequence(literal("<input type="), "type", placeholder)


def select(control: Element) -> str:
    shown = literal(f"<option>{html.escape(control.text, quote=False)}") if control.text else ""
    return sequence(literal("<select>"), shown, "option{2,4}", literal("</select>"))


def words(read: str) -> str:
    """A hole for a text that was read: near its length and of its characters; what has no letters stands as it is."""
    size = len(read)
    if size and (size < 3 or not any(char.isalpha() for char in read)):
        return literal(html.escape(read, quote=False))
    least, most = (max(1, size - 3), size + 2) if size else (3, 24)
    others = "".join(sorted({char for char in read if not char.isalpha()} - set(LOST_MARKS) - set('<>"&')))
    marks = re.sub(r"([\\\]^-])", r"\\\1", others)
    letters = ANY_SCRIPT if re.search("[Ͱ-￿]", read) else LATIN
    first = f"[{letters}{marks}]"
    rest = f"[{letters}{marks}'?!.\\-]"
    return f'{first} (" "? {rest}){{{max(0, least - 1 - read.count(" "))},{most - 1 - read.count(" ")}}}'


def literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def sequence(*pieces: str) -> str:
    return " ".join(pieces)


def wrapped(tag: str, content: str) -> str:
    return sequence(literal(f"<{tag}>"), content, literal(f"</{tag}>\n"))


def either(tag: str, other: str, content: str) -> str:
    return f"({wrapped(tag, content)} | {wrapped(other, content)})"
