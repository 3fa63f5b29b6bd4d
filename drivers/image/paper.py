"""The sheet of paper on a desk: where its corners are."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Corners = NDArray[np.float32]  # four points, clockwise from the top left
LOOK = 480  # pixels of the longer side the sheet is looked for at
SMALLEST = 0.25  # share of the picture that a sheet covers at least
WHOLE = 0.97  # and above which the picture is all paper
DARKER = 0.72  # brightness of the desk against the paper's
STRAIGHT = 0.94  # share that a sheet and its four-cornered outline have in common


def find_sheet(rgb: NDArray[np.uint8]) -> Corners | None:
    """The corners of a bright sheet on a darker desk; None where the picture shows no more than the sheet."""
    scale = LOOK / max(rgb.shape[:2])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    gray = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    _, bright = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    sheet = max(contours, key=cv2.contourArea, default=None)
    if sheet is None or not SMALLEST < cv2.contourArea(sheet) / gray.size < WHOLE:
        return None
    filled = cv2.drawContours(np.zeros_like(gray), [sheet], -1, 255, cv2.FILLED)
    corners = _four_corners(sheet)
    if corners is None or not _stands_out(np.asarray(gray, np.uint8), np.asarray(filled, np.uint8), corners):
        return None
    return np.asarray(corners / scale, np.float32)


def flatten(corners: Corners) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The matrix that turns the sheet to a rectangle, and the rectangle's width and height in pixels."""
    top, right, bottom, left = (float(np.linalg.norm(corners[i] - corners[(i + 1) % 4])) for i in range(4))
    width, height = round(max(top, bottom)), round(max(left, right))
    flat = np.asarray([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, flat), np.float64), (width, height)


def _four_corners(contour: NDArray[np.generic]) -> Corners | None:
    hull = cv2.convexHull(np.asarray(contour, np.int32))
    around = cv2.arcLength(hull, True)
    for slack in (0.01, 0.02, 0.03, 0.05):
        shape = cv2.approxPolyDP(hull, slack * around, True)
        if len(shape) == 4:
            return _clockwise(shape[:, 0].astype(np.float32))
    return None


def _clockwise(points: Corners) -> Corners:
    middle = points.mean(axis=0)
    turned = points[np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))]
    return np.roll(turned, -int(turned.sum(axis=1).argmin()), axis=0)


def _stands_out(gray: NDArray[np.uint8], sheet: NDArray[np.uint8], corners: Corners) -> bool:
    outline = np.zeros_like(gray)
    cv2.fillConvexPoly(outline, np.round(corners).astype(np.int32), 255)
    both, either = np.count_nonzero(sheet & outline), np.count_nonzero(sheet | outline)
    rim = cv2.dilate(outline, np.ones((15, 15), np.uint8)) > 0
    outside, inside = gray[rim & (outline == 0)], gray[outline > 0]
    if both < STRAIGHT * either or outside.size < 0.01 * gray.size:
        return False
    return bool(np.median(outside) < DARKER * np.median(inside))
