"""The trained eye as the driver uses it: its weights come with the driver, and without them it sees nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from drivers.image.agreed import Sight
from drivers.image.elements import Class
from drivers.image.eye.look import NoWeights, look
from drivers.image.geometry import Box

WEIGHTS = Path(__file__).parent / "eye" / "weights" / "eye.onnx"
LEAST = 0.2  # score; what is fainter than this is not even a hint
FLAT = 0.6  # of a screen's pixels are just like their neighbours; paper has grain


def glance(rgb: NDArray[np.uint8]) -> list[Sight]:
    """What the eye sees, the surest first; nothing where its weights are missing."""
    try:
        seen = look(rgb, WEIGHTS, least=LEAST)
    except NoWeights:
        return []
    return [Sight(cast(Class, one.cls), Box(*one.box), one.score) for one in seen]


@cache
def has_eye() -> bool:
    return WEIGHTS.is_file()


def is_screen(rgb: NDArray[np.uint8]) -> bool:
    """Whether a computer has drawn this: most of its pixels are exactly those to their right and below."""
    step = rgb[1:, :-1]
    flat = (step == rgb[:-1, :-1]).all(axis=2) & (step == rgb[1:, 1:]).all(axis=2)
    return float(flat.mean()) > FLAT
