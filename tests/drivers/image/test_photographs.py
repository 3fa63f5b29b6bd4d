"""A floor under what is seen on real photographs; they lie beside the checkout and are never part of it."""

import json
from pathlib import Path

import pytest

from drivers.image.picture import decode
from drivers.image.see import see
from llmos.bench.see import score

SKETCHES = Path(__file__).parents[4] / "shared" / "data" / "sketches"
CAPTURES = ("d01-00.jpg", "d02-00.jpg", "d07-00.jpg", "d08-00.jpg", "d12-01.jpg", "d13-00.jpg", "d15-00.jpg")

pytestmark = pytest.mark.skipif(not SKETCHES.is_dir(), reason="../shared/data/sketches is not beside this checkout")


def test_photographs_are_seen_as_well_as_before():
    labels = [row for row in json.loads((SKETCHES / "labels.json").read_text()) if row["image"] in CAPTURES]
    found = {name: predictions(SKETCHES / "images" / name) for name in CAPTURES}
    result = score(labels, found)
    assert result["designs"] == len(CAPTURES)
    assert result["f1_with_class"] > 0.85
    assert result["f1_any_class"] > 0.9


def predictions(path):
    return [{"class": e["class"], **e["box"]} for e in see(decode(path.read_bytes()))["elements"]]
