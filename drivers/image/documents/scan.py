"""The text of a photographed or scanned page, turned upright: PP-OCR on the page as it is, at its full size."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.image.geometry import Box
from drivers.image.ocr import Quad, find_lines, is_turned, read_strips
from drivers.image.picture import Picture
from drivers.image.reading import Line

SIDE = 2600  # pixels of the longer side that pages are read at
DETECTOR_SIDE = 1920  # and that their lines are looked for at
LEVEL = 0.4  # degrees of tilt not worth turning for
FEW = 3  # lines that are too few to know how the page lies
VOTES = 15  # of the longest lines decide whether the page is upside down
LEAST_SCORE = 0.5
STRIP = 48  # pixels of height that the recogniser reads at
AIR = 0.12  # of a line's height, at both ends: a stroke that is cut off is misread


def scan(picture: Picture) -> tuple[Picture, list[Line]]:
    """The page upright and level, and its pieces of text in no order yet."""
    page = picture.sheet()
    quads = _find(page)
    if len(quads) < FEW:
        return page, _recognise(page, quads)
    if _stands_sideways(quads):
        page = page.turned(90)
        quads = _find(page)
    tilt = _tilt(quads)
    if abs(tilt) > LEVEL:
        page = page.turned(tilt)
        quads = _find(page)
    if _is_upside_down(page, quads):
        page = page.turned(180)
        quads = _find(page)
    return page, _recognise(page, quads)


def _find(page: Picture) -> list[Quad]:
    return find_lines(_bgr(page), DETECTOR_SIDE)


def _bgr(page: Picture) -> NDArray[np.uint8]:
    return np.ascontiguousarray(page.rgb[:, :, ::-1])


def _stands_sideways(quads: list[Quad]) -> bool:
    tall = sum(_height(quad) > 1.5 * _width(quad) for quad in quads)
    return 2 * tall > len(quads)


def _tilt(quads: list[Quad]) -> float:
    """Degrees by which most of the text falls to the right, by the length of its lines."""
    along = np.asarray([quad[1] - quad[0] + quad[2] - quad[3] for quad in quads])
    angles, lengths = np.degrees(np.arctan2(along[:, 1], along[:, 0])), np.hypot(along[:, 0], along[:, 1])
    order = np.argsort(angles)
    summed = np.cumsum(lengths[order])
    return float(angles[order][np.searchsorted(summed, summed[-1] / 2)]) if summed.size else 0.0


def _is_upside_down(page: Picture, quads: list[Quad]) -> bool:
    """One line may be misjudged; most of the long ones are not."""
    longest = sorted(quads, key=_width, reverse=True)[:VOTES]
    if len(longest) < FEW:
        return False
    bgr = _bgr(page)
    return 3 * sum(is_turned([_strip(bgr, quad) for quad in longest])) > 2 * len(longest)


def _recognise(page: Picture, quads: list[Quad]) -> list[Line]:
    bgr = _bgr(page)
    read = read_strips([_strip(bgr, quad) for quad in quads])
    found = [
        Line(" ".join(text.split()), _bounds(quad), score)
        for quad, (text, score) in zip(quads, read, strict=True)
        if score >= LEAST_SCORE
    ]
    return [line for line in found if line.text]


def _strip(bgr: NDArray[np.uint8], quad: Quad) -> NDArray[np.uint8]:
    """One line, level, as high as the recogniser wants it or higher."""
    wide = _widened(quad)
    scale = max(1.0, STRIP / max(1.0, _height(wide)))
    width, height = max(4, round(scale * _width(wide))), max(4, round(scale * _height(wide)))
    flat = np.asarray([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = cv2.getPerspectiveTransform(wide, flat)
    strip = cv2.warpPerspective(bgr, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, np.uint8)


def _widened(quad: Quad) -> Quad:
    along = (quad[1] - quad[0]) / max(1.0, float(np.linalg.norm(quad[1] - quad[0])))
    return (quad + np.asarray([-along, along, along, -along]) * (AIR * _height(quad))).astype(np.float32)


def _width(quad: Quad) -> float:
    return float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2


def _height(quad: Quad) -> float:
    return float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2


def _bounds(quad: Quad) -> Box:
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    return Box(float(left), float(top), float(right), float(bottom))
