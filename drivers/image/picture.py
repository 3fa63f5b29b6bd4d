"""From the bytes somebody sent to an upright RGB picture of a workable size."""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from drivers.image.geometry import Box
from drivers.image.ink import Ink, find_ink, find_tilt
from drivers.image.paper import find_sheet, flatten

Matrix = NDArray[np.float64]  # 3 x 3, homogeneous
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_BYTES = 40_000_000
MAX_PIXELS = 80_000_000  # a 64 megapixel phone camera fits; a 20,000 x 20,000 bomb does not
MIN_SIDE = 24  # pixels; nothing smaller holds a word
WORKING_SIDE = 1600  # pixels of the longer side that the rules work on
LEVEL = 0.7  # degrees of tilt not worth turning for
FIRST_SIDEWAYS = 5  # EXIF orientations from here on swap width and height
DATA_URL = re.compile(r"data:(?P<type>[\w.+/-]*)[^,]*?(?P<base64>;base64)?,", re.IGNORECASE)

Image.MAX_IMAGE_PIXELS = None  # _check_size refuses by our own limit
ImageFile.LOAD_TRUNCATED_IMAGES = True  # Pillow has no other way to give what it could read of a cut-off file


class PictureError(Exception):
    """The picture cannot be read; the message is one sentence that says what to send instead."""


@dataclass(frozen=True)
class Picture:
    """`rgb` is the working copy and `back` leads from its pixels to fractions of the original, upright picture.

    `width` and `height` are the original's, in pixels.
    """

    rgb: NDArray[np.uint8]
    width: int
    height: int
    back: Matrix

    @cached_property
    def ink(self) -> Ink:
        return find_ink(self.rgb)

    def flat(self) -> Picture:
        """Only the sheet of paper, where one lies on a desk, with its lines level."""
        sheet = self.sheet()
        tilt = find_tilt(sheet.ink)
        if abs(tilt) < LEVEL:
            return sheet
        height, width = sheet.rgb.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
        return sheet._warped(np.vstack([turn, [0.0, 0.0, 1.0]]), (width, height))

    def sheet(self) -> Picture:
        """Only the sheet of paper, where one lies on a desk."""
        corners = find_sheet(self.rgb)
        return self if corners is None else self._warped(*flatten(corners))

    def turned(self, degrees: float) -> Picture:
        """The picture turned to the left about its middle, on a canvas that holds all of it."""
        height, width = self.rgb.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        size = np.abs(turn[:, :2]) @ (width, height)
        turn[:, 2] = turn[:, 2] + (size - (width, height)) / 2
        return self._warped(np.vstack([turn, [0.0, 0.0, 1.0]]), (round(size[0]), round(size[1])))

    def fractions(self, box: Box) -> Box:
        """A box in working pixels as fractions of the original picture."""
        corners = np.asarray([[[x, y] for x in (box.left, box.right) for y in (box.top, box.bottom)]], np.float64)
        points = cv2.perspectiveTransform(corners, self.back)[0]
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return Box(float(left), float(top), float(right), float(bottom)).clip(1.0, 1.0)

    def _warped(self, matrix: Matrix, size: tuple[int, int]) -> Picture:
        rgb = cv2.warpPerspective(self.rgb, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        return replace(self, rgb=np.asarray(rgb, np.uint8), back=self.back @ np.linalg.inv(matrix))


def open_picture(image: str, side: int = WORKING_SIDE) -> Picture:
    """`image` is base64 or a data: URL; `side` the most pixels of the copy's longer side. Raises PictureError."""
    return decode(unwrap(image), side)


def unwrap(image: str) -> bytes:
    text = image.strip()
    if header := DATA_URL.match(text):
        if not header["base64"]:
            raise PictureError(
                "The data: URL is not base64; send the bytes as base64 after data:image/png;base64, instead."
            )
        text = text[header.end() :]
    if not text:
        raise PictureError("The image is empty; send the bytes of a picture as base64.")
    if len(text) > MAX_BYTES * 4 / 3 + 4:
        raise PictureError(f"The image is over {MAX_BYTES // 1_000_000} MB; send a smaller copy.")
    try:
        return base64.b64decode(re.sub(r"\s+", "", text), validate=True)
    except binascii.Error as error:
        raise PictureError("The image is not valid base64; encode the picture's bytes again.") from error


def decode(data: bytes, side: int = WORKING_SIDE) -> Picture:
    if not data:
        raise PictureError("The image is empty; send the bytes of a picture as base64.")
    if _is_svg(data):
        raise PictureError("SVG is a drawing program, not a picture; convert it to PNG and send that.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            _check_size(*opened.size)
            return _load(opened, side)
    except UnidentifiedImageError as error:
        raise PictureError(f"This is not a picture; send one of {', '.join(FORMATS)}.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise PictureError("The picture is damaged and cannot be read; save it again and send that.") from error


def _is_svg(data: bytes) -> bool:
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in data[:4096].lower()


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        most = MAX_PIXELS // 1_000_000
        raise PictureError(f"The picture is {width} x {height} pixels, over {most} megapixels; send a smaller copy.")
    if min(width, height) < MIN_SIDE:
        raise PictureError(f"The picture is {width} x {height} pixels; send one of at least {MIN_SIDE} x {MIN_SIDE}.")


def _load(opened: ImageFile.ImageFile, side: int) -> Picture:
    width, height = opened.size
    if opened.getexif().get(ExifTags.Base.Orientation, 1) >= FIRST_SIDEWAYS:
        width, height = height, width
    opened.draft("RGB", (side, side))  # a JPEG is decoded at a half or a quarter when that suffices
    ImageOps.exif_transpose(opened, in_place=True)
    working = _on_white(opened)
    working.thumbnail((side, side), Image.Resampling.LANCZOS)
    return replace(of_pixels(np.ascontiguousarray(working, np.uint8)), width=width, height=height)


def of_pixels(rgb: NDArray[np.uint8]) -> Picture:
    """A picture that was made here."""
    height, width = rgb.shape[:2]
    return Picture(rgb, width, height, np.diag([1 / width, 1 / height, 1.0]))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I;16", "I", "F")):
        image = _to_eight_bits(image)
    if "transparency" not in image.info and image.mode not in ("RGBA", "LA", "PA", "RGBa", "La"):
        return image if image.mode == "RGB" else image.convert("RGB")  # a copy of a large one is not little
    layer = image.convert("RGBA")
    page = Image.new("RGBA", layer.size, "white")
    page.alpha_composite(layer)
    return page.convert("RGB")


def _to_eight_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image, np.float32)
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255.0 / max(high - low, 1.0))).astype(np.uint8))
