"""Boxes known by their four sides: drawn with open corners, crossed by writing, or ticked."""

from __future__ import annotations

from drivers.image.geometry import Box, around
from drivers.image.ink import Ink
from drivers.image.strokes import level_runs, upright_runs

SHORTEST = 0.45  # of the writing's height: the shortest side of a box
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
