"""Lines as a hand draws them: they wobble, overshoot, leave gaps and press unevenly."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Hand:
    """`wobble` is how far a long line strays, in pixels; `overshoot` how far sides run past corners; 0 is a ruler.
    `loose` is the blank between letters that do not join, in heights of a letter."""

    width: int
    wobble: float
    overshoot: float
    doubling: float
    rounding: float
    loose: float = 0.0


def line(rng: random.Random, hand: Hand, start: tuple[float, float], end: tuple[float, float]) -> Points:
    (x0, y0), (x1, y1) = start, end
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    steps = np.linspace(0, 1, max(2, int(length / 12)))
    stray = min(hand.wobble, length * 0.05)
    bow, ripple = rng.gauss(0, stray * 0.7), rng.gauss(0, stray * 0.35)
    side = bow * np.sin(steps * math.pi) + ripple * np.sin(steps * length / 25 + rng.uniform(0, 6))
    along_x, along_y = (x1 - x0) / length, (y1 - y0) / length
    return np.stack([x0 + (x1 - x0) * steps - along_y * side, y0 + (y1 - y0) * steps + along_x * side], axis=1)


def rectangle(rng: random.Random, hand: Hand, box: Box) -> list[Points]:
    """Four sides whose ends do not quite meet, or one round with soft corners, at times gone over twice."""
    if rng.random() < hand.rounding:
        return [rounded(rng, hand, box, rng.uniform(0.06, 0.3))]
    left, top, right, bottom = box
    reach = min(hand.overshoot, (right - left) * 0.12, (bottom - top) * 0.12)
    corners = [
        (x + rng.gauss(0, reach * 0.4), y + rng.gauss(0, reach * 0.4))
        for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    times = 2 if rng.random() < hand.doubling else 1
    return [_past(rng, hand, corners[side], corners[(side + 1) % 4], reach) for side in range(4) for _ in range(times)]


def _past(rng: random.Random, hand: Hand, start: tuple[float, float], end: tuple[float, float], reach: float) -> Points:
    length = math.dist(start, end) or 1.0
    before, after = rng.gauss(0.2, 0.6) * reach / length, rng.gauss(0.2, 0.6) * reach / length
    dx, dy = end[0] - start[0], end[1] - start[1]
    return line(
        rng,
        hand,
        (start[0] - dx * before, start[1] - dy * before),
        (end[0] + dx * after, end[1] + dy * after),
    )


def rounded(rng: random.Random, hand: Hand, box: Box, part: float) -> Points:
    """`part` of the shorter side is the corners' radius: 0.5 makes a pill."""
    left, top, right, bottom = box
    radius = min(right - left, bottom - top) * part
    centres = (
        (right - radius, top + radius, -90),
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
        (left + radius, top + radius, 180),
    )
    rounds = []
    for x, y, angle in centres:
        turn = np.radians(np.linspace(angle, angle + 90, 7))
        rounds.append(np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1))
    points = np.concatenate([*rounds, rounds[0][:2]])
    shake = min(hand.wobble * 0.35, radius * 0.15)
    jitter: Points = np.array([[rng.gauss(0, shake), rng.gauss(0, shake)] for _ in points])
    shaken: Points = points + jitter
    return shaken


def ellipse(rng: random.Random, hand: Hand, box: Box) -> Points:
    left, top, right, bottom = box
    turns = rng.uniform(0.97, 1.12) if hand.wobble else 1.0
    begin = rng.uniform(0, 6)
    angle = np.linspace(begin, begin + turns * 2 * math.pi, max(12, int((right - left) / 4)))
    shake = min(hand.wobble, (right - left) * 0.06)
    radius = 1 + shake / max(1.0, right - left) * np.sin(angle * 2 + rng.uniform(0, 6))
    return np.stack(
        [
            (left + right) / 2 + (right - left) / 2 * radius * np.cos(angle),
            (top + bottom) / 2 + (bottom - top) / 2 * radius * np.sin(angle),
        ],
        axis=1,
    )


def scribble(rng: random.Random, start: tuple[float, float], width: float, height: float) -> Points:
    """Writing that cannot be read: a wave along a line."""
    along = np.linspace(0, width, max(6, int(width / 3)))
    phase = along / max(3.0, height) * rng.uniform(4, 6) + rng.uniform(0, 6)
    sizes = np.array([rng.uniform(0.3, 1) for _ in along])
    return np.stack([start[0] + along, start[1] + np.sin(phase) * height / 2 * sizes], axis=1)


def hatching(rng: random.Random, hand: Hand, box: Box, gap: float) -> list[Points]:
    left, top, right, bottom = box
    height = bottom - top
    lines = []
    at = left - height
    while at < right:
        start, end = max(at, left), min(at + height, right)
        if end - start > 2:
            lines.append(line(rng, hand, (start, bottom - (start - at)), (end, bottom - (end - at))))
        at += gap * rng.uniform(0.8, 1.2)
    return lines
