"""Stored pages to train on, each seen a little differently for every seed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from drivers.image.eye.prepared import fitted
from drivers.image.eye.training.page import Mark, Page

LEAST_SEEN = 0.6
LEAST_SIDE = 2.5  # pixels of the page that is given: smaller ones cannot be made out


class NoScreens(Exception):
    """The message is one sentence that says what to do next."""


@dataclass(frozen=True)
class Screens:
    pictures: tuple[Path, ...]

    @classmethod
    def load(cls, folder: Path) -> Screens:
        found = tuple(sorted(folder.glob("*.png")))
        if not found:
            raise NoScreens(f"There is no page in {folder}; make some with drivers.image.eye.training.screens.render.")
        return cls(found)

    def __reduce__(self) -> tuple[Callable[[Path], Screens], tuple[Path]]:
        """A process that gets them looks into the folder itself: thousands of names would hold up its start."""
        return Screens.load, (self.pictures[0].parent,)

    def whole(self, number: int, size: int) -> Page:
        """The page of this number as it was stored, its longer side `size` pixels."""
        return _sized(_read(self.pictures[number]), size)

    def page(self, seed: int, size: int) -> Page:
        rng = random.Random(seed)
        held = _read(rng.choice(self.pictures))
        if rng.random() < 0.35:
            held = _cut(rng, held)
        sized = _sized(held, size)
        return Page(_worn(rng, sized.image), sized.marks)


def _read(picture: Path) -> Page:
    held = json.loads(picture.with_suffix(".json").read_text())
    image = np.asarray(cv2.imread(str(picture), cv2.IMREAD_COLOR), np.uint8)[..., ::-1]
    return Page(image, [Mark(cls, (left, top, right, bottom)) for cls, left, top, right, bottom in held["marks"]])


def _cut(rng: random.Random, page: Page) -> Page:
    """A part of the page, as of a smaller window or a nearer look."""
    height, width = page.image.shape[:2]
    wide, high = (round(side * rng.uniform(0.5, 1)) for side in (width, height))
    left, top = rng.randint(0, width - wide), rng.randint(0, height - high)
    part = page.image[top : top + high, left : left + wide]
    moved = [Mark(mark.cls, _moved(mark.box, -left, -top)) for mark in page.marks]
    return Page(part, [kept for mark in moved if (kept := _kept(mark, wide, high))])


def _moved(box: tuple[float, float, float, float], x: float, y: float) -> tuple[float, float, float, float]:
    return box[0] + x, box[1] + y, box[2] + x, box[3] + y


def _kept(mark: Mark, width: int, height: int) -> Mark | None:
    """What is left of the mark, or None when most of it was cut off."""
    left, top, right, bottom = mark.box
    seen = max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height))
    wide, high = seen[2] - seen[0], seen[3] - seen[1]
    if wide <= 0 or high <= 0 or wide * high < LEAST_SEEN * (right - left) * (bottom - top):
        return None
    return Mark(mark.cls, seen)


def _sized(page: Page, size: int) -> Page:
    image, scale = fitted(page.image, size)
    marks = [Mark(mark.cls, _scaled(mark.box, scale, image)) for mark in page.marks]
    return Page(image, [mark for mark in marks if _is_seen(mark)])


def _scaled(
    box: tuple[float, float, float, float], scale: float, image: npt.NDArray[np.uint8]
) -> tuple[float, float, float, float]:
    height, width = image.shape[:2]
    left, top, right, bottom = (side * scale for side in box)
    return left, top, min(right, width), min(bottom, height)


def _is_seen(mark: Mark) -> bool:
    left, top, right, bottom = mark.box
    if mark.cls == "Divider":
        return max(right - left, bottom - top) > LEAST_SIDE
    return min(right - left, bottom - top) > LEAST_SIDE


def _worn(rng: random.Random, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """At times packed as JPEG, at times in the colours of a negative."""
    if rng.random() < 0.1:
        image = np.asarray(255 - image, np.uint8)
    if rng.random() < 0.3:
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(45, 92)])
        image = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return image
