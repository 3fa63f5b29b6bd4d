"""What the eye sees on a picture. The network is loaded at the first look, and runs in onnxruntime."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drivers.image.eye.peaks import Seen, peaks
from drivers.image.eye.prepared import fitted, prepared

if TYPE_CHECKING:
    import onnxruntime

SIZE = 384  # of the longer side, as it was trained
THREADS = 2
LEAST = 0.3


class NoWeights(Exception):
    """The eye cannot look; the message is one sentence that says what to do next."""


def look(picture: npt.NDArray[np.uint8], weights: Path, *, least: float = LEAST) -> list[Seen]:
    """The elements on a picture of any size, RGB or grey, the best first, their boxes within it.

    Raises NoWeights where they are missing or broken.
    """
    session = _session(weights)
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    small, scale = fitted(picture, SIZE)
    heat, sides = session.run(None, {"picture": prepared(small)[None]})
    height, width = picture.shape[:2]
    return [_within(seen, scale, width, height) for seen in peaks(heat[0], sides[0], least)]


@lru_cache(maxsize=2)
def _session(weights: Path) -> onnxruntime.InferenceSession:
    import onnxruntime  # loaded by the first look
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, InvalidProtobuf

    if not weights.is_file():
        raise NoWeights(f"The eye's weights are not at {weights}; make them with `make eye`.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf) as error:
        raise NoWeights(f"{weights} is no network that can be run; make it again with `make eye`.") from error


def _within(seen: Seen, scale: float, width: int, height: int) -> Seen:
    left, top, right, bottom = (side / scale for side in seen.box)
    box = (max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom))
    return Seen(seen.cls, box, seen.score)
