"""Pictures in the terminal: by its own means where `textual-image` is installed and finds any, else as half blocks."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_COLUMNS = 64
MAX_ROWS = 18  # and no more than half of the terminal
MAX_PIXELS = 50_000_000


def prepare() -> None:
    """Ask the terminal what it can; only before the shell takes it over."""
    try:
        import textual_image.widget  # noqa: F401
    except ImportError:
        return


def decoded(data: bytes) -> Image | None:
    """The picture, no larger than is shown; None where it is none or unreasonably large. Slow: call it in a thread."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            picture.draft("RGB", (1024, 1024))
            small = picture.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    small.thumbnail((1024, 1024))
    return small


def picture_widget(picture: Image, screen_rows: int) -> Widget:
    rows = max(1, min(MAX_ROWS, screen_rows // 2))
    shown = _by_the_terminal(picture, rows)
    return shown if shown is not None else HalfBlocks(picture, rows)


def _by_the_terminal(picture: Image, max_rows: int) -> Widget | None:
    try:
        from textual_image.renderable import Image as Best
        from textual_image.renderable import sixel, tgp
        from textual_image.widget import Image as Shown
    except ImportError:
        return None
    if Best not in (sixel.Image, tgp.Image):
        return None
    widget: Widget = Shown(picture)
    columns, rows = fitted(picture.size, MAX_COLUMNS, max_rows)
    widget.styles.width, widget.styles.height = columns, rows
    return widget


def fitted(pixels: tuple[int, int], columns: int, max_rows: int = MAX_ROWS) -> tuple[int, int]:
    """Columns and rows for a picture; a cell is twice as high as wide."""
    width, height = pixels
    columns = max(1, min(columns, MAX_COLUMNS, width))
    rows = max(1, round(columns * height / width / 2))
    if rows > max_rows:
        rows, columns = max_rows, max(1, round(max_rows * 2 * width / height))
    return columns, rows


class HalfBlocks(Widget):
    """A picture of two pixels a cell."""

    DEFAULT_CSS = "HalfBlocks { height: auto; width: 1fr; }"

    def __init__(self, picture: Image, max_rows: int = MAX_ROWS) -> None:
        super().__init__()
        self._picture, self._max_rows = picture, max_rows
        self._drawn: tuple[int, list[Strip]] = (-1, [])  # of a width that none is

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return fitted(self._picture.size, container.width, self._max_rows)[0]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._strips(width))

    def render_line(self, y: int) -> Strip:
        strips = self._strips(self.size.width)
        return strips[y].adjust_cell_length(self.size.width) if y < len(strips) else Strip.blank(self.size.width)

    def _strips(self, width: int) -> list[Strip]:
        if self._drawn[0] != width:
            columns, rows = fitted(self._picture.size, width, self._max_rows)
            self._drawn = (width, half_blocks(self._picture, columns, rows))
        return self._drawn[1]


def half_blocks(picture: Image, columns: int, rows: int) -> list[Strip]:
    small = picture.resize((columns, rows * 2))
    flat = small.tobytes()
    pixels = [(flat[at], flat[at + 1], flat[at + 2]) for at in range(0, len(flat), 3)]

    def cell(x: int, y: int) -> Segment:
        upper, lower = pixels[2 * y * columns + x], pixels[(2 * y + 1) * columns + x]
        return Segment("▀", Style.parse(f"rgb({_rgb(upper)}) on rgb({_rgb(lower)})"))

    return [Strip([cell(x, y) for x in range(columns)], columns) for y in range(rows)]


def _rgb(pixel: tuple[int, int, int]) -> str:
    return ",".join(map(str, pixel))
