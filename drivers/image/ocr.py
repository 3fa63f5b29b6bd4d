"""PP-OCR through rapidocr, offline: where lines of text are on a page, and what strips of it say."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.image.sessions import session

Pixels = NDArray[np.uint8]
Quad = NDArray[np.float32]  # four corners, clockwise from the top left
SIDE = 1280  # pixels of the longer side that lines are looked for at
MULTIPLE = 32  # the detector halves its sides five times
BAND = 640_000  # pixels that the detector is shown at once: it takes some 130 bytes for each
OVERLAP = 64  # rows beyond a band that are shown with it, so that a line of text is whole in one of them
MODELS = {"Det": "PP-OCRv6_det_small.onnx", "Rec": "PP-OCRv6_rec_small.onnx"}


@cache
def engine() -> Any:  # noqa: ANN401 - rapidocr has no types
    """Its models load when they are asked for."""
    import rapidocr

    made = rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.limit_type": "max",
            "Rec.rec_batch_num": 1,  # as fast as several that are padded to the longest of them
        }
    )
    for part, name in MODELS.items():
        settings = made.cfg[part]
        settings._set_flag("allow_objects", True)
        settings.session = session(Path(rapidocr.__file__).parent / "models" / name)
    return made


def find_lines(page: Pixels, side: int = SIDE) -> list[Quad]:
    """Where text is; `page` is BGR, and looked at with at most `side` pixels of its longer side."""
    detector = engine()._load_det_model()
    heat = _heat(detector, _fitted(page, side))
    boxes, _ = detector.postprocess_op(heat[None, None], page.shape[:2])
    return [np.asarray(quad, np.float32) for quad in detector.sorted_boxes(boxes)]


def read_strips(strips: list[Pixels]) -> list[tuple[str, float]]:
    """What each level strip, BGR, says, and how sure that is, 0 to 1."""
    from rapidocr.ch_ppocr_rec import TextRecInput

    if not strips:
        return []
    read = engine()._load_rec_model()(TextRecInput(img=strips))
    return list(zip(read.txts, map(float, read.scores), strict=True))


def is_turned(strips: list[Pixels]) -> list[bool]:
    """Whether each strip stands on its head."""
    return ["180" in label for label, _ in engine()._load_cls_model()(strips).cls_res]


def bands(height: int, width: int) -> list[tuple[int, int]]:
    """Rows from and to; whole multiples, of about the same height."""
    count = min(height // MULTIPLE, -(-height * width // BAND))
    ends = [round(height / MULTIPLE * number / count) * MULTIPLE for number in range(count + 1)]
    return list(pairwise(ends))


def _fitted(page: Pixels, side: int) -> Pixels:
    scale = min(1.0, side / max(page.shape[:2]))
    height, width = (max(1, round(int(length * scale) / MULTIPLE)) * MULTIPLE for length in page.shape[:2])
    return np.asarray(cv2.resize(page, (width, height)), np.uint8)


def _heat(detector: Any, page: Pixels) -> NDArray[np.float32]:  # noqa: ANN401 - as above
    """How much each pixel is of a text, 0 to 1, looked at band by band."""
    height, width = page.shape[:2]
    heat = np.empty((height, width), np.float32)
    for top, bottom in bands(height, width):
        first, last = max(0, top - OVERLAP), min(height, bottom + OVERLAP)
        shown = page[first:last].astype(np.float32).transpose(2, 0, 1) / 127.5 - 1
        heat[top:bottom] = detector.session(shown[None])[0, 0, top - first : bottom - first]
    return heat
