"""Which tag of a page stands for which seen element."""

from __future__ import annotations

from collections.abc import Sequence

from bs4 import Tag
from bs4.element import NavigableString

from llmos.pages.clean import HEADINGS, TEXT_TAGS
from llmos.pages.parts import FIELDS
from llmos.pages.seen import Element
from llmos.pages.wording import similarity

TYPED = {"text", "email", "tel", "password", "number", "date", "time", "search", "url"}
WORDED = TEXT_TAGS | HEADINGS | {"legend", "label", "figcaption", "output"}
FOUND_ANYWHERE = 1.6  # how alike a text must be to be taken out of order


def align(elements: Sequence[Element], body: Tag) -> dict[int, Tag]:
    """Element ids to tags: the alignment in document order with the most likeness, then leftovers by their text."""
    tags = [tag for tag in body.find_all(True) if _can_stand(tag)]
    pairs = _alignment(elements, tags)
    found = {elements[i].id: tags[j] for i, j in pairs}
    left = [tag for j, tag in enumerate(tags) if j not in {j for _, j in pairs}]
    for element in elements:
        if element.id in found or not element.text:
            continue
        best = max(left, key=lambda tag: _likeness(element, tag), default=None)
        if best is not None and _likeness(element, best) > FOUND_ANYWHERE:
            found[element.id] = best
            left.remove(best)
    return found


def stands_for(tag: Tag, element: Element) -> bool:
    """Whether the tag is of the right sort for the element."""
    name, type = tag.name, str(tag.get("type", "text")).lower()
    is_input = name == "input"
    fits = {
        "Heading": name in HEADINGS,
        "Label": name in WORDED or (is_input and type == "number" and bool(tag.get("value"))),
        "Paragraph": name in TEXT_TAGS,
        "Image": name == "img",
        "Link": name == "a",
        "Button": name == "button" or (is_input and type in ("submit", "button", "reset")),
        "TextBox": name == "textarea" or (is_input and type in TYPED),
        "ComboBox": name == "select",
        "Slider": is_input and type == "range",
        "CheckBox": is_input and type == "checkbox",
        "RadioButton": is_input and type == "radio",
    }
    return fits[element.kind]


def text_of(tag: Tag) -> str:
    """The words that a reader sees as this tag's own."""
    if tag.name in ("label", "legend"):
        return " ".join(_own_words(tag).split())
    if tag.name != "input":
        return tag.get_text(" ", strip=True)
    if tag.get("type") in ("checkbox", "radio"):
        return choice_text(tag)
    return str(tag.get("value") or tag.get("placeholder") or "")


def choice_text(tag: Tag) -> str:
    """The words beside a check box or radio button: of its label, or those that follow it."""
    label = tag.find_parent("label")
    if label is not None:
        return label.get_text(" ", strip=True)
    follows = tag.next_sibling
    if isinstance(follows, Tag):
        return follows.get_text(" ", strip=True)
    return str(follows).strip() if isinstance(follows, NavigableString) else ""


def _can_stand(tag: Tag) -> bool:
    if tag.name not in WORDED:
        return tag.name in ("img", "a", "button", "input", "select", "textarea")
    if tag.name == "label" and tag.find("input", type=["checkbox", "radio"]):
        return False
    return bool(_own_words(tag).strip())


def _own_words(tag: Tag) -> str:
    if tag.name == "legend":
        return tag.get_text(" ")
    return " ".join(str(child) for child in tag.children if type(child) is NavigableString)


def _likeness(element: Element, tag: Tag) -> float:
    """0 when the tag cannot stand for the element; else 1 to 2, so that many matches count more than good ones."""
    if not stands_for(tag, element):
        return 0.0
    if not element.text or element.kind in FIELDS:
        return 1.5
    return 1 + similarity(element.text, text_of(tag))


def _alignment(elements: Sequence[Element], tags: Sequence[Tag]) -> list[tuple[int, int]]:
    """Pairs (i, j), both rising, of the greatest sum of likeness."""
    best = [[0.0] * (len(tags) + 1) for _ in range(len(elements) + 1)]
    like = [[_likeness(element, tag) for tag in tags] for element in elements]
    for i in range(len(elements) - 1, -1, -1):
        for j in range(len(tags) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], like[i][j] + best[i + 1][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(elements) and j < len(tags):
        if like[i][j] and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return pairs
