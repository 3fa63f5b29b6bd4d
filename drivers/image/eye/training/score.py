"""How well the network alone sees: what it finds on a folder of pictures, for a scorer to compare with labels, or its
F1 on screens that were stored with their marks.

python -m drivers.image.eye.training.score PICTURES --weights eye.onnx --out predictions.json
python -m drivers.image.eye.training.score SCREENS --weights eye.onnx
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drivers.image.eye.classes import CLASSES
from drivers.image.eye.look import LEAST, NoWeights, look
from drivers.image.eye.peaks import Seen
from drivers.image.eye.training.scored import f1
from drivers.image.eye.training.screens.pool import NoScreens, Screens
from drivers.image.picture import decode

STORED = 768  # pixels of a stored screen's longer side
PICTURES = {".jpg", ".jpeg", ".png"}


def predictions(
    folder: Path, weights: Path, classes: Sequence[str] = CLASSES, least: float = LEAST
) -> dict[str, list[dict[str, Any]]]:
    """By the picture's name: class, left, top, width, height and score of each element of `classes`.

    Pictures in folders of `folder` count too. Two of the same name are one to a scorer.
    """
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES):
        picture = decode(path.read_bytes()).rgb
        height, width = picture.shape[:2]
        seen = look(picture, weights, least=least)
        found[path.name] = [_plain(one, width, height) for one in seen if one.cls in classes]
    return found


def on_screens(folder: Path, weights: Path, least: float = LEAST) -> tuple[float, float]:
    """F1 with class and without it, over all that is marked on stored screens. Raises NoScreens, NoWeights."""
    screens = Screens.load(folder)
    pages = [screens.whole(number, STORED) for number in range(len(screens.pictures))]
    pairs = [(page.marks, look(page.image, weights, least=least)) for page in pages]
    return f1(pairs, with_class=True), f1(pairs, with_class=False)


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
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="where what was found is written; without it the folder has marks")
    parser.add_argument("--classes", nargs="+", choices=CLASSES, default=CLASSES, help="those that the labels have")
    given = parser.parse_args()
    try:
        if given.out is None:
            with_class, without = on_screens(given.pictures, given.weights)
            sys.stdout.write(f"F1 {with_class:.3f} with class, {without:.3f} without\n")
        else:
            given.out.write_text(json.dumps(predictions(given.pictures, given.weights, given.classes)))
    except (NoScreens, NoWeights) as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
