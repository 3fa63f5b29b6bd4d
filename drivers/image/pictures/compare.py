"""`compare`: where two pictures differ, whatever small shift, change of light or loss of a codec lies between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from drivers.image.geometry import Box
from drivers.image.picture import decode, unwrap
from drivers.image.pictures.coded import Coded, coded

Json = dict[str, Any]
Pixels = NDArray[np.uint8]
SIDE = 1600  # pixels of the longer side that is compared
SAME_SHAPE = 0.02  # by how much two ratios of width to height may differ and still be one shape
FARTHEST = 0.04  # of the longer side: a shift that is larger is a difference
DIFFERENT = 28  # levels of 255 that noise and codecs stay under once edges may move a little
REACH = 2  # pixels by which an edge may move
NEAR = 0.025  # of the longer side: differences that are nearer than this are one
SMALLEST = 10  # pixels that differ; fewer are dust
MAX_PLACES = 50
RED = (230, 25, 75)


@dataclass(frozen=True)
class Differences:
    """`places` in pixels of `first`, the largest first; `share` of the pixels that differ; `shift` right and down."""

    first: Pixels
    places: list[Box]
    share: float
    shift: tuple[float, float]
    same_shape: bool

    def plain(self) -> Json:
        height, width = self.first.shape[:2]
        boxes = [box.scale(1 / width, 1 / height) for box in self.places[:MAX_PLACES]]
        sides = [{"left": b.left, "top": b.top, "width": b.width, "height": b.height} for b in boxes]
        return {
            "share": round(self.share, 5),
            "places": [{name: round(value, 4) for name, value in side.items()} for side in sides],
            "num_places": len(self.places),
            "shift": [round(self.shift[0] / width, 4), round(self.shift[1] / height, 4)],
            "same_shape": self.same_shape,
            "text": self._text(),
        }

    def _text(self) -> str:
        shape = "" if self.same_shape else " They have different shapes; the second was placed at the top left."
        moved = max(map(abs, self.shift)) >= 1
        shift = f" The second is shifted by {self.shift[0]:.0f} right and {self.shift[1]:.0f} down." if moved else ""
        if not self.places:
            return f"The pictures show the same.{shift}{shape}"
        height, width = self.first.shape[:2]
        told = [_told(number, box.scale(1 / width, 1 / height)) for number, box in enumerate(self.places[:9], 1)]
        more = [f"and {len(self.places) - 9} smaller ones"] if len(self.places) > 9 else []
        number = "One place differs" if len(self.places) == 1 else f"{len(self.places)} places differ"
        return "\n".join([f"{number}, {self.share:.1%} of the picture.{shift}{shape}", *told, *more])


def compare(image: str, other_image: str) -> tuple[Json, Coded]:
    """What differs, and the second picture with its differences marked. Raises PictureError."""
    first, second = (decode(unwrap(one), SIDE).rgb for one in (image, other_image))
    found = differences(np.ascontiguousarray(first), np.ascontiguousarray(second))
    return found.plain(), coded(_marked(_fitted(second, found.first)[0], found))


def differences(first: Pixels, second: Pixels) -> Differences:
    placed, same_shape = _fitted(second, first)
    placed, shift = _aligned(first, placed)
    mask = _changed(first, placed)
    _forget_rims(mask, shift)
    places = _places(mask)
    return Differences(first, places, float(np.count_nonzero(mask)) / mask.size, shift, same_shape)


def _fitted(picture: Pixels, model: Pixels) -> tuple[Pixels, bool]:
    """As large as the model: scaled where it has the same shape, else cut or filled with white."""
    (height, width), (model_height, model_width) = picture.shape[:2], model.shape[:2]
    if abs(width / height - model_width / model_height) <= SAME_SHAPE * model_width / model_height:
        if (width, height) == (model_width, model_height):
            return picture, True
        way = cv2.INTER_AREA if width > model_width else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(picture, (model_width, model_height), interpolation=way), np.uint8), True
    canvas = np.full_like(model, 255)
    part = picture[:model_height, :model_width]
    canvas[: part.shape[0], : part.shape[1]] = part
    return canvas, False


def _aligned(first: Pixels, second: Pixels) -> tuple[Pixels, tuple[float, float]]:
    """The second moved onto the first, if that brings them closer and is not far."""
    grays = [np.asarray(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), np.float32) for one in (first, second)]
    window = cv2.createHanningWindow((first.shape[1], first.shape[0]), cv2.CV_32F)
    edges = [cv2.Laplacian(gray, cv2.CV_32F, ksize=3) for gray in grays]
    (right, down), _ = cv2.phaseCorrelate(edges[0], edges[1], window)
    if max(abs(right), abs(down)) > FARTHEST * max(first.shape[:2]) or max(abs(right), abs(down)) < 0.3:
        return second, (0.0, 0.0)
    back = np.asarray([[1, 0, -right], [0, 1, -down]], np.float32)
    size = (first.shape[1], first.shape[0])
    moved = np.asarray(cv2.warpAffine(second, back, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    closer = _distance(first, moved) < _distance(first, second)
    return (moved, (float(right), float(down))) if closer else (second, (0.0, 0.0))


def _distance(first: Pixels, second: Pixels) -> float:
    return float(np.abs(first.astype(np.int16) - second.astype(np.int16)).mean())


def _changed(first: Pixels, second: Pixels) -> Pixels:
    """255 where a pixel lies outside what the other picture has within reach of that place, both ways."""
    second = _in_the_light_of(first, second)
    kernel = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    a, b = map(_light_and_colour, (first, second))
    distance = np.zeros(first.shape[:2], np.int16)
    for one, two in ((a, b), (b, a)):
        low = cv2.erode(two, kernel).astype(np.int16)
        high = cv2.dilate(two, kernel).astype(np.int16)
        here = one.astype(np.int16)
        distance = np.maximum(distance, np.maximum(here - high, low - here).max(axis=2))
    mask = np.where(distance > DIFFERENT, 255, 0).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)


def _light_and_colour(rgb: Pixels) -> Pixels:
    """Codecs keep colour at half the size, so it is compared less sharply than light."""
    parts = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb))
    softened = [cv2.GaussianBlur(part, (size, size), 0) for part, size in zip(parts, (3, 9, 9), strict=True)]
    return np.asarray(cv2.merge(softened), np.uint8)


def _forget_rims(mask: Pixels, shift: tuple[float, float]) -> None:
    """What only one of the pictures shows, because the other is shifted, is no difference."""
    right, down = (round(abs(part) + 0.5) + REACH if part else 0 for part in shift)
    if right:
        mask[:, slice(-right, None) if shift[0] > 0 else slice(right)] = 0
    if down:
        mask[slice(-down, None) if shift[1] > 0 else slice(down)] = 0


def _in_the_light_of(first: Pixels, second: Pixels) -> Pixels:
    """A whole picture that is a little lighter or darker shows the same."""
    change = np.median(first.astype(np.int16) - second.astype(np.int16), axis=(0, 1))
    if np.abs(change).max() > DIFFERENT:
        return second
    return np.asarray(np.clip(second.astype(np.int16) + change.astype(np.int16), 0, 255), np.uint8)


def _places(mask: Pixels) -> list[Box]:
    near = max(3, round(NEAR * max(mask.shape)))
    grown = cv2.dilate(mask, np.ones((near, near), np.uint8))
    count, areas, stats, _ = cv2.connectedComponentsWithStats(np.asarray(grown, np.uint8), connectivity=8)
    sizes = np.bincount(areas[mask > 0], minlength=count)
    found: list[tuple[int, Box]] = []
    for number in np.nonzero(sizes >= SMALLEST)[0].tolist():
        left, top, width, height, _ = stats[number].tolist()
        part = (areas[top : top + height, left : left + width] == number) & (
            mask[top : top + height, left : left + width] > 0
        )
        rows, columns = (np.nonzero(part.any(axis=side))[0].tolist() for side in (1, 0))
        box = Box(left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1)
        found.append((int(sizes[number]), box))
    return [box for _, box in sorted(found, key=lambda one: -one[0])]


def _marked(second: Pixels, found: Differences) -> Image.Image:
    marked = Image.fromarray(second)
    pen = ImageDraw.Draw(marked)
    line = max(2, round(max(marked.size) / 400))
    for box in found.places[:MAX_PLACES]:
        out = box.grow(2 * line, 2 * line)
        pen.rectangle((out.left, out.top, out.right, out.bottom), outline=RED, width=line)
    return marked


def _told(number: int, box: Box) -> str:
    part = f"left {box.left:.2f}, top {box.top:.2f}, width {box.width:.2f}, height {box.height:.2f}"
    return f"{number}. {_where(box)} ({part})"


def _where(box: Box) -> str:
    """In words, as a small model says where something is."""
    rows, columns = ("top", "middle", "bottom"), ("left", "middle", "right")
    row, column = rows[min(2, int(3 * box.y))], columns[min(2, int(3 * box.x))]
    return "in the middle" if row == column == "middle" else f"{row} {column}".replace("middle middle", "middle")
