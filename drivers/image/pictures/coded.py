"""From pixels to the bytes of a picture that is handed back."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from drivers.image.picture import Picture, decode

SIDE = 4096  # pixels of the longer side of what is cut and marked
MAX_PNG_BYTES = 1_500_000  # a larger one is a photograph and goes as JPEG
QUALITY = 90


@dataclass(frozen=True)
class Coded:
    data: bytes
    media_type: str


def whole(data: bytes) -> Picture:
    """A picture as large as it came, up to SIDE. Raises PictureError."""
    return decode(data, SIDE)


def coded(image: Image.Image | NDArray[np.uint8]) -> Coded:
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    data = _saved(picture, "PNG")
    if len(data) <= MAX_PNG_BYTES:
        return Coded(data, "image/png")
    return Coded(_saved(picture, "JPEG"), "image/jpeg")


def _saved(picture: Image.Image, form: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, quality=QUALITY)
    return file.getvalue()
