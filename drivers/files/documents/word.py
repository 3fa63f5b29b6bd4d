"""A Word document as Markdown: mammoth reads its headings, lists, tables and links."""

from __future__ import annotations

import io

import mammoth

from drivers.files.documents.html import of_markup


def convert(data: bytes) -> str:
    markup: str = mammoth.convert_to_html(io.BytesIO(data), convert_image=mammoth.images.img_element(_picture)).value
    return of_markup(markup)


def _picture(image: object) -> dict[str, str]:
    return {"src": ""}
