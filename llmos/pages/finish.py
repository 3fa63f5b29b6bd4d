"""From what the model wrote to a page that can be served: safe, complete, accessible, valid."""

from __future__ import annotations

import html
from dataclasses import dataclass

from bs4 import Tag

from llmos.contracts import Json
from llmos.pages.arrange import arrange
from llmos.pages.clean import clean
from llmos.pages.complete import add_missing, join_captions, restore_words
from llmos.pages.fields import Fields
from llmos.pages.language import language
from llmos.pages.match import align
from llmos.pages.parts import elements_of
from llmos.pages.plan import plan
from llmos.pages.seen import Box, Element, Seen, read_seen
from llmos.pages.structure import repair_form, repair_headings, repair_images, repair_links, repair_steppers
from llmos.pages.wording import Names, slug

DOCUMENT = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/placeholder.svg">
<link rel="stylesheet" href="/site.css">
<script src="/site.js" defer></script>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Page:
    """A whole HTML document."""

    title: str
    html: str

    @property
    def slug(self) -> str:
        return slug(self.title, "-") or "page"


def finish(written: str, seen: Json, *, title: str | None = None) -> Page:
    """The page of what the model wrote, with every element that was seen. `title` overrides the model's."""
    drawn = read_seen(seen)
    draft = clean(written)
    soup, body = draft.soup, draft.body
    repair_steppers(body)
    elements = tuple(elements_of(plan(drawn)))
    found = align(elements, body)
    add_missing(soup, body, elements, found)
    join_captions(soup, elements, found)
    restore_words(elements, found)
    for element in elements:
        if element.checked:
            found[element.id]["checked"] = ""
    name = title or draft.title or _first_words(body, drawn)
    boxes = {id(found[element.id]): _whole_box(element, drawn) for element in elements}
    repair_headings(soup, body, name)
    repair_links(body)
    repair_images(body, elements, found, float(seen["height"]) / float(seen["width"]))
    Fields(soup, body, Names()).repair()
    repair_form(soup, body, "Send")
    arrange(body, boxes)
    return Page(name, DOCUMENT.format(lang=language(body.get_text(" ")), title=html.escape(name), body=_inner(body)))


def _whole_box(element: Element, drawn: Seen) -> Box:
    """The box of an element with its caption."""
    return element.box if element.caption is None else element.box.around(drawn.element(element.caption).box)


def _first_words(body: Tag, drawn: Seen) -> str:
    """The page's first heading, else the first words on the sketch."""
    heading = body.find(["h1", "h2", "h3"])
    words = [heading.get_text(" ", strip=True)] if heading else [element.text for element in drawn.elements]
    return next((text.rstrip(":") for text in words if text), "Page")


def _inner(body: Tag) -> str:
    for tag in body.select("[data-name]"):
        del tag["data-name"]
    return body.decode_contents(formatter="html5").strip()
