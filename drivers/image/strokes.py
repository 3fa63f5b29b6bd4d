"""Straight level lines: underlines, dividers, and the stacks of lines that stand for a paragraph."""

from __future__ import annotations

import cv2
import numpy as np

from drivers.image.geometry import Box, around
from drivers.image.ink import Gray, Ink

STEEPEST = 0.12  # rise over run of a line that is still level


def find_rules(ink: Ink, ignore: list[Box], unit: float) -> list[Box]:
    """Level strokes of at least one and a half letters' height, outside the boxes to ignore."""
    mask = ink.mask.copy()
    for box in ignore:
        left, top, right, bottom = (round(v) for v in (box.left, box.top, box.right, box.bottom))
        mask[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2] = 0
    runs = _level_runs(mask, ink.stroke, unit)
    count, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found = [Box(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:count].tolist()]
    lines = _join([b for b in found if _is_level(b, ink.stroke)], unit)
    return [line for line in lines if _is_bare(mask, line, ink.stroke)]


def _level_runs(mask: Gray, stroke: float, unit: float) -> Gray:
    """Only what is long and level: a thickened mask opened with a long flat kernel."""
    thick = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    length = max(15, round(0.9 * unit))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    thin = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((round(3.5 * stroke) + 3, 1), np.uint8))
    runs[cv2.dilate(thin, np.ones((1, 3), np.uint8)) > 0] = 0  # a filled block is no line
    return np.asarray(cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((3, round(0.4 * unit) | 1), np.uint8)), np.uint8)


def _is_level(box: Box, stroke: float) -> bool:
    return box.height <= STEEPEST * box.width + 3 * stroke


def _is_bare(mask: Gray, line: Box, stroke: float) -> bool:
    """True for a stroke with paper on both sides; in writing, ink is all around."""
    band = mask[
        max(0, round(line.top - 3 * stroke)) : round(line.bottom + 3 * stroke), round(line.left) : round(line.right)
    ]
    inked = band > 0
    on_line = np.cumsum(inked, axis=0)
    thickness = inked.sum(axis=0)
    del on_line
    return bool(np.median(thickness) < 2.0 * stroke + 1 and (thickness > 0).mean() > 0.6)


def _join(runs: list[Box], unit: float) -> list[Box]:
    """Pieces of one broken line become one; what stays short is no line."""
    lines: list[Box] = []
    for run in sorted(runs, key=lambda b: b.left):
        for i, line in enumerate(lines):
            joined = around((line, run))
            near = run.left - line.right < 0.7 * unit
            if near and abs(run.y - line.y) < 0.5 * unit and joined.height <= STEEPEST * joined.width + 0.25 * unit:
                lines[i] = joined
                break
        else:
            lines.append(run)
    return [line for line in lines if line.width >= 1.5 * unit]


def group_prose(rules: list[Box], unit: float) -> list[list[Box]]:
    """Stacks of at least two lines of like length, close together: text that the sketch only hints at."""
    stacks: list[list[Box]] = []
    for rule in sorted(rules, key=lambda b: b.y):
        home = next((s for s in stacks if _continues(s, rule, unit)), None)
        if home is None:
            stacks.append([rule])
        else:
            home.append(rule)
    return [s for s in stacks if len(s) >= 3 or (len(s) == 2 and s[1].y - s[0].y < 1.1 * unit)]


def _continues(stack: list[Box], rule: Box, unit: float) -> bool:
    last = stack[-1]
    step = rule.y - last.y
    even = len(stack) < 2 or step < 1.9 * (last.y - stack[-2].y)
    alike = rule.shared_width(last) > 0.5 * max(rule.width, last.width)
    return even and alike and 0.2 * unit < step < 2.0 * unit
