"""Writes what the network alone sees on a folder of pictures, for a scorer to compare with labels.

python -m drivers.image.eye.training.score PICTURES eye.onnx predictions.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from drivers.image.eye.look import LEAST, look
from drivers.image.eye.peaks import Seen

PICTURES = {".jpg", ".jpeg", ".png"}


def predictions(folder: Path, weights: Path, least: float = LEAST) -> dict[str, list[dict[str, Any]]]:
    """By the picture's name: class, left, top, width, height and score of each element."""
    found = {}
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES):
        with Image.open(path) as opened:
            picture = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
        height, width = picture.shape[:2]
        found[path.name] = [_plain(seen, width, height) for seen in look(picture, weights, least=least)]
    return found


def _plain(seen: Seen, width: int, height: int) -> dict[str, Any]:
    left, top, right, bottom = seen.box
    box = {
        "left": left / width,
        "top": top / height,
        "width": (right - left) / width,
        "height": (bottom - top) / height,
    }
    return {"class": seen.cls, **box, "score": seen.score}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    given.out.write_text(json.dumps(predictions(given.pictures, given.weights)))


if __name__ == "__main__":
    main()
