"""What the model wrote, as a tree in which nothing can run, load or leave the page."""

from __future__ import annotations

import re
from dataclasses import dataclass

import nh3
from bs4 import BeautifulSoup, Tag

TEXT_TAGS = {"p", "span", "strong", "em", "b", "i", "small", "s", "blockquote", "li", "dt", "dd", "td", "th", "caption"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = {"div", "section", "article", "main", "header", "footer", "nav", "aside", "figure", "figcaption", "hr", "br"}
LISTS = {"ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr"}
CONTROLS = {"form", "fieldset", "legend", "label", "input", "textarea", "select", "option", "button", "output"}
TAGS = TEXT_TAGS | HEADINGS | BLOCKS | LISTS | CONTROLS | {"a", "img"}
ATTRIBUTES = {
    "img": {"alt"},
    "input": {"type", "name", "value", "placeholder", "checked", "min", "max", "step"},
    "textarea": {"name", "placeholder"},
    "select": {"name"},
    "option": {"value", "selected"},
}
SILENT = {"script", "style", "title", "template", "iframe", "object", "svg", "math", "noscript"}


@dataclass(frozen=True)
class Draft:
    """`body` is a tag whose children are the page."""

    title: str
    soup: BeautifulSoup
    body: Tag


def clean(html: str) -> Draft:
    """Parse what the model wrote, however broken, keeping only tags and attributes that a page may have."""
    html = re.sub(r"^\s*```\w*|```\s*$", "", html)
    written = BeautifulSoup(html, "html5lib")
    title = written.title.get_text(" ", strip=True) if written.title else ""
    _wrap_labelled(written)
    safe = nh3.clean(str(written.body), tags=TAGS, attributes=ATTRIBUTES, clean_content_tags=SILENT, link_rel=None)
    soup = BeautifulSoup(safe, "html5lib")
    assert soup.body is not None  # html5lib always makes one
    return Draft(title, soup, soup.body)


def _wrap_labelled(page: BeautifulSoup) -> None:
    """Put a control that a label points to into that label, since ids of the model's are not kept."""
    for label in page.select("label[for]"):
        control = page.find(id=str(label["for"]))
        if (
            isinstance(control, Tag)
            and label.find(["input", "select", "textarea"]) is None
            and label not in control.parents
        ):
            label.append(control.extract())
