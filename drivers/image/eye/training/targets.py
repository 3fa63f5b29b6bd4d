"""What the network should answer for a page: heat at the middle of each element, and how far its sides are."""

from __future__ import annotations

import numpy as np

from drivers.image.eye.classes import CLASSES, HOLDERS
from drivers.image.eye.peaks import GROUPS, STRIDE, Maps
from drivers.image.eye.training.page import Mark

SPREAD = 0.12  # of a box's side: the deviation of its heat
MIDDLE = 0.25  # of a box's side: as far from its middle are cells answerable for its sides
NEAREST = 0.5  # pixels: what a side is at least away


def targets(marks: list[Mark], side: int) -> tuple[Maps, Maps, Maps]:
    """For a square of `side` pixels: heat (classes, n, n); sides (4 a group, n, n) in pixels; and how much the sides of
    each cell count (groups, n, n), which is 1 for all cells of an element together, so that small ones count as much.

    The peak of each element is 1 exactly. Where two of one group overlap, the smaller has the cells.
    """
    n = side // STRIDE
    heat = np.zeros((len(CLASSES), n, n), np.float32)
    sides, counts = np.zeros((len(GROUPS), 4, n, n), np.float32), np.zeros((len(GROUPS), n, n), np.float32)
    for mark in sorted(marks, key=_area, reverse=True):
        group = int(mark.cls in HOLDERS)
        _paint(mark, heat[CLASSES.index(mark.cls)], sides[group], counts[group])
    return heat, sides.reshape(-1, n, n), counts


def _area(mark: Mark) -> float:
    left, top, right, bottom = mark.box
    return (right - left) * (bottom - top)


def _paint(mark: Mark, heat: Maps, sides: Maps, counts: Maps) -> None:
    n = len(heat)
    left, top, right, bottom = mark.box
    column, row = (min(n - 1, int((a + b) / 2 / STRIDE)) for a, b in ((left, right), (top, bottom)))
    cells = np.arange(n, dtype=np.float32)
    spread = [max(0.6, SPREAD * length / STRIDE) for length in (right - left, bottom - top)]
    across = np.exp(-((cells - column) ** 2) / (2 * spread[0] ** 2))
    down = np.exp(-((cells - row) ** 2) / (2 * spread[1] ** 2))
    np.maximum(heat, down[:, None] * across[None, :], out=heat)
    reach = [int(MIDDLE * length / STRIDE) for length in (right - left, bottom - top)]
    rows = slice(max(0, row - reach[1]), row + reach[1] + 1)
    columns = slice(max(0, column - reach[0]), column + reach[0] + 1)
    x, y = (cells[columns] + 0.5) * STRIDE, (cells[rows] + 0.5) * STRIDE
    counts[rows, columns] = 1 / (len(x) * len(y))
    for number, away in enumerate((x - left, y - top, right - x, bottom - y)):
        away = np.maximum(away, NEAREST)
        sides[number, rows, columns] = away[None, :] if number % 2 == 0 else away[:, None]
