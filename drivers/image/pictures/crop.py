"""`crop`: a part of a picture, by box or by element."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from drivers.image.geometry import Box
from drivers.image.picture import PictureError, unwrap
from drivers.image.pictures.coded import Coded, coded, whole
from drivers.image.pictures.places import Elements, box_of

AIR = 0.02  # of the picture's longer side: what an element is given on each side
SMALL = 64  # pixels: a part that is smaller is made larger, so that it can be looked at


def crop(image: str, sides: Sequence[float] | None, element: str) -> tuple[str, Coded]:
    """What was cut, in words, and the picture of it. Raises PictureError."""
    data = unwrap(image)
    picture = whole(data)
    height, width = picture.rgb.shape[:2]
    if bool(element.strip()) == (sides is not None):
        raise PictureError("Say which part: give either box or element.")
    if sides is not None:
        box = box_of(sides, picture)
    else:
        air = AIR * max(width, height)
        box = Elements(data, picture).box(element).grow(air, air).clip(width, height)
    left, top, right, bottom = int(box.left), int(box.top), round(box.right), round(box.bottom)
    part = Image.fromarray(picture.rgb[top : max(bottom, top + 1), left : max(right, left + 1)])
    if min(part.size) < SMALL:
        scale = SMALL / min(part.size)
        part = part.resize((min(4096, round(part.width * scale)), min(4096, round(part.height * scale))))
    return f"A part of the picture, {part.width} x {part.height} pixels: {_place(box, width, height)}.", coded(part)


def _place(box: Box, width: int, height: int) -> str:
    part = box.scale(1 / width, 1 / height)
    return f"left {part.left:.3f}, top {part.top:.3f}, width {part.width:.3f}, height {part.height:.3f}"
