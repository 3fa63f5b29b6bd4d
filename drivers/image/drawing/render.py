"""A checked drawing as pixels, by resvg: no network, no scripts, no files but the fonts that are named here."""

from __future__ import annotations

from drivers.image.drawing.svg import Drawing
from drivers.image.picture import PictureError
from drivers.image.pictures.coded import Coded
from drivers.image.pictures.fonts import family, files

SMALLEST, LARGEST = 32, 2048  # pixels of the longer side
USUAL = 768


def render(drawing: Drawing, side: int = USUAL, background: str = "#ffffff") -> Coded:
    """A PNG whose longer side is `side` pixels. Raises PictureError."""
    try:
        import resvg_py
    except ImportError as error:
        raise PictureError("Drawing needs resvg-py; install it with: pip install 'llmos[drawing]'.") from error
    if not SMALLEST <= side <= LARGEST:
        raise PictureError(f"A drawing is made {SMALLEST} to {LARGEST} pixels long; ask for a size within that.")
    scale = side / max(drawing.width, drawing.height)
    width, height = max(1, round(scale * drawing.width)), max(1, round(scale * drawing.height))
    root, _, rest = drawing.text.partition(" ")
    sized = f'{root} width="{width}" height="{height}" {rest}'
    fallback = family()
    try:
        data = resvg_py.svg_to_bytes(
            svg_string=sized,
            background=background,
            skip_system_fonts=True,
            font_files=[*files()],
            font_family=fallback,
            serif_family=fallback,
            sans_serif_family=fallback,
            monospace_family=fallback,
            cursive_family=fallback,
            fantasy_family=fallback,
        )
    except ValueError as error:
        raise PictureError(f"The drawing cannot be drawn: {' '.join(str(error).split())[:200]}.") from error
    return Coded(bytes(data), "image/png")
