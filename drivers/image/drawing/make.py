"""`make`: a picture of SVG, and what of the drawing cannot be seen on it."""

from __future__ import annotations

from drivers.image.drawing.painter import paint
from drivers.image.drawing.svg import check
from drivers.image.pictures.coded import Coded


def make(svg: str, side: int) -> tuple[str, Coded]:
    """What was made and what cannot be seen on it, in words, and the picture. Raises PictureError."""
    drawing = check(svg)
    unseen, picture = paint(drawing.text, side)
    return "\n".join([f"A picture of the drawing, {drawing.width:g} x {drawing.height:g} units.", *unseen]), picture
