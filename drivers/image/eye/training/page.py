"""A page to train on: its picture, and what is where on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Mark:
    """`cls` is one of CLASSES; `box` is left, top, right, bottom in pixels of the picture."""

    cls: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Page:
    """`image` is RGB, (height, width, 3)."""

    image: npt.NDArray[np.uint8]
    marks: list[Mark]
