"""`make`: a picture of SVG, and what of the drawing can be seen on it."""

from __future__ import annotations

from drivers.image.drawing.look import unseen
from drivers.image.drawing.render import render
from drivers.image.drawing.svg import check
from drivers.image.pictures.coded import Coded


def make(svg: str, side: int) -> tuple[str, Coded]:
    """What was made and what cannot be seen on it, in words, and the picture. Raises PictureError."""
    drawing = check(svg)
    picture = render(drawing, side)
    told = [f"A picture of the drawing, {drawing.width:g} x {drawing.height:g} units.", *unseen(drawing)]
    return "\n".join(told), picture
