"""Closed outlines in ink: rectangles and round shapes, also where a hurried pen left gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.image.geometry import Box
from drivers.image.ink import Gray, Ink

Contour = NDArray[np.int32]
GAPS = (1, 3, 7, 13, 21, 31)  # pixels a pen may have left open; small ones are believed first
MOST_TILT = 14.0  # degrees a hand-drawn rectangle may lean
FULL_RECTANGLE = 0.82  # share of its turned bounding rectangle that a rectangle fills
FULL_CIRCLE = 0.7  # and that a circle fills (pi/4, less what a wobbling hand takes)
BLUNT = 0.165  # mean distance from the corners above which a shape is round
SMOOTH = 0.9  # share of its convex hull that a circle fills


@dataclass(frozen=True)
class Outline:
    """`gap` is the opening, in pixels, that had to be bridged to close it."""

    box: Box
    round: bool
    fill: float
    gap: int


def find_outlines(ink: Ink) -> list[Outline]:
    """Every closed shape once, the best drawn first."""
    kept: list[Outline] = []
    for gap in GAPS:
        found = sorted(_closed_at(ink, gap), key=lambda o: -o.box.area)
        for outline in found:
            if not any(outline.box.iou(k.box) > 0.6 for k in kept):
                kept.append(outline)
    return kept


def _closed_at(ink: Ink, gap: int) -> Iterator[Outline]:
    contours, tree = cv2.findContours(_bridge(ink.mask, gap), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    if tree is None:
        return
    for contour, (_, _, child, parent) in zip(contours, tree[0], strict=True):
        is_hole = parent >= 0
        if (is_hole or child >= 0) and (outline := _judge(np.asarray(contour, np.int32), gap, ink.stroke)):
            pen = ink.stroke if is_hole else 0.0
            yield replace(outline, box=outline.box.grow(pen, pen))


def _bridge(mask: Gray, gap: int) -> Gray:
    if gap == 1:
        return mask
    padded = cv2.copyMakeBorder(mask, gap, gap, gap, gap, cv2.BORDER_CONSTANT, value=0)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))
    return np.asarray(cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)[gap:-gap, gap:-gap], np.uint8)


def _judge(contour: Contour, gap: int, stroke: float) -> Outline | None:
    left, top, width, height = cv2.boundingRect(contour)
    if min(width, height) < max(4 * stroke, 10):
        return None
    area = cv2.contourArea(contour)
    turned = cv2.minAreaRect(contour)
    fill = area / max(turned[1][0] * turned[1][1], 1.0)
    tilt = min(turned[2] % 90, 90 - turned[2] % 90)
    box = Box(left, top, left + width, top + height)
    smooth = area / max(cv2.contourArea(cv2.convexHull(contour)), 1.0)
    blunt = _bluntness(contour, np.asarray(cv2.boxPoints(turned), np.float32))
    if smooth > SMOOTH and fill > FULL_CIRCLE and blunt > BLUNT and 0.6 < width / height < 1.7:
        return Outline(box, True, smooth, gap)
    if fill > FULL_RECTANGLE and blunt <= BLUNT and tilt < MOST_TILT:
        return Outline(box, False, fill, gap)
    return None


def _bluntness(contour: Contour, corners: NDArray[np.float32]) -> float:
    """How far its rectangle's corners are from a shape, in shorter sides: 0 for a rectangle, 0.2 for a circle."""
    points = contour[:, 0].astype(np.float32)
    away = np.linalg.norm(points[:, None] - corners[None], axis=2).min(axis=0)
    side = min(np.linalg.norm(corners[0] - corners[1]), np.linalg.norm(corners[1] - corners[2]))
    return float(away.mean() / max(side, 1.0))
