"""A web page as Markdown: what a reader sees of it, without scripts and styles."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Comment
from markdownify import MarkdownConverter

from drivers.files.encoding import encoding_of

UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe", "object", "head")


def convert(data: bytes) -> str:
    encoding = encoding_of(data)
    return of_markup(encoding.decode(data) if encoding else data.decode("utf-8", "replace"))


def of_markup(markup: str) -> str:
    page = BeautifulSoup(markup, "html.parser")
    title = page.title.get_text(" ", strip=True) if page.title else ""
    for unseen in page(UNSEEN):
        unseen.decompose()
    for comment in page.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    text: str = MarkdownConverter(heading_style="ATX", bullets="-", strip=["img"]).convert_soup(page)
    if title and not re.match(r"\s*# ", text):
        text = f"# {title}\n\n{text}"
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()
