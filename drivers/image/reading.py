"""Reading: the lines of text on a page, cut where the page parts them, with what is drawn painted over first."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.image.geometry import Box
from drivers.image.ink import PAPER, Gray
from drivers.image.ocr import Quad, find_lines, read_strips
from drivers.image.picture import Picture
from drivers.image.shapes import Shape

LEAST_SCORE = 0.5
GAP_SLACK = 0.3  # of a line's height that a gap may lie beside the one between its underlines
TALLEST = 2.5  # a line's height in its widths; what is taller is no text
AIR = 0.1  # of a line's height: what people leave at either end when they box a text
THIN = 4.0  # strokes: a rule that leans more than this would take letters with it
WIDE_GAP = 0.86  # blank inside a line, in heights of the line, that separates two texts
STRAY = re.compile(r"[\u2190-\u2bff\u3000-\u303f\u4e00-\u9fff|_\[\]{}\\]+")  # boxes and lines read as signs


@dataclass(frozen=True)
class Line:
    """One piece of text in working pixels."""

    text: str
    box: Box
    score: float


def read(picture: Picture, shapes: list[Shape]) -> list[Line]:
    """All text, top to bottom, with what is drawn but not written painted over first."""
    ink = picture.ink
    page = _painted_over(picture, shapes)
    rules = [s.box for s in shapes if s.kind == "rule"]
    written = np.where(page[:, :, 0] < PAPER, ink.mask, 0).astype(np.uint8)
    quads = [part for quad in find_lines(page) for part in _split(quad, written, rules)]
    return [line for line in _recognise(page, quads) if line.text]


def _painted_over(picture: Picture, shapes: list[Shape]) -> NDArray[np.uint8]:
    page = cv2.cvtColor(picture.ink.even, cv2.COLOR_GRAY2BGR)
    for shape in shapes:
        for box in _drawn_parts(shape, picture.ink.stroke):
            top_left, bottom_right = (round(box.left), round(box.top)), (round(box.right), round(box.bottom))
            cv2.rectangle(page, top_left, bottom_right, (PAPER, PAPER, PAPER), cv2.FILLED)
    return np.asarray(page, np.uint8)


def _drawn_parts(shape: Shape, stroke: float) -> list[Box]:
    """Where a shape has lines that could be read as letters."""
    box = shape.box.grow(2, 2)
    if shape.kind == "rule":
        return [box] if box.height < THIN * stroke else []
    if shape.kind not in ("frame", "dropdown"):
        return [box]
    side = min(max(2.0 * stroke, 0.1 * box.height), 4.0 * stroke)
    end = 1.3 * box.height if shape.kind == "dropdown" else side
    return [replace(box, right=box.left + side), replace(box, left=box.right - end)]


def _split(quad: Quad, written: Gray, rules: list[Box]) -> list[Quad]:
    """Cut a line where it is blank for long and between underlines; trim each part to its ink."""
    strip = straighten(written, quad)
    height, width = strip.shape[:2]
    inked = np.nonzero(strip[round(0.1 * height) : round(0.9 * height) + 1].any(axis=0))[0]
    if inked.size == 0:
        return []
    gaps, middles = np.diff(inked), (inked[1:] + inked[:-1]) / 2
    between = [(a - quad[0, 0], b - quad[0, 0]) for a, b in _between_underlines(_bounds(quad), rules)]
    parted = np.zeros(gaps.shape, bool)
    for start, stop in between:
        inside = (middles > start - GAP_SLACK * height) & (middles < stop + GAP_SLACK * height)
        parted |= inside & (gaps == np.where(inside, gaps, 0).max(initial=0))
    ends = np.nonzero((gaps > WIDE_GAP * height) | (parted & (gaps > 1)))[0]
    starts = [int(inked[0]), *(int(inked[i + 1]) for i in ends)]
    stops = [*(int(inked[i]) for i in ends), int(inked[-1])]
    return [_part(quad, a / width, (b + 1) / width) for a, b in zip(starts, stops, strict=True)]


def _between_underlines(line: Box, rules: list[Box]) -> list[tuple[float, float]]:
    """The stretches between underlines that follow each other under one line."""
    under = [
        rule
        for rule in rules
        if rule.shared_width(line) > 0.7 * rule.width and line.y < rule.y < line.bottom + 0.35 * line.height
    ]
    under.sort(key=lambda rule: rule.left)
    return [(a.right, b.left) for a, b in pairwise(under) if b.left > a.right]


def _part(quad: Quad, start: float, stop: float) -> Quad:
    """The piece of a line between two shares of its width."""
    left_top, right_top, right_bottom, left_bottom = quad
    top, bottom = right_top - left_top, right_bottom - left_bottom
    return np.asarray(
        [left_top + start * top, left_top + stop * top, left_bottom + stop * bottom, left_bottom + start * bottom],
        np.float32,
    )


def straighten(image: NDArray[np.uint8], quad: Quad) -> Gray:
    """What is within four corners, as a level strip."""
    width = max(4, round(float(max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[3] - quad[2])))))
    height = max(4, round(float(max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2])))))
    flat = np.asarray([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = cv2.getPerspectiveTransform(quad, flat)
    return np.asarray(cv2.warpPerspective(image, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _recognise(page: NDArray[np.uint8], quads: list[Quad]) -> list[Line]:
    read = read_strips([straighten(page, _widen(quad)) for quad in quads])
    lines = [Line(_clean(text), _bounds(quad), score) for quad, (text, score) in zip(quads, read, strict=True)]
    return [line for line in lines if line.score >= LEAST_SCORE and line.box.height < TALLEST * line.box.width]


def _widen(quad: Quad) -> Quad:
    """A little air at both ends reads better."""
    along = (quad[1] - quad[0]) / max(1.0, float(np.linalg.norm(quad[1] - quad[0])))
    return quad + np.asarray([-along, along, along, -along], np.float32) * 4


def _bounds(quad: Quad) -> Box:
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    air = AIR * float(bottom - top)
    return Box(float(left) - air, float(top), float(right) + air, float(bottom))


def _clean(text: str) -> str:
    return " ".join(STRAY.sub(" ", text).split())
