"""Boxes known by their four sides: drawn with open corners, crossed by writing, or ticked."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.image.geometry import Box, around
from drivers.image.ink import Ink
from drivers.image.strokes import level_runs, upright_runs

SHORTEST = 0.45  # of the writing's height: the shortest side of a box
DENSE = 0.7  # share of a row or a column that is inked where a side of a small box lies
TALLEST = 9.0  # of the writing's height: taller boxes are not looked for here
COVERED = 0.7  # share of a side that must be drawn


def boxes_by_sides(ink: Ink, unit: float) -> list[Box]:
    """Every pair of level strokes, one under the other, that uprights close at both ends."""
    level = _chained(level_runs(ink, SHORTEST * unit), unit)
    upright = upright_runs(ink, SHORTEST * unit)
    pairs = [(a, b) for a in level for b in level if _faces(a, b, unit)]
    boxes = [box for a, b in pairs if (box := _closed(a, b, upright))]
    return _smallest_of_each_place(boxes)


def _chained(runs: list[Box], unit: float) -> list[Box]:
    """The runs, and longer ones made of runs that follow each other."""
    lines = list(runs)
    for run in sorted(runs, key=lambda r: r.left):
        for line in list(lines):
            if line is not run and 0 <= run.left - line.right < 0.6 * unit and abs(run.y - line.y) < 0.3 * unit:
                lines.append(around((line, run)))
                break
    return lines


def _faces(top: Box, bottom: Box, unit: float) -> bool:
    height = bottom.y - top.y
    if not SHORTEST * unit < height < TALLEST * unit:
        return False
    slack = max(0.3 * height, 0.2 * max(top.width, bottom.width))
    return abs(top.left - bottom.left) < slack and abs(top.right - bottom.right) < slack


def _closed(top: Box, bottom: Box, upright: list[Box]) -> Box | None:
    height, width = bottom.y - top.y, max(top.width, bottom.width)
    reach = max(0.3 * min(height, width), 0.03 * width)
    left, right = min(top.left, bottom.left), max(top.right, bottom.right)
    sides = [_side(x, top.y, bottom.y, reach, upright) for x in (left, right)]
    if sides[0] is None or sides[1] is None:
        return None
    return Box(min(left, sides[0].left), top.top, max(right, sides[1].right), bottom.bottom)


def _side(x: float, top: float, bottom: float, reach: float, upright: list[Box]) -> Box | None:
    """The upright strokes near `x` that together cover the way from `top` to `bottom`."""
    near = [u for u in upright if abs(u.x - x) < reach and min(u.bottom, bottom) - max(u.top, top) > 0]
    covered = sum(min(u.bottom, bottom) - max(u.top, top) for u in near)
    return around(near) if near and covered > COVERED * (bottom - top) else None


def _smallest_of_each_place(boxes: list[Box]) -> list[Box]:
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda b: b.area):
        if not any(box.iou(k) > 0.5 for k in kept):
            kept.append(box)
    return kept


def ticked_boxes(ink: Ink, unit: float) -> list[Box]:
    """Small boxes whose sides a tick runs into: islands of ink that are dense along four sides."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    count, islands, stats, _ = cv2.connectedComponentsWithStats(
        np.asarray(cv2.morphologyEx(ink.mask, cv2.MORPH_CLOSE, kernel), np.uint8), connectivity=8
    )
    found: list[Box] = []
    for number, (left, top, width, height, _) in enumerate(stats[1:count].tolist(), 1):
        if 0.6 * unit < height < 2.2 * unit and 0.6 * unit < width < 2.5 * unit:
            island = islands[top : top + height, left : left + width] == number
            box = _four_dense_sides(island, round(ink.stroke))
            if box and 0.6 < box.width / box.height < 1.7 and 0.6 * unit < box.height < 1.7 * unit:
                found.append(Box(left + box.left, top + box.top, left + box.right, top + box.bottom))
    return found


def _four_dense_sides(island: NDArray[np.bool_], pen: int) -> Box | None:
    ink = island.astype(np.uint8)
    rows = _dense(cv2.dilate(ink, np.ones((2 * pen + 1, 1), np.uint8)).mean(axis=1), pen)
    columns = _dense(cv2.dilate(ink, np.ones((1, 2 * pen + 1), np.uint8)).mean(axis=0), pen)
    if rows is None or columns is None:
        return None
    return Box(columns[0], rows[0], columns[1], rows[1])


def _dense(share: NDArray[np.float64], pen: int) -> tuple[float, float] | None:
    """The first and the last place where a side lies, with blank between them."""
    places = np.nonzero(share > DENSE * share.max())[0] if share.max() > DENSE else np.zeros(0, np.intp)
    if places.size == 0 or np.diff(places).max(initial=0) < 2 * pen:
        return None
    return float(places[0]), float(places[-1] + 1)
