"""From a photograph to ink on white: even out the light, then keep what is darker than the paper."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


@dataclass(frozen=True)
class Ink:
    """`even` is the page as gray on white, `mask` is 255 where there is ink, `stroke` is the pen's width in pixels."""

    even: Gray
    mask: Gray
    stroke: float

    @property
    def width(self) -> int:
        return int(self.mask.shape[1])

    @property
    def height(self) -> int:
        return int(self.mask.shape[0])


PAPER_CELL = 4  # the paper's brightness changes slowly: it is estimated on every 4th pixel
PAPER = 250  # the level that blank paper has after evening out
STEEPEST_TILT = 20.0  # degrees; what leans more is drawn so
MANY_LINES = 0.3  # of the page's width: how much level line it takes to know the tilt
FAINTEST = 14  # levels below white (of 255) that paper grain does not reach after evening out


def find_ink(rgb: NDArray[np.uint8]) -> Ink:
    even = _even_light(_darkest_channel(rgb))
    mask = _threshold(even)
    stroke = _stroke_width(mask)
    beyond = _beyond_the_page(mask, stroke)
    mask[beyond], even[beyond] = 0, PAPER
    return Ink(even, mask, stroke)


def _darkest_channel(rgb: NDArray[np.uint8]) -> Gray:
    gray: Gray = np.min(rgb, axis=2)
    if np.median(gray) < 90 and np.percentile(gray, 95) > 2 * max(1.0, float(np.median(gray))):
        gray = 255 - np.max(rgb, axis=2)  # light text on a dark page
    return np.asarray(cv2.GaussianBlur(gray, (3, 3), 0), np.uint8)


def _even_light(gray: Gray) -> Gray:
    """Divide by the paper's own brightness, so that shadows vanish and ink keeps its contrast."""
    height, width = gray.shape
    cells = (max(1, width // PAPER_CELL), max(1, height // PAPER_CELL))
    small = cv2.resize(gray, cells, interpolation=cv2.INTER_AREA)
    paper = cv2.dilate(small, np.ones((5, 5), np.uint8))
    paper = cv2.GaussianBlur(cv2.medianBlur(paper, 21), (0, 0), 3)
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    return np.clip(gray * (float(PAPER) / np.maximum(paper, 1.0)), 0, 255).astype(np.uint8)


def _threshold(even: Gray) -> Gray:
    """Sure ink, and the fainter ink that touches it."""
    depth = PAPER - even.astype(np.int16)
    grain = float(np.median(np.abs(depth - np.median(depth)))) * 1.48
    faint = max(FAINTEST, 4 * grain)
    dark = depth[depth > faint]
    sure = max(1.6 * faint, 0.45 * float(np.percentile(dark, 80))) if dark.size else 255.0
    weak = (depth > max(faint, 0.5 * sure)).astype(np.uint8)
    count, regions, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
    keep = np.zeros(count, bool)
    keep[np.unique(regions[depth > sure])] = True
    keep &= stats[:, cv2.CC_STAT_AREA] >= 8
    keep[0] = False
    return np.where(keep[regions], 255, 0).astype(np.uint8)


def _beyond_the_page(mask: Gray, stroke: float) -> NDArray[np.bool_]:
    """Where thick dark areas come in from the picture's edge: the desk, a shadow's border, a scanner's lid."""
    size = round(3.5 * stroke) | 1
    rim = size + 4
    framed = cv2.copyMakeBorder(mask[4:-4, 4:-4], rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=255)
    thick = cv2.morphologyEx(framed, cv2.MORPH_OPEN, np.ones((size, size), np.uint8))
    _, areas = cv2.connectedComponents(thick, connectivity=8)
    outer = cv2.dilate((areas == areas[0, 0]).astype(np.uint8), np.ones((7, 7), np.uint8))
    return np.asarray(outer[size:-size, size:-size] > 0)


def _stroke_width(mask: Gray) -> float:
    """Twice the usual distance from a stroke's middle to its edge."""
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    ridge = (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8))) & (distance > 0)
    return float(np.clip(2 * np.median(distance[ridge]), 2.0, 12.0)) if ridge.any() else 2.0


def find_tilt(ink: Ink) -> float:
    """Degrees by which the page's level lines fall to the right; 0 where there are none."""
    shortest = max(40.0, 0.08 * ink.width)
    lines = cv2.HoughLinesP(ink.mask, 1, np.pi / 720, 60, minLineLength=shortest, maxLineGap=2 * ink.stroke)
    if lines is None:
        return 0.0
    dx, dy = (lines[..., 2] - lines[..., 0]).ravel(), (lines[..., 3] - lines[..., 1]).ravel()
    angles, lengths = np.degrees(np.arctan2(dy, dx)), np.hypot(dx, dy)
    level = np.abs(angles) < STEEPEST_TILT
    if lengths[level].sum() < MANY_LINES * ink.width:
        return 0.0
    order = np.argsort(angles[level])
    along = np.cumsum(lengths[level][order])
    return float(angles[level][order][np.searchsorted(along, along[-1] / 2)])
