"""Every seen element on the page, with the words that were read."""

from __future__ import annotations

from collections.abc import Sequence

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from llmos.pages.match import choice_text, text_of
from llmos.pages.seen import Element
from llmos.pages.wording import is_faithful

TAGS = {
    "Label": "p",
    "Heading": "h2",
    "Paragraph": "p",
    "Image": "img",
    "Link": "a",
    "Button": "button",
    "TextBox": "input",
    "ComboBox": "select",
    "Slider": "input",
}
INDIVISIBLE = ["label", "legend", "p", "a", "button", "select", "h1", "h2", "h3", "h4", "h5", "h6"]


def add_missing(soup: BeautifulSoup, body: Tag, elements: Sequence[Element], found: dict[int, Tag]) -> None:
    """Put what the model left out after the element that comes before it. Adds to `found`."""
    before: Tag | None = None
    for element in elements:
        if element.id not in found:
            tag = _new(soup, element)
            _insert(body, before, tag)
            found[element.id] = tag if tag.name != "label" else _input_in(tag)
        before = found[element.id]


def join_captions(soup: BeautifulSoup, elements: Sequence[Element], found: dict[int, Tag]) -> None:
    """Make the text that names a field the label around it."""
    for element in elements:
        if element.caption is None or found[element.id].find_parent("label") is not None:
            continue
        caption, control = found[element.caption], found[element.id]
        label = soup.new_tag("label")
        label.string = text_of(caption)
        control.insert_before(label)
        label.append(control.extract())
        caption.decompose()
        found[element.caption] = label


def restore_words(elements: Sequence[Element], found: dict[int, Tag]) -> None:
    """Where the model did not correct a text but replaced it, take the text that was read."""
    for element in elements:
        tag = found[element.id]
        if not element.text or element.kind in ("Image", "Slider"):
            continue
        if element.kind == "TextBox":
            if not is_faithful(str(tag.get("placeholder", "")), element.text):
                tag["placeholder"] = element.text
        elif element.kind == "ComboBox":
            _restore_option(tag, element.text)
        elif not is_faithful(text_of(tag), element.text):
            _write(tag, element.text)


def _new(soup: BeautifulSoup, element: Element) -> Tag:
    if element.kind in ("CheckBox", "RadioButton"):
        label = soup.new_tag("label")
        label.append(soup.new_tag("input", type="checkbox" if element.kind == "CheckBox" else "radio"))
        label.append(element.text or "Choice")
        return label
    tag = soup.new_tag("textarea" if element.multiline else TAGS[element.kind])
    if element.kind == "Slider":
        tag["type"] = "range"
    if element.kind in ("Label", "Heading", "Paragraph", "Link", "Button"):
        tag.string = element.text or "…"
    return tag


def _input_in(label: Tag) -> Tag:
    field = label.find("input")
    assert isinstance(field, Tag)
    return field


def _insert(body: Tag, before: Tag | None, tag: Tag) -> None:
    if before is None:
        body.insert(0, tag)
        return
    outermost = before
    while (parent := outermost.find_parent(INDIVISIBLE) or outermost.find_parent(class_="stepper")) is not None:
        outermost = parent
    outermost.insert_after(tag)


def _restore_option(select: Tag, read: str) -> None:
    options = select.find_all("option")
    if any(is_faithful(option.get_text(), read) for option in options):
        return
    option = Tag(name="option")
    option.string = read
    select.insert(0, option)


def _write(tag: Tag, text: str) -> None:
    if tag.name == "input" and tag.get("type") in ("checkbox", "radio"):
        _write_choice(tag, text)
    elif tag.name == "input":
        tag["value"] = text
    elif tag.name == "label":
        for words in [child for child in tag.children if type(child) is NavigableString]:
            words.extract()
        tag.insert(0, text)
    else:
        tag.string = text


def _write_choice(tag: Tag, text: str) -> None:
    label = tag.find_parent("label")
    if label is not None:
        tag.extract()
        label.clear()
        label.extend([tag, NavigableString(text)])
    elif not choice_text(tag):
        tag.insert_after(text)
