"""`read_document`: from the bytes of a picture or a PDF to text with layout, as plain values for JSON."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from drivers.image.documents import pdf
from drivers.image.documents.fields import amounts_of, dates_of, pairs_of
from drivers.image.documents.mending import mended
from drivers.image.documents.paying import paid_of
from drivers.image.documents.rows import Row, rows_of
from drivers.image.documents.scan import SIDE, scan
from drivers.image.geometry import Box
from drivers.image.picture import Picture, PictureError, decode, unwrap
from drivers.image.reading import Line

Json = dict[str, Any]
MAX_PAGES = 10  # in one answer
SECONDS = 30.0  # after which no further page is begun; a scanned one takes a few
NO_TEXT = "(No text was found on this page.)"


@dataclass(frozen=True)
class Page:
    """`width` and `height` are pixels of a picture or points of a PDF; `layer` when the text was not read but stored.

    `picture` leads from the boxes of `rows` to fractions of the page as it was sent.
    """

    rows: list[Row]
    width: float
    height: float
    layer: bool
    picture: Picture | None = None

    def fractions(self, box: Box) -> Box:
        if self.picture is not None:
            return self.picture.fractions(box)
        return box.scale(1 / self.width, 1 / self.height).clip(1.0, 1.0)


def read_document(image: str, first: int = 1) -> Json:
    """A picture is one page; of a PDF, up to ten pages from `first` on. Raises PictureError."""
    data = unwrap(image)
    if not pdf.is_pdf(data):
        if first != 1:
            raise PictureError("A picture has one page; ask for page 1.")
        return _told([_scanned(decode(data, SIDE))], 1, 1)
    with pdf.opened(data) as document:
        if not 1 <= first <= len(document):
            raise PictureError(f"The PDF has {len(document)} pages; ask for one of them.")
        return _told(list(_pages(document, first)), first, len(document))


def _pages(document: Any, first: int) -> Iterator[Page]:  # noqa: ANN401 - pypdfium2 loads only here
    begun = time.monotonic()
    for number in range(first, min(len(document), first + MAX_PAGES - 1) + 1):
        layer = pdf.lines_of(document, number)
        if layer is not None:
            lines, width, height = layer
            yield Page(rows_of(lines), width, height, layer=True)
        else:
            yield _scanned(pdf.picture_of(document, number))
        if time.monotonic() - begun > SECONDS:
            return


def _scanned(picture: Picture) -> Page:
    page, lines = scan(picture)
    return Page(rows_of(mended(lines)), picture.width, picture.height, layer=False, picture=page)


def _told(pages: Sequence[Page], first: int, num_pages: int) -> Json:
    rows = [row for page in pages for row in page.rows]
    amounts, text = amounts_of(rows), _text(pages, first, num_pages)
    paid = paid_of(amounts)
    return {
        "num_pages": num_pages,
        "pages": [_page(page, number) for number, page in enumerate(pages, first)],
        "pairs": pairs_of(rows),
        "amounts": amounts,
        "dates": dates_of(rows),
        **({"paid": paid.value} if paid else {}),
        "text": f"{text}\n{paid.text}" if paid else text,
    }


def _text(pages: Sequence[Page], first: int, num_pages: int) -> str:
    """One row a line; pages are numbered where there are several."""
    texts = ["\n".join(row.text for row in page.rows) or NO_TEXT for page in pages]
    if num_pages == 1:
        return texts[0]
    numbered = [f"[page {number} of {num_pages}]\n{text}" for number, text in enumerate(texts, first)]
    left = num_pages - (first + len(pages) - 1)
    more = [f"[{left} more pages; read on with page {first + len(pages)}]"] if left else []
    return "\n\n".join([*numbered, *more])


def _page(page: Page, number: int) -> Json:
    return {
        "page": number,
        "width": round(page.width),
        "height": round(page.height),
        "read_by": "text layer" if page.layer else "ocr",
        "lines": [
            {"text": row.text, "words": [word for piece in row.pieces for word in _words(piece, page)]}
            for row in page.rows
        ],
    }


def _words(piece: Line, page: Page) -> Iterator[Json]:
    """The words of a piece; each has its share of the piece's width, by its letters."""
    at, share = 0, piece.box.width / max(1, len(piece.text))
    for word in piece.text.split(" "):
        left = piece.box.left + at * share
        box = page.fractions(Box(left, piece.box.top, left + len(word) * share, piece.box.bottom))
        sides = {"left": box.left, "top": box.top, "width": box.width, "height": box.height}
        yield {
            "text": word,
            "box": {name: round(value, 4) for name, value in sides.items()},
            "score": round(piece.score, 3),
        }
        at += len(word) + 1
