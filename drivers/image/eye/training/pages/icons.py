"""The small signs that people draw for what a button does."""

from __future__ import annotations

import math

import numpy as np

from drivers.image.eye.training.pages.sheet import Sheet

_OUTLINES = {
    "menu": (((0, 0.2), (1, 0.2)), ((0, 0.5), (1, 0.5)), ((0, 0.8), (1, 0.8))),
    "plus": (((0.5, 0), (0.5, 1)), ((0, 0.5), (1, 0.5))),
    "close": (((0, 0), (1, 1)), ((1, 0), (0, 1))),
    "back": (((0.5, 0.1), (0, 0.5), (0.5, 0.9)), ((0, 0.5), (1, 0.5))),
    "house": (((0, 0.5), (0.5, 0), (1, 0.5)), ((0.15, 0.4), (0.15, 1), (0.85, 1), (0.85, 0.4))),
    "heart": (
        ((0.5, 1), (0, 0.4), (0.1, 0.1), (0.35, 0.05), (0.5, 0.3), (0.65, 0.05), (0.9, 0.1), (1, 0.4), (0.5, 1)),
    ),
    "cart": (((0, 0.1), (0.2, 0.1), (0.35, 0.7), (0.9, 0.7), (1, 0.25), (0.25, 0.25)),),
    "bell": (((0.1, 0.8), (0.25, 0.6), (0.25, 0.3), (0.5, 0.05), (0.75, 0.3), (0.75, 0.6), (0.9, 0.8), (0.1, 0.8)),),
    "star": (
        tuple(
            (0.5 + 0.5 * math.sin(turn * 0.8 * math.pi), 0.5 - 0.5 * math.cos(turn * 0.8 * math.pi))
            for turn in range(6)
        ),
    ),
    "search": (((0.65, 0.65), (1, 1)),),
    "person": (((0.1, 1), (0.15, 0.7), (0.5, 0.5), (0.85, 0.7), (0.9, 1)),),
    "gear": tuple(
        ((0.5 + 0.3 * math.cos(a), 0.5 + 0.3 * math.sin(a)), (0.5 + 0.5 * math.cos(a), 0.5 + 0.5 * math.sin(a)))
        for a in (turn * math.pi / 4 for turn in range(8))
    ),
}
_ROUNDS = {"search": (0, 0, 0.7, 0.7), "person": (0.3, 0, 0.7, 0.42), "gear": (0.2, 0.2, 0.8, 0.8)}


def icon(sheet: Sheet, x: float, y: float, side: float) -> float:
    name = sheet.rng.choice(list(_OUTLINES))
    shake = side * 0.03 if sheet.hand.wobble else 0.0
    with sheet.element("Icon"):
        for outline in _OUTLINES[name]:
            points = [
                (x + a * side + sheet.rng.gauss(0, shake), y + b * side + sheet.rng.gauss(0, shake)) for a, b in outline
            ]
            sheet.draw(np.array(points))
        if name in _ROUNDS:
            left, top, right, bottom = _ROUNDS[name]
            sheet.ellipse((x + left * side, y + top * side, x + right * side, y + bottom * side))
    return side
