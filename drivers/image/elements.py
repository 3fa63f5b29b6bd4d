"""From shapes and text to the elements of a page, by the conventions people sketch with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TypeVar

from drivers.image.eye.classes import Class
from drivers.image.geometry import Box, around
from drivers.image.reading import Line
from drivers.image.shapes import MARKS, Shape

FIELDS = ("TextBox", "ComboBox", "TextArea", "Slider", "Toggle")
TYPED = ("TextBox", "TextArea")
CHOICES = ("CheckBox", "RadioButton")
HALF = 0.5
CENTRED = 0.18  # of a box's width: how much its two blank ends may differ when its text is centred
LARGER = 1.3  # than the usual line: a heading wherever it stands
LINE = 20  # working pixels that a line of text is high, about
PLACEHOLDER = ("type ", "enter ", "your ", "select ", "choose ", "search")


@dataclass(frozen=True)
class Element:
    """`caption` is the element that names a field; `checked` is set for things that can be; `perhaps` is what else it
    may be, where the eye and the rules do not agree and neither is sure.
    """

    cls: Class
    box: Box
    text: str
    score: float
    caption: Element | None = None
    checked: bool | None = None
    perhaps: Class | None = None


Placed = TypeVar("Placed", Line, Element)


def fuse(shapes: list[Shape], lines: list[Line]) -> list[Element]:
    """All elements, in no order and without captions yet."""
    shapes = _without_containers(shapes, lines)
    drawn, free = _boxes(shapes, lines)
    marks, free = _marks(shapes, free)
    rules = [s.box for s in shapes if s.kind == "rule"]
    fixed = drawn + marks
    return fixed + _texts(free, rules, fixed)


def in_reading_order(things: list[Placed]) -> list[Placed]:
    """Lines from the top down, each from the left."""
    return sorted(things, key=lambda one: (round(one.box.y / LINE), one.box.left))


def _without_containers(shapes: list[Shape], lines: list[Line]) -> list[Shape]:
    """A frame around several things is a card or a panel, not an element."""
    return [s for s in shapes if s.kind != "frame" or not _is_container(s, shapes, lines)]


def _is_container(frame: Shape, shapes: list[Shape], lines: list[Line]) -> bool:
    held = [s for s in shapes if s is not frame and s.kind != "rule" and s.box.inside(frame.box) > 0.7]
    if any(s.kind == "image" and s.box.area > 0.4 * frame.box.area for s in held):
        return True
    if any(_sticks_out(line.box, frame.box) for line in lines):
        return True
    texts = [line for line in lines if line.box.inside(frame.box) > 0.7]
    return bool(held) and len(held) + len(texts) > 1


def _sticks_out(text: Box, frame: Box) -> bool:
    """Written across a side of the frame, which is then none."""
    beside = frame.top < text.y < frame.bottom and text.shared_width(frame) > 0.2 * text.width
    return beside and (text.left < frame.left - 0.5 * text.height or text.right > frame.right + 0.5 * text.height)


def _boxes(shapes: list[Shape], lines: list[Line]) -> tuple[list[Element], list[Line]]:
    """Elements with an outline of their own, and the text left outside them."""
    found: list[Element] = []
    for shape in sorted(shapes, key=lambda s: s.box.area):
        if shape.kind not in ("frame", "image", "dropdown", "prose"):
            continue
        own = [line for line in lines if _holds(shape.box, line)]
        lines = [line for line in lines if line not in own]
        text = _join(own)
        found.append(Element(_class_of(shape, own), shape.box, text, shape.score))
    return found, lines


def _holds(box: Box, line: Line) -> bool:
    return line.box.inside(box) > 0.6 and box.left < line.box.x < box.right and box.top < line.box.y < box.bottom


def _join(lines: list[Line]) -> str:
    return " ".join(line.text for line in in_reading_order(lines))


def _class_of(shape: Shape, lines: list[Line]) -> Class:
    if shape.kind == "image":
        return "Image"
    if shape.kind == "prose":
        return "Paragraph"
    if shape.kind == "dropdown":
        return "ComboBox"
    if not lines and shape.marked:
        return "Image"
    return _frame_class(shape.box, lines)


def _frame_class(box: Box, lines: list[Line]) -> Class:
    if not lines:
        return "TextBox" if box.width > 1.8 * box.height else "Image"
    text = around(line.box for line in lines)
    left, right = text.left - box.left, box.right - text.right
    if is_placeholder(_join(lines)):
        return "TextBox"
    return "Button" if abs(left - right) < CENTRED * box.width else "TextBox"


def is_placeholder(words: str) -> bool:
    """Words that ask for what is to be typed."""
    return words.lower().startswith(PLACEHOLDER) or words.endswith(("...", "…"))


def in_menus(elements: list[Element], menus: list[Box]) -> list[Element]:
    """The words in a navigation bar lead somewhere, underlined or not."""
    return [
        replace(e, cls="Link") if e.cls == "Label" and any(e.box.inside(menu) > HALF for menu in menus) else e
        for e in elements
    ]


def _marks(shapes: list[Shape], lines: list[Line]) -> tuple[list[Element], list[Line]]:
    """Boxes to tick and round marks with the text to their right, and the text left over."""
    found: list[Element] = []
    marks = [s for s in shapes if s.kind in MARKS]
    for shape in sorted(marks, key=lambda s: -s.box.left):
        caption = _right_of(shape.box, lines)
        if shape.kind in ("plus", "minus"):
            opens = shape.kind == "plus" and caption is not None and _is_wordy(caption.text)
            found.append(_opener(shape, caption) if opens and caption else _stepper(shape))
            lines = [line for line in lines if not opens or line is not caption]
            continue
        if caption is None:
            if shape.kind == "tick":
                found.append(Element("CheckBox", shape.box, "", shape.score, checked=shape.marked))
            continue
        lines = [line for line in lines if line is not caption]
        cls: Class = "CheckBox" if shape.kind == "tick" else "RadioButton"
        box = around((shape.box, caption.box))
        found.append(Element(cls, box, caption.text, min(shape.score, caption.score), checked=shape.marked))
    return found, lines


def _stepper(sign: Shape) -> Element:
    return Element("Button", sign.box, "+" if sign.kind == "plus" else "-", sign.score)


def _opener(sign: Shape, caption: Line) -> Element:
    """A plus before words opens more of the page."""
    return Element("Link", around((sign.box, caption.box)), caption.text, min(sign.score, caption.score))


def _right_of(box: Box, lines: list[Line]) -> Line | None:
    near = [
        line
        for line in lines
        if line.box.same_line(box) and -0.5 * box.width < line.box.left - box.right < 3 * box.width
    ]
    return min(near, key=lambda line: line.box.left, default=None)


def _texts(lines: list[Line], rules: list[Box], fixed: list[Element]) -> list[Element]:
    return [Element(_text_class(line, lines, rules, fixed), line.box, line.text, line.score) for line in lines]


def _text_class(line: Line, lines: list[Line], rules: list[Box], fixed: list[Element]) -> Class:
    if any(_underlines(rule, line) for rule in rules):
        return "Link"
    if _is_heading(line, lines, rules, fixed):
        return "Heading"
    return "Label"


def _underlines(rule: Box, line: Line) -> bool:
    close = -0.45 * line.box.height < rule.y - line.box.bottom < 0.35 * line.box.height
    alike = 0.5 * line.box.width < rule.width < 1.5 * line.box.width
    return close and alike and rule.shared_width(line.box) > 0.6 * min(rule.width, line.box.width)


def _is_heading(line: Line, lines: list[Line], rules: list[Box], fixed: list[Element]) -> bool:
    if _names_a_field(line, lines, fixed) or not _is_wordy(line.text):
        return False
    row = [other for other in lines if other is not line and other.box.same_line(line.box)]
    if any(other.box.left < line.box.left for other in row):
        return False
    usual = median(other.box.height for other in lines)
    above = [b for b in [*(o.box for o in lines), *(e.box for e in fixed)] if b.y < line.box.top]
    if not above and not row:
        return True
    if any(_divides(rule, line) for rule in rules):
        return not any(other.text[-1:].isdigit() for other in row)
    return line.box.height > LARGER * usual and not row


def _is_wordy(text: str) -> bool:
    """More letters than anything else: a price or a number is no heading."""
    letters = sum(character.isalpha() for character in text)
    return letters > 2 and 2 * letters > len(text.replace(" ", ""))


def _names_a_field(line: Line, lines: list[Line], fixed: list[Element]) -> bool:
    boxes = [other.box for other in lines]
    return any(_nearest_caption(e.box, boxes) is line.box for e in fixed if e.cls in FIELDS)


def _divides(rule: Box, line: Line) -> bool:
    below = -0.3 * line.box.height < rule.y - line.box.bottom < 0.9 * line.box.height
    return below and rule.width > 1.5 * line.box.width and rule.shared_width(line.box) > 0.6 * line.box.width


def _is_caption(text: Box, field: Box) -> bool:
    beside = text.same_line(field) and 0 <= field.left - text.right + 0.2 * text.height < 3 * text.height
    starts_with = abs(text.left - field.left) < 1.5 * text.height
    above = starts_with and -0.5 * text.height < field.top - text.bottom < 1.0 * text.height
    return beside or above


def with_captions(elements: list[Element]) -> list[Element]:
    named = _captions(elements)
    names = {id(box) for box in named.values()}
    # no heading names a field
    elements = [replace(e, cls="Label") if e.cls == "Heading" and id(e.box) in names else e for e in elements]
    texts = {id(e.box): e for e in elements if e.cls == "Label"}
    return [replace(e, caption=texts[id(named[id(e.box)])]) if id(e.box) in named else e for e in elements]


def _captions(elements: list[Element]) -> dict[int, Box]:
    """By the `id` of a field's box, the box of the words that name it."""
    texts = [e.box for e in elements if e.cls in ("Label", "Heading")]
    fields = [e for e in elements if e.cls in FIELDS]
    return {id(e.box): box for e in fields if (box := _nearest_caption(e.box, texts) or _named_afar(e, texts))}


def _nearest_caption(field: Box, texts: list[Box]) -> Box | None:
    near = [text for text in texts if _is_caption(text, field)]
    return min(near, key=lambda text: _distance(text, field), default=None)


def _named_afar(field: Element, texts: list[Box]) -> Box | None:
    """In a list of settings the words stand at one end of the row and the switch at the other."""
    if field.cls not in ("Slider", "Toggle"):
        return None
    before = [text for text in texts if text.same_line(field.box) and text.right < field.box.left]
    return max(before, key=lambda text: text.right, default=None)


def _distance(text: Box, field: Box) -> float:
    return max(field.left - text.right, 0.0) + max(field.top - text.bottom, 0.0)
