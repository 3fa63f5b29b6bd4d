"""What the eye sees on a picture. The network is loaded at the first look, and runs in onnxruntime."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from drivers.image.eye.peaks import Seen, peaks
from drivers.image.eye.prepared import fitted, prepared

SIZE = 384  # of the longer side, as it was trained
THREADS = 2
LEAST = 0.3


def look(picture: npt.NDArray[np.uint8], weights: Path, *, least: float = LEAST) -> list[Seen]:
    """The elements on an RGB picture of any size, the best first, their boxes within it.

    Raises FileNotFoundError where there are no weights.
    """
    small, scale = fitted(picture, SIZE)
    heat, sides = _session(weights).run(None, {"picture": prepared(small)[None]})
    height, width = picture.shape[:2]
    return [_within(seen, scale, width, height) for seen in peaks(heat[0], sides[0], least)]


@lru_cache(maxsize=2)
def _session(weights: Path) -> onnxruntime.InferenceSession:
    if not weights.is_file():
        raise FileNotFoundError(f"The eye's weights are not at {weights}; `make eye` trains them.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def _within(seen: Seen, scale: float, width: int, height: int) -> Seen:
    left, top, right, bottom = (side / scale for side in seen.box)
    box = (max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom))
    return Seen(seen.cls, box, seen.score)
