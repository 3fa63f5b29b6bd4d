"""The text of a PDF, page by page, by PDFium. Tables and columns come as the lines they are made of."""

from __future__ import annotations

import re

import pypdfium2

from drivers.files.documents.convert import Unreadable

NO_TEXT = "(This page has no text; it is a picture.)"
MAX_PAGES = 5000


def convert(data: bytes) -> str:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        protected = "password" in str(error).lower()
        raise Unreadable("is protected by a password" if protected else "is damaged") from error
    with document:
        pages = [_text(document, number) for number in range(min(len(document), MAX_PAGES))]
    return "\n\n".join(f"# Page {number}\n\n{text}" for number, text in enumerate(pages, 1))


def _text(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = document[number]
        text = page.get_textpage().get_text_range()
        page.close()
    except pypdfium2.PdfiumError:
        return "(This page is damaged.)"
    lines = [re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", "", line).rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip() or NO_TEXT
