"""What the network is shown: a picture in channels that say little of paper, light and camera."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

CHANNELS = 3
MULTIPLE = 32  # sides are padded to it; the network halves them five times
BLUR = 0.06  # of the longer side: what is wider than this is paper or light, not ink
LEAST_CONTRAST = 12.0  # grey levels; fainter than this is noise


def fitted(picture: npt.NDArray[np.uint8], size: int) -> tuple[npt.NDArray[np.uint8], float]:
    """The RGB picture with its longer side `size` pixels, and by how much it was scaled."""
    scale = size / max(picture.shape[:2])
    width, height = (max(1, round(side * scale)) for side in (picture.shape[1], picture.shape[0]))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8), scale


def prepared(picture: npt.NDArray[np.uint8], side: int | None = None) -> npt.NDArray[np.float32]:
    """Of an RGB picture: its ink, its grey and its redness, (CHANNELS, height, width), zero where it was padded.

    Padded to a square of `side`, or to the next multiple of MULTIPLE.
    """
    height, width = picture.shape[:2]
    colours = picture.astype(np.float32)
    grey = colours @ np.array([0.299, 0.587, 0.114], np.float32)
    blur = max(3, int(max(height, width) * BLUR))
    away = cv2.blur(grey, (blur, blur)) - grey
    contrast = max(LEAST_CONTRAST, float(np.quantile(np.abs(away), 0.98)))
    red = (colours[..., 0] - 0.5 * (colours[..., 1] + colours[..., 2])) / 128
    channels = np.stack([np.clip(away / contrast, -2, 2), grey / 128 - 1, red])
    padded = np.zeros((CHANNELS, side or _up(height), side or _up(width)), np.float32)
    padded[:, :height, :width] = channels
    return padded


def _up(side: int) -> int:
    return -(-side // MULTIPLE) * MULTIPLE
