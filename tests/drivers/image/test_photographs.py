"""A floor under what is seen on real photographs; they lie beside the checkout and are never part of it."""

import json
from pathlib import Path

import pytest

from drivers.image.picture import decode
from drivers.image.see import see
from llmos.bench.see import CLASSES, as_labelled, score

SKETCHES = Path(__file__).parents[4] / "shared" / "data" / "sketches"
CAPTURES = tuple(f"d{design:02}-00.jpg" for design in (1, 2, 7, 8, 9, 10, 11, 12, 13, 15))

pytestmark = pytest.mark.skipif(not SKETCHES.is_dir(), reason="../shared/data/sketches is not beside this checkout")


def test_photographs_are_seen_as_well_as_before():
    labels = [row for row in json.loads((SKETCHES / "labels.json").read_text()) if row["image"] in CAPTURES]
    found = {name: predictions(SKETCHES / "images" / name) for name in CAPTURES}
    result = score(labels, found)
    assert result["designs"] == len(CAPTURES)
    assert result["f1_with_class"] > 0.85
    assert result["f1_any_class"] > 0.9


def predictions(path):
    return as_labelled(see(decode(path.read_bytes()))["elements"], set(CLASSES))
