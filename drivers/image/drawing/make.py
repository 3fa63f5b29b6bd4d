"""`make`: a picture of SVG or of plain lines."""

from __future__ import annotations

from drivers.image.drawing.plain import svg_of
from drivers.image.drawing.render import render
from drivers.image.drawing.svg import check
from drivers.image.picture import PictureError
from drivers.image.pictures.coded import Coded


def make(svg: str, drawing: str, side: int) -> tuple[str, Coded]:
    """What was made, in words, and the picture. Raises PictureError."""
    if bool(svg.strip()) == bool(drawing.strip()):
        raise PictureError("Say what to draw: give either svg or drawing.")
    checked = check(svg or svg_of(drawing))
    return f"A picture of the drawing, {checked.width:g} x {checked.height:g} units.", render(checked, side)
