"""From the network's maps to boxes: the peaks of its heat, and the box around each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from drivers.image.eye.classes import CLASSES, HOLDERS, Class

STRIDE = 4  # pixels of the picture for a cell of the maps
# Holders often have another just in their middle: they have sides of their own, and are no doubles of what they hold.
GROUPS = tuple(
    np.array([number for number, name in enumerate(CLASSES) if (name in HOLDERS) is holds]) for holds in (False, True)
)
MAX_PEAKS = 400
SAME = 0.5  # overlap by which two boxes are one element

Maps = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """`box` is left, top, right, bottom in pixels; `score` is 0 to 1."""

    cls: Class
    box: tuple[float, float, float, float]
    score: float


def peaks(heat: Maps, sides: Maps, least: float) -> list[Seen]:
    """What is seen, the best first.

    `heat` (classes, rows, columns) is 0 to 1; what has less than `least` is left out. `sides` (4 for each of GROUPS,
    rows, columns) is how far each side of an element is from a cell's middle, in pixels.
    """
    found = [
        seen
        for number, group in enumerate(GROUPS)
        for seen in _of_group(group, heat[group], sides[4 * number : 4 * number + 4], least)
    ]
    return sorted(found, key=lambda seen: -seen.score)


def _of_group(group: npt.NDArray[np.int64], heat: Maps, sides: Maps, least: float) -> list[Seen]:
    highest = np.max(heat, axis=0)
    top = highest == cv2.dilate(highest, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero(top & (highest >= least))
    order = np.argsort(-highest[rows, columns])[:MAX_PEAKS]
    rows, columns = rows[order], columns[order]
    kinds = group[np.argmax(heat[:, rows, columns], axis=0)]
    x, y = (columns + 0.5) * STRIDE, (rows + 0.5) * STRIDE
    left, up, right, down = sides[:, rows, columns]
    boxes = np.stack([x - left, y - up, x + right, y + down], axis=1)
    kept = _without_doubles(boxes)
    return [_seen(kinds[at], boxes[at], highest[rows[at], columns[at]]) for at in kept]


def _seen(kind: int, box: npt.NDArray[np.float64], score: float) -> Seen:
    left, top, right, bottom = (float(side) for side in box)
    return Seen(CLASSES[kind], (left, top, right, bottom), float(score))


def _without_doubles(boxes: npt.NDArray[np.float64]) -> list[int]:
    """The numbers of the boxes that stay: the first of those that share most of their place."""
    same = overlaps(boxes, boxes) > SAME
    stays = np.ones(len(boxes), np.bool_)
    for at in range(len(boxes)):
        if stays[at]:
            stays[at + 1 :] &= ~same[at, at + 1 :]
    return [int(at) for at in np.flatnonzero(stays)]


def overlaps(some: npt.NDArray[np.float64], others: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Intersection over union of each box with each of the others, (some, others)."""
    least = np.maximum(some[:, None, :2], others[None, :, :2])
    most = np.minimum(some[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.clip(most - least, 0, None), axis=2)
    areas = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (some, others)]
    return np.asarray(shared / np.maximum(areas[0][:, None] + areas[1][None, :] - shared, 1e-9))
