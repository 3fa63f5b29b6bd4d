"""The trained eye as the driver uses it: its weights come with the driver, and without them it cannot look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from drivers.image.agreed import Sight
from drivers.image.eye.look import NoWeights, look
from drivers.image.geometry import Box

WEIGHTS = Path(__file__).parent / "eye" / "weights" / "eye.onnx"
LEAST = 0.2  # score; what is fainter than this is not even a hint
MARGIN = 0.005  # of the longer side: the eye's boxes end with the ink, people's a little outside it


def glance(rgb: NDArray[np.uint8]) -> list[Sight] | None:
    """What the eye sees, the surest first; None where its weights are missing."""
    try:
        seen = look(rgb, WEIGHTS, least=LEAST)
    except NoWeights:
        return None
    margin = MARGIN * max(rgb.shape[:2])
    return [Sight(one.cls, Box(*one.box).grow(margin, margin), one.score) for one in seen]
