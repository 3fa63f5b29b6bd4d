"""Pages of a PDF by PDFium: their text layer where there is one, else their picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from drivers.image.geometry import Box
from drivers.image.picture import Picture, PictureError, of_pixels
from drivers.image.reading import Line

if TYPE_CHECKING:
    import pypdfium2

DOTS = 200  # an inch: what scans are read well at
POINTS = 72  # an inch
MAX_SIDE = 2600  # pixels of a page's longer side when it is drawn
MAX_RECTS = 20_000  # pieces of text of a page; more is no page for reading
FEW_CHARS = 12  # of a text layer that is no more than a stamp on a scan
UNPRINTED = re.compile(r"[\x00-\x1f\x7f\ufffe\uffff]+")


def is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


@contextmanager
def opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Raises PictureError for what is protected or damaged, or when PDFium is not installed."""
    try:
        import pypdfium2
    except ImportError as error:
        raise PictureError("Reading a PDF needs pypdfium2; install it with: pip install 'llmos[documents]'.") from error
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise PictureError("The PDF is protected by a password; send one that opens without it.") from error
        raise PictureError("The PDF is damaged; send a whole copy.") from error
    with document:
        yield document


def lines_of(document: pypdfium2.PdfDocument, number: int) -> tuple[list[Line], float, float] | None:
    """The text layer of a page in points from its top left, and the page's size; None where it is a picture."""
    with _page(document, number) as page:
        width, height = page.get_size()
        text = page.get_textpage()
        if text.count_chars() < FEW_CHARS or page.get_rotation():
            return None
        found = [_line(text, text.get_rect(at), height) for at in range(min(text.count_rects(), MAX_RECTS))]
    return [line for line in found if line.text], width, height


def picture_of(document: pypdfium2.PdfDocument, number: int) -> Picture:
    """The page as it looks."""
    with _page(document, number) as page:
        longer = max(*page.get_size(), 1.0)
        scale = min(DOTS / POINTS, MAX_SIDE / longer)
        if min(page.get_size()) * scale < 1:
            raise PictureError("The page is thinner than a pixel; send a page that can be read.")
        bitmap = page.render(scale=scale, rev_byteorder=True)
        pixels = np.asarray(bitmap.to_numpy())
    return of_pixels(np.ascontiguousarray(pixels[:, :, :3], np.uint8))


@contextmanager
def _page(document: pypdfium2.PdfDocument, number: int) -> Iterator[pypdfium2.PdfPage]:
    import pypdfium2

    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise PictureError(f"Page {number} of the PDF is damaged; ask for another page.") from error
    try:
        yield page
    finally:
        page.close()


def _line(text: pypdfium2.PdfTextPage, rect: tuple[float, float, float, float], height: float) -> Line:
    left, bottom, right, top = rect
    words = " ".join(UNPRINTED.sub(" ", text.get_text_bounded(left, bottom, right, top)).split())
    return Line(words, Box(left, height - top, right, height - bottom), 1.0)
