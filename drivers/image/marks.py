"""What is drawn inside an outline: a cross, a plus, an arrow, or just ink."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.image.geometry import Box
from drivers.image.ink import Gray, Ink

X_MARGINS = (0.07, 0.14, 0.22)  # of a box's side: how far its own frame may reach in


def inner(ink: Ink, box: Box, margin: float) -> Gray:
    """The mask inside `box`, without a frame of `margin` pixels."""
    shrunk = box.grow(-margin, -margin).clip(ink.width, ink.height)
    left, top, right, bottom = (round(v) for v in (shrunk.left, shrunk.top, shrunk.right, shrunk.bottom))
    return ink.mask[top : max(bottom, top), left : max(right, left)]


def ink_share(ink: Ink, box: Box, margin: float) -> float:
    """Share of the inside that is inked."""
    inside = inner(ink, box, margin)
    return float(np.count_nonzero(inside)) / inside.size if inside.size else 0.0


def is_crossed(ink: Ink, box: Box) -> bool:
    """True when the inside is an X: ink along both diagonals and nearly nowhere else."""
    side = min(box.width, box.height)
    return any(_is_x(inner(ink, box, max(1.5 * ink.stroke, share * side))) for share in X_MARGINS)


def _is_x(inside: Gray) -> bool:
    points = cv2.findNonZero(inside) if inside.size else None
    if points is None:
        return False
    left, top, width, height = cv2.boundingRect(points)
    if width < 0.45 * inside.shape[1] or height < 0.45 * inside.shape[0]:
        return False
    square = cv2.resize(inside[top : top + height, left : left + width], (64, 64), interpolation=cv2.INTER_AREA) > 60
    along_both = _covers(square, _diagonal()) and _covers(square, _diagonal()[:, ::-1])
    return along_both and _only_diagonals(square)


def _diagonal() -> Gray:
    band = np.zeros((64, 64), np.uint8)
    cv2.line(band, (0, 0), (63, 63), 1, 15)
    return band


def _covers(square: NDArray[np.bool_], band: Gray) -> bool:
    rows = (square & (band > 0)).any(axis=1)
    return bool(rows.mean() > 0.75)


def _only_diagonals(square: NDArray[np.bool_]) -> bool:
    both = (_diagonal() | _diagonal()[:, ::-1]) > 0
    open_ends = square[:10, 24:40].mean() < 0.2 and square[-10:, 24:40].mean() < 0.2
    return bool(open_ends and (square & both).sum() > 0.7 * square.sum())


def plus_or_minus(ink: Ink, box: Box) -> Literal["plus", "minus"] | None:
    """The sign in a small box, as on a stepper: all ink is along one level bar and perhaps one upright one."""
    inside = inner(ink, box, max(1.5 * ink.stroke, 0.18 * min(box.width, box.height))) > 0
    if not inside.any():
        return None
    height, width = inside.shape
    row, column = int(inside.sum(axis=1).argmax()), int(inside.sum(axis=0).argmax())
    half = round(0.7 * ink.stroke)
    bars = np.zeros_like(inside)
    bars[max(0, row - half) : row + half + 1] = True
    level = inside[max(0, row - half) : row + half + 1].any(axis=0).mean()
    is_plus = inside.any(axis=1).mean() > 0.6
    if is_plus:
        bars[:, max(0, column - half) : column + half + 1] = True
    explained = float((inside & bars).sum()) / float(inside.sum())
    central = 0.2 < row / height < 0.8 and 0.15 < column / width < 0.85
    if level < 0.5 or explained < 0.85 or not central:
        return None
    return "plus" if is_plus else "minus"


def has_arrow(ink: Ink, box: Box) -> bool:
    """True when a V or a triangle stands free near the middle of the box, its point down."""
    inside = inner(ink, box, 1.2 * ink.stroke)
    if inside.size == 0:
        return False
    count, _, stats, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    height, width = inside.shape
    for left, top, w, h, area in stats[1:count].tolist():
        free = left > 0 and top > 0 and left + w < width and top + h < height
        middle = 0.2 * width < left + w / 2 < 0.85 * width and 0.25 * height < top + h / 2 < 0.75 * height
        if free and middle and area > 20 and h > 0.18 * height and 0.5 < w / h < 2.5:
            return _narrows(inside[top : top + h, left : left + w] > 0)
    return False


def _narrows(sign: NDArray[np.bool_]) -> bool:
    third = max(1, round(sign.shape[0] / 3))
    return _spread(sign[:third]) > 1.4 * _spread(sign[-third:])


def _spread(rows: NDArray[np.bool_]) -> float:
    columns = np.nonzero(rows.any(axis=0))[0]
    return float(np.ptp(columns)) + 1 if columns.size else 0.0
