"""Headings, links, pictures and forms as a page should have them."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

from llmos.pages.seen import Box, Element

PAGE_WIDTH = 1040  # CSS pixels that the sketch's width becomes
CONTROLS = ["input", "select", "textarea", "button"]


def repair_headings(soup: BeautifulSoup, body: Tag, title: str) -> None:
    """One h1, and no level left out below it."""
    headings = body.find_all(["h1", "h2", "h3", "h4", "h5", "h6"])
    if headings and not any(heading.name == "h1" for heading in headings):
        headings[0].name = "h1"
    if not headings:
        hidden = soup.new_tag("h1", attrs={"class": "visually-hidden"})
        hidden.string = title
        body.insert(0, hidden)
        headings.insert(0, hidden)
    main = next(heading for heading in headings if heading.name == "h1")
    level = 1
    for heading in headings:
        if heading is not main:
            level = min(max(2, int(heading.name[1])), level + 1)
            heading.name = f"h{level}"


def repair_links(body: Tag) -> None:
    for link in body.find_all("a"):
        link["href"] = "#"


def repair_images(body: Tag, elements: tuple[Element, ...], found: dict[int, Tag], aspect: float) -> None:
    """The bundled placeholder in the drawn size. `aspect` is the picture's height over its width."""
    boxes = {id(found[element.id]): element.box for element in elements if element.kind == "Image"}
    sizes: list[tuple[int, int]] = []
    for image in body.find_all("img"):
        box = boxes.get(id(image), Box(0, 0, 0.5, 0.3))
        drawn = (round(box.width * PAGE_WIDTH), round(box.height * aspect * PAGE_WIDTH))
        size = next((size for size in sizes if _alike(size, drawn)), (max(48, drawn[0]), max(48, drawn[1])))
        sizes.append(size)
        image["src"] = "/placeholder.svg"
        image["alt"] = str(image.get("alt", "")).strip() or "Picture"
        image["width"], image["height"] = str(size[0]), str(size[1])


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two drawn sizes were meant to be the same."""
    return all(abs(a - b) < 0.3 * max(a, b) for a, b in zip(one, other, strict=True))


def repair_steppers(body: Tag) -> None:
    """A number between minus and plus gets buttons with names that can be heard."""
    for less in body.find_all("button"):
        more = less.find_next_sibling("button")
        if less.get_text(strip=True) not in ("-", "−", "–") or more is None or more.get_text(strip=True) != "+":
            continue
        for button, name in ((less, "One less"), (more, "One more")):
            button["type"] = "button"
            button["aria-label"] = name
        if isinstance(less.parent, Tag):
            less.parent["class"] = "stepper"


def repair_form(soup: BeautifulSoup, body: Tag, send: str) -> None:
    """Every control belongs to a form that posts an entry and can be sent."""
    controls = body.find_all(CONTROLS)
    if not controls:
        return
    if body.find("form") is None:
        _wrap(soup, body, controls)
    forms = body.find_all("form")
    for number, form in enumerate(forms, 1):
        form["method"] = "post"
        form["action"] = "/entries"
        form["id"] = "entry" if number == 1 else f"entry-{number}"
        if not form.find("button", type="submit"):
            form.append(soup.new_tag("button", type="submit", string=send))
        _name_buttons(form)
    for control in controls:
        if control.find_parent("form") is None:
            control["form"] = "entry"


def _wrap(soup: BeautifulSoup, body: Tag, controls: list[Tag]) -> None:
    """A form around the outermost parts from the first control to the last."""
    tops = [_top(body, control) for control in (controls[0], controls[-1])]
    form = soup.new_tag("form")
    tops[0].insert_before(form)
    part: Tag | None = tops[0]
    while part is not None:
        following = part.find_next_sibling(True) if part is not tops[1] else None
        form.append(part.extract())
        part = following


def _top(body: Tag, tag: Tag) -> Tag:
    while tag.parent is not None and tag.parent is not body:
        tag = tag.parent
    return tag


def _name_buttons(form: Tag) -> None:
    """Say which button was pressed where that is news: several of them, or nothing else in the form."""
    buttons = form.find_all("button", type="submit")
    fields = form.find_all(["input", "select", "textarea"], attrs={"name": True})
    if len(buttons) > 1 or not fields:
        for button in buttons:
            button["name"] = "action"
            button["value"] = button.get_text(" ", strip=True)
