"""Straight level lines: underlines, dividers, and the stacks of lines that stand for a paragraph."""

from __future__ import annotations

import cv2
import numpy as np

from drivers.image.geometry import Box, around
from drivers.image.ink import Gray, Ink

STEEPEST = 0.12  # rise over run of a line that is still level


def level_runs(ink: Ink, length: float) -> list[Box]:
    """Straight level pieces of pen stroke, at least `length` pixels long."""
    return _runs(ink.mask, ink.stroke, length)


def upright_runs(ink: Ink, length: float) -> list[Box]:
    """Straight upright pieces of pen stroke, at least `length` pixels long."""
    turned = _runs(np.ascontiguousarray(ink.mask.T), ink.stroke, length)
    return [Box(run.top, run.left, run.bottom, run.right) for run in turned]


def _runs(mask: Gray, stroke: float, length: float) -> list[Box]:
    """What is long and thin along the rows: a thickened mask, opened with a long flat kernel."""
    thick = cv2.dilate(mask, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, max(7, round(length))), np.uint8))
    solid = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((round(3.5 * stroke) + 3, 1), np.uint8))
    runs[cv2.dilate(solid, np.ones((1, 3), np.uint8)) > 0] = 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found = [Box(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:count].tolist()]
    return [b for b in found if b.width >= 0.8 * length and b.height <= STEEPEST * b.width + 3 * stroke]


def find_rules(ink: Ink, frames: list[Box], solid: list[Box], unit: float) -> list[Box]:
    """Level lines that belong to no frame, are not within anything solid, and have paper around them."""
    lines = _join(level_runs(ink, max(0.7 * unit, 5 * ink.stroke)), unit)
    lines = [line for line in lines if line.width > max(1.4 * unit, 10 * ink.stroke)]
    free = [line for line in lines if not any(line.inside(b.grow(4, 4)) > 0.6 for b in solid)]
    free = [line for line in free if not any(_is_side(line, frame, unit) for frame in frames)]
    return [line for line in free if _is_bare(ink.mask, line, ink.stroke)]


def _is_side(line: Box, frame: Box, unit: float) -> bool:
    slack = min(max(0.15 * frame.height, 0.3 * unit), 0.5 * unit)
    along = line.shared_width(frame) > 0.7 * line.width
    return along and min(abs(line.y - frame.top), abs(line.y - frame.bottom)) < slack


def _is_bare(mask: Gray, line: Box, stroke: float) -> bool:
    """True for a stroke with paper on both sides; in writing, ink is all around."""
    top, bottom = max(0, round(line.top - 2 * stroke)), round(line.bottom + 2 * stroke)
    inked = (mask[top:bottom, round(line.left) : round(line.right)] > 0).sum(axis=0)
    return bool(np.median(inked) < 1.6 * stroke + 1 and (inked > 0).mean() > 0.6)


def _join(runs: list[Box], unit: float) -> list[Box]:
    """Pieces of one broken line become one."""
    lines: list[Box] = []
    for run in sorted(runs, key=lambda b: b.left):
        for i, line in enumerate(lines):
            joined = around((line, run))
            near = run.left - line.right < 0.5 * unit
            if near and abs(run.y - line.y) < 0.4 * unit and joined.height <= STEEPEST * joined.width + 0.2 * unit:
                lines[i] = joined
                break
        else:
            lines.append(run)
    return lines


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
    even = len(stack) < 2 or step < 2.5 * (last.y - stack[-2].y)
    alike = rule.shared_width(last) > 0.5 * max(rule.width, last.width)
    return even and alike and 0.2 * unit < step < 2.0 * unit
