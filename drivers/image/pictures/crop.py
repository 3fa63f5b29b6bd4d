"""`crop`: a part of a picture, by box or by element; without either, the sheet of paper on it."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from drivers.image.geometry import Box
from drivers.image.picture import Picture, PictureError, unwrap
from drivers.image.pictures.coded import SIDE, Coded, coded, whole
from drivers.image.pictures.places import Elements, box_of

AIR = 0.02  # of the picture's longer side: what an element is given on each side
SMALL = 64  # pixels: a part that is smaller is made larger, so that it can be looked at


def crop(image: str, sides: Sequence[float] | None, element: str) -> tuple[str, Coded]:
    """What was cut, in words, and the picture of it. Raises PictureError."""
    data = unwrap(image)
    picture = whole(data)
    if sides is not None and element.strip():
        raise PictureError("Say which part by one of them: give either box or element.")
    if sides is None and not element.strip():
        return _sheet(picture)
    height, width = picture.rgb.shape[:2]
    if sides is not None:
        box = box_of(sides, picture)
    else:
        air = AIR * max(width, height)
        box = Elements(data, picture).box(element).grow(air, air).clip(width, height)
    left, top, right, bottom = int(box.left), int(box.top), round(box.right), round(box.bottom)
    part = _enlarged(Image.fromarray(picture.rgb[top : max(bottom, top + 1), left : max(right, left + 1)]))
    return f"A part of the picture, {part.width} x {part.height} pixels: {_place(box, width, height)}.", coded(part)


def _sheet(picture: Picture) -> tuple[str, Coded]:
    sheet = picture.sheet()
    height, width = sheet.rgb.shape[:2]
    what = (
        "All of the picture; no sheet of paper stands out on it"
        if sheet is picture
        else "The sheet of paper, straightened"
    )
    return f"{what}, {width} x {height} pixels.", coded(sheet.rgb)


def _enlarged(part: Image.Image) -> Image.Image:
    if min(part.size) >= SMALL:
        return part
    scale = SMALL / min(part.size)
    return part.resize((min(SIDE, round(part.width * scale)), min(SIDE, round(part.height * scale))))


def _place(box: Box, width: int, height: int) -> str:
    part = box.scale(1 / width, 1 / height)
    return f"left {part.left:.3f}, top {part.top:.3f}, width {part.width:.3f}, height {part.height:.3f}"
