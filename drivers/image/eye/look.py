"""What the eye sees on a picture. The network is loaded at the first look, and runs in onnxruntime."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from drivers.image.eye.classes import TEXTS
from drivers.image.eye.peaks import Seen, peaks
from drivers.image.eye.prepared import fitted, prepared
from drivers.image.sessions import session

if TYPE_CHECKING:
    import onnxruntime

SIZE = 384  # of the longer side
NEAR = 512  # as near as it was trained to look
SMALL = 9.0  # pixels at SIZE: lines of text that are usually lower than this are looked at from near
LEAST = 0.3


class NoWeights(Exception):
    """The eye cannot look; the message is one sentence that says what to do next."""


def look(picture: npt.NDArray[np.uint8], weights: Path, *, least: float = LEAST) -> list[Seen]:
    """The elements on a picture of any size, RGB or grey, the best first, their boxes within it.

    Raises NoWeights where they are missing or broken.
    """
    network = _session(weights)
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    seen = _looked(network, picture, SIZE, least)
    lines = [one.box[3] - one.box[1] for one in seen if one.cls in TEXTS]
    if lines and np.median(lines) * SIZE < SMALL * max(picture.shape[:2]):
        return _looked(network, picture, NEAR, least)
    return seen


def _looked(
    network: onnxruntime.InferenceSession, picture: npt.NDArray[np.uint8], size: int, least: float
) -> list[Seen]:
    small, scale = fitted(picture, size)
    heat, sides = network.run(None, {"picture": prepared(small)[None]})
    height, width = picture.shape[:2]
    return [_within(seen, scale, width, height) for seen in peaks(heat[0], sides[0], least)]


@lru_cache(maxsize=2)
def _session(weights: Path) -> onnxruntime.InferenceSession:
    if not weights.is_file():
        raise NoWeights(f"The eye's weights are not at {weights}; make them with `make eye`.")
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph, InvalidProtobuf

    try:
        return session(weights)
    except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf) as error:
        raise NoWeights(f"{weights} is no network that can be run; make it again with `make eye`.") from error


def _within(seen: Seen, scale: float, width: int, height: int) -> Seen:
    left, top, right, bottom = (side / scale for side in seen.box)
    box = (max(0.0, left), max(0.0, top), min(float(width), right), min(float(height), bottom))
    return Seen(seen.cls, box, seen.score)
