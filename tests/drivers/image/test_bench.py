"""The bench of seeing: its figures, on pages small enough to check by hand."""

import json

import pytest
from PIL import Image

from llmos.bench.see import CLASSES, as_labelled, bench_see, score
from llmos.errors import ToolFailed, UsageError


def box(cls, left, top, width=0.2, height=0.1):
    return {"class": cls, "left": left, "top": top, "width": width, "height": height}


def row(image, design, *elements, complete=True):
    return {"image": image, "design": design, "complete_labels": complete, "elements": list(elements)}


def test_figures_are_summed_within_a_design_and_averaged_over_designs():
    labels = [
        row("a", 0, box("Label", 0, 0), box("Button", 0, 0.5)),
        row("b", 0, box("Label", 0, 0), box("Button", 0, 0.5)),
        row("c", 1, box("Image", 0, 0)),
    ]
    found = {"a": [box("Label", 0, 0), box("Link", 0, 0.5)], "b": [], "c": [box("Image", 0.01, 0)]}
    result = score(labels, found)
    assert result["f1_with_class"] == pytest.approx((2 * 1 / 6 + 1) / 2, abs=1e-4)
    assert result["f1_any_class"] == pytest.approx((2 * 2 / 6 + 1) / 2, abs=1e-4)
    assert result["worst_designs"][0] == (0.333, 0)
    assert result["spread"] == {"0": [0.0, 0.5]}
    assert result["per_class"]["Label"] == {"f1": 0.6667, "labels": 2, "found": 1}


def test_one_prediction_matches_one_label():
    labels = [row("a", 0, box("Label", 0, 0), box("Label", 0.02, 0))]
    assert score(labels, {"a": [box("Label", 0.01, 0)]})["per_class"]["Label"]["f1"] == pytest.approx(2 / 3, abs=1e-4)


def test_incompletely_labelled_pictures_are_left_out():
    labels = [row("a", 0, box("Label", 0, 0)), row("b", 0, box("Label", 0, 0), complete=False)]
    assert score(labels, {"a": [box("Label", 0, 0)]})["f1_with_class"] == 1.0


async def test_predictions_are_made_through_the_tool_and_written(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "b.png")
    (tmp_path / "labels.json").write_text(json.dumps([row("a.png", 0, box("Label", 0, 0)), row("b.png", 0)]))
    asked = []

    async def call(tool, arguments):
        asked.append((tool, arguments["image"][:22]))
        if len(asked) == 2:
            raise ToolFailed("The picture is too small.")
        corner = {key: value for key, value in box("", 0, 0).items() if key != "class"}
        return {"elements": [{"class": "Label", "box": corner, "score": 0.9}]}

    result = await bench_see(tmp_path, tmp_path / "out" / "predictions.json", call)
    assert asked == [("image.see", "data:image/png;base64,")] * 2
    assert result["refused"] == {"b.png": "The picture is too small."} and result["f1_with_class"] == 1.0
    assert 0 <= result["seconds"]["p50"] <= result["seconds"]["max"] < 1
    written = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert written == {"a.png": [{**box("Label", 0, 0), "score": 0.9}], "b.png": []}


async def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no picture"):
        await bench_see(tmp_path, tmp_path / "out.json", None)


def test_what_people_did_not_label_is_not_held_against_the_eye():
    sides = {"left": 0, "top": 0, "width": 1, "height": 1}
    seen = [{"class": name, "box": sides, "score": 0.9} for name in ("Video", "Divider", "Label", "TextArea")]
    assert [one["class"] for one in as_labelled(seen, set(CLASSES))] == ["Image", "Label", "TextBox"]
    assert [one["class"] for one in as_labelled(seen, {*CLASSES, "Video"})] == ["Video", "Label", "TextBox"]
