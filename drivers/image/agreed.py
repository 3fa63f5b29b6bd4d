"""What the rules read from a picture and what the eye sees on it, as one list of elements.

The rules know to the pixel where lines and letters are; the eye knows what things are. So a thing that both have found
keeps the rules' sides and takes the eye's class, and each fills in what the other has missed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from drivers.image.elements import CHOICES, Element, in_reading_order
from drivers.image.eye.classes import HOLDERS, TEXTS, Class
from drivers.image.geometry import Box, around
from drivers.image.shapes import MARKS, Shape

SAME = 0.4  # intersection over union from which two boxes are one element
NEAR = 0.2  # overlap with anything seen that keeps a shape which only the rules have found
WITHIN = 0.6  # the share of a text that lies in what it belongs to
TAKES_TEXT = ("Button", "TextBox", "TextArea", "ComboBox", "Paragraph", *CHOICES)
WORDS = ("Label", "Heading")
HEARD = 0.35  # from which score on the eye's word against the rules' is a doubt,
SURE = 0.75  # and from which it is none any more
PICTURES = ("Image", "Video", "Chart")
PRESSED = ("Button",)


@dataclass(frozen=True)
class Sight:
    """One thing the eye sees, in working pixels. `score` is 0 to 1."""

    cls: Class
    box: Box
    score: float


@dataclass(frozen=True)
class Trust:
    """From which score on the eye is believed: that a known thing is of its class (`cls`; `text`, where both take it
    for writing, or the eye sees a round mark before it), and that there is a thing which the rules have not found
    (`new`).
    """

    cls: float = 0.6
    text: float = 0.8
    new: float = 0.45


TRUST = Trust()


def agreed(found: list[Element], seen: Iterable[Sight], trust: Trust = TRUST) -> list[Element]:
    """`found` and what comes back are in no order and without captions; what holds others is left out."""
    sights = sorted((one for one in seen if one.cls not in HOLDERS), key=lambda one: -one.score)
    found = [part for element in found for part in _parted(element, sights, trust)]
    pairs = _pairs(found, sights)
    both = [_joined(found[at], sights[to], trust) for at, to in pairs.items()]
    alone = [element for at, element in enumerate(found) if at not in pairs]
    paired = set(pairs.values())
    for sight in (one for to, one in enumerate(sights) if to not in paired and one.score >= trust.new):
        if _is_new(sight, both, alone):
            made, alone = _made(sight, alone)
            both.append(made)
    return both + [element for element in alone if _is_kept(element, sights, trust)]


def is_letter(shape: Shape, sights: Iterable[Sight], trust: Trust = TRUST) -> bool:
    """Whether a mark is a part of words that the eye sees, and of nothing else: a bold B has two round bowls."""
    near = [one for one in sights if one.cls not in HOLDERS and shape.box.inside(one.box) > NEAR]
    in_words = any(one.score >= trust.new and shape.box.inside(one.box) > WITHIN for one in near)
    return shape.kind in MARKS and in_words and all(one.cls in WORDS for one in near)


def is_hinted(box: Box, sights: Iterable[Sight]) -> bool:
    """Whether the eye sees at least a hint of something in this place."""
    return any(one.box.iou(box) > NEAR for one in sights)


def _parted(element: Element, sights: list[Sight], trust: Trust) -> list[Element]:
    """A choice in whose place the eye sees several, read as one line, as those; and a line of text in which it sees
    buttons, as a stepper's. The words are dealt out by length."""
    if element.cls not in (*CHOICES, *WORDS):
        return [element]
    apart, beside = (CHOICES, ()) if element.cls in CHOICES else (PRESSED, WORDS)
    sure = (one for one in sights if one.cls in (*apart, *beside) and one.score >= trust.cls)
    parts = sorted((one for one in sure if one.box.inside(element.box) > WITHIN), key=lambda one: one.box.left)
    if len(parts) < 2 or not any(one.cls in apart for one in parts):
        return [element]
    texts = _dealt(element.text.split(), [part.box.width for part in parts])
    return [Element(part.cls, part.box, text, part.score) for part, text in zip(parts, texts, strict=True)]


def _dealt(words: list[str], widths: list[float]) -> list[str]:
    """One text for each width, which the words fill from the left; each has one while there are enough."""
    texts = []
    for at, width in enumerate(widths):
        after = len(widths) - at - 1
        share = sum(map(len, words)) * width / sum(widths[at:])
        count = 1 if after else len(words)
        while count < len(words) - after and sum(map(len, words[:count])) + len(words[count]) / 2 < share:
            count += 1
        texts.append(" ".join(words[:count]))
        words = words[count:]
    return texts


def _pairs(found: list[Element], sights: list[Sight]) -> dict[int, int]:
    """By number, which of the found each of the seen is; the closest first."""
    close = [
        (shared, at, to)
        for at, element in enumerate(found)
        for to, sight in enumerate(sights)
        if (shared := element.box.iou(sight.box)) >= SAME
    ]
    pairs: dict[int, int] = {}
    for _, at, to in sorted(close, reverse=True):
        if at not in pairs and to not in pairs.values():
            pairs[at] = to
    return pairs


def _joined(element: Element, sight: Sight, trust: Trust) -> Element:
    is_writing = element.cls in TEXTS and sight.cls in TEXTS
    doubtful = is_writing or (element.cls in TEXTS and sight.cls == "RadioButton")
    in_doubt = element.cls != sight.cls and HEARD <= sight.score < SURE
    if sight.score < (trust.text if doubtful else trust.cls):
        return replace(element, perhaps=sight.cls) if in_doubt else element
    checked = element.checked if sight.cls in CHOICES else None
    # what is more than its words reaches further than they do
    box = element.box if is_writing or element.cls not in TEXTS else around([element.box, sight.box])
    score, perhaps = max(element.score, sight.score), element.cls if in_doubt else None
    return replace(element, cls=sight.cls, box=box, checked=checked, score=score, perhaps=perhaps)


def _is_new(sight: Sight, both: list[Element], alone: list[Element]) -> bool:
    if any(sight.box.iou(element.box) > SAME for element in both):
        return False
    # a text that was read already, only cut in another way
    return sight.cls not in TEXTS or not any(_is_read(sight.box, e) for e in [*both, *alone] if e.cls in TEXTS)


def _is_read(box: Box, text: Element) -> bool:
    return text.box.inside(box) > WITHIN or box.inside(text.box) > WITHIN


def _made(sight: Sight, alone: list[Element]) -> tuple[Element, list[Element]]:
    """What the eye alone has seen, with the texts that belong to it; and the rest."""
    own = [e for e in alone if sight.cls in TAKES_TEXT and e.cls in TEXTS and e.box.inside(sight.box) > WITHIN]
    text = " ".join(element.text for element in in_reading_order(own) if element.text)
    box = around([sight.box, *(e.box for e in own)]) if sight.cls in CHOICES else sight.box
    taken = {id(element) for element in own}
    return Element(sight.cls, box, text, sight.score), [e for e in alone if id(e) not in taken]


def _is_kept(element: Element, sights: list[Sight], trust: Trust) -> bool:
    """Writing stays, unless it is part of a picture; a shape stays where the eye sees at least a hint of something."""
    pictures = (one.box for one in sights if one.cls in PICTURES and one.score >= trust.new)
    if any(element.box.inside(box) > WITHIN for box in pictures):
        return False
    return element.cls in TEXTS or is_hinted(element.box, sights)
