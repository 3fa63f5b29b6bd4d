"""A web page as Markdown: what a reader sees of it, without scripts and styles."""

from __future__ import annotations

import html
import re

import nh3
from bs4 import BeautifulSoup
from markdownify import MarkdownConverter

from drivers.files.encoding import encoding_of

UNSEEN = {"script", "style", "noscript", "template", "svg", "iframe", "object", "title"}


def convert(data: bytes) -> str:
    encoding = encoding_of(data)
    return of_markup(encoding.decode(data) if encoding else data.decode("utf-8", "replace"))


def of_markup(markup: str) -> str:
    """nh3 closes what is open as browsers do, in a moment; the rest needs only read what it wrote."""
    found = re.search(r"<title[^>]*>([^<]{1,500})</title", markup, re.IGNORECASE)
    title = " ".join(html.unescape(found[1]).split()) if found else ""
    page = BeautifulSoup(nh3.clean(markup, clean_content_tags=UNSEEN, link_rel=None), "html.parser")
    text: str = MarkdownConverter(heading_style="ATX", bullets="-", strip=["img"]).convert_soup(page)
    if title and not re.match(r"\s*# ", text):
        text = f"# {title}\n\n{text}"
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()
