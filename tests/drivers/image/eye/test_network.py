"""The eye's network, what it is taught, and what is read from its answer."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from drivers.image.eye.classes import CLASSES
from drivers.image.eye.look import NoWeights, look
from drivers.image.eye.peaks import STRIDE, Seen, peaks
from drivers.image.eye.prepared import MULTIPLE, fitted, prepared
from drivers.image.eye.training.export import ExportFailed, export
from drivers.image.eye.training.network import Eye
from drivers.image.eye.training.page import Mark
from drivers.image.eye.training.score import predictions
from drivers.image.eye.training.scored import f1
from drivers.image.eye.training.targets import targets
from drivers.image.eye.training.train import BATCH, HELD_OUT, learn, learner, pages_from, rate_at

MARKS = [
    Mark("Card", (20, 20, 300, 200)),
    Mark("Label", (30, 30, 110, 42)),
    Mark("CheckBox", (30, 60, 43, 73)),
    Mark("Button", (200, 150, 280, 180)),
    Mark("Divider", (10, 250, 370, 252)),
]


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Tests run beside others; threads that spin would wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def small():
    torch.manual_seed(0)
    return Eye(widths=(8, 16, 24, 32), depths=(1, 1, 1, 1)).eval()


@pytest.fixture(scope="module")
def weights(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("eye") / "eye.onnx"
    export(small, path)
    return path


def test_what_the_targets_say_is_read_back_as_the_marks():
    heat, sides, _ = targets(MARKS, 384)
    seen = peaks(heat, sides, 0.9)
    assert f1([(MARKS, seen)], with_class=True) == 1.0
    boxes = {one.cls: one.box for one in seen}
    for mark in MARKS:
        assert np.allclose(boxes[mark.cls], mark.box, atol=1.5)


def test_a_small_element_is_not_lost_in_the_one_around_it():
    heat, sides, counts = targets(MARKS, 384)
    row, column = int(36 / STRIDE), int(70 / STRIDE)
    assert heat[CLASSES.index("Label"), row, column] == 1.0
    assert sides[:4, row, column].max() < 100
    assert counts[0, row, column] > 0


@pytest.mark.parametrize("holder", ["Card", "Table", "Navigation", "Annotation"])
def test_what_lies_in_the_middle_of_what_holds_it_is_seen_beside_it(holder):
    marks = [Mark(holder, (20, 20, 340, 220)), Mark("Button", (140, 105, 220, 135))]
    heat, sides, _ = targets(marks, 384)
    assert f1([(marks, peaks(heat, sides, 0.9))], with_class=True) == 1.0


def test_a_small_element_counts_as_much_as_a_large_one():
    _, _, counts = targets([Mark("Image", (20, 20, 300, 200)), Mark("CheckBox", (330, 300, 342, 312))], 384)
    assert counts[0].sum() == pytest.approx(2)
    assert counts[0, 76, 84] == 1


def test_boxes_as_dense_as_a_list_of_choices_are_all_read_back():
    marks = [Mark("CheckBox", (10, 10 + 9 * row, 17, 17 + 9 * row)) for row in range(40)]
    marks += [Mark("Label", (20, 10 + 9 * row, 320, 17 + 9 * row)) for row in range(40)]
    heat, sides, _ = targets(marks, 384)
    assert f1([(marks, peaks(heat, sides, 0.9))], with_class=True) == 1.0


def test_a_page_without_elements_has_targets_without_any():
    heat, sides, counts = targets([], 384)
    assert heat.max() == sides.max() == counts.max() == 0
    assert peaks(heat, sides, 0.1) == []


def test_two_boxes_of_one_place_are_one_element_but_a_holder_stays():
    heat = np.zeros((len(CLASSES), 24, 24), np.float32)
    sides = np.full((8, 24, 24), 30, np.float32)
    for name, column, score in (("Button", 10, 0.9), ("Label", 12, 0.8), ("Card", 8, 0.7)):
        heat[CLASSES.index(name), 12, column] = score
    assert [one.cls for one in peaks(heat, sides, 0.5)] == ["Button", "Card"]


def test_no_more_is_kept_than_the_overlap_of_two_boxes_allows():
    marks = [Mark("Label", (0, 0, 10, 10))]
    twice = [Seen("Label", (0, 0, 10, 10), 0.9), Seen("Label", (1, 0, 11, 10), 0.8)]
    assert f1([(marks, twice)], with_class=True) == pytest.approx(2 / 3)
    assert f1([(marks, [Seen("Button", (0, 0, 10, 10), 0.9)])], with_class=True) == 0.0
    assert f1([(marks, [Seen("Button", (0, 0, 10, 10), 0.9)])], with_class=False) == 1.0
    assert f1([], with_class=True) == 0.0


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (2000, 31), (384, 288)])
def test_a_picture_of_any_size_is_shown_in_whole_cells(shape):
    picture, scale = fitted(np.full((*shape, 3), 255, np.uint8), 384)
    channels = prepared(picture)
    assert max(picture.shape[:2]) == 384
    assert scale == pytest.approx(384 / max(shape))
    assert channels.shape[1] % MULTIPLE == channels.shape[2] % MULTIPLE == 0
    assert np.isfinite(channels).all()


def test_ink_is_the_same_in_light_and_in_shadow():
    picture = np.full((96, 96, 3), 240, np.uint8)
    picture[40:44, 20:80] = 60
    dark = (picture * 0.5).astype(np.uint8)
    assert np.allclose(prepared(picture)[0], prepared(dark)[0], atol=0.05)


@pytest.mark.parametrize("shape", [(1, 1, 3), (500, 40, 3), (1200, 1600, 3)])
def test_a_look_at_any_picture_stays_within_it(weights, shape):
    picture = np.random.default_rng(1).integers(0, 255, shape, dtype=np.uint8)
    for seen in look(picture, weights, least=0.0):
        left, top, right, bottom = seen.box
        assert 0 <= left <= right <= shape[1]
        assert 0 <= top <= bottom <= shape[0]


def test_a_grey_picture_is_seen_as_its_colours_would_be(weights):
    grey = np.random.default_rng(1).integers(0, 255, (90, 120), dtype=np.uint8)
    assert look(grey, weights, least=0.0) == look(np.stack([grey] * 3, axis=2), weights, least=0.0)


def test_a_look_without_weights_says_what_makes_them(tmp_path):
    with pytest.raises(NoWeights, match="make eye"):
        look(np.zeros((9, 9, 3), np.uint8), tmp_path / "none.onnx")


@pytest.mark.parametrize("content", [b"", b"no network"])
def test_a_look_with_broken_weights_says_what_makes_them(tmp_path, content):
    (tmp_path / "broken.onnx").write_bytes(content)
    with pytest.raises(NoWeights, match="make eye"):
        look(np.zeros((9, 9, 3), np.uint8), tmp_path / "broken.onnx")


def test_predictions_are_fractions_of_pictures_in_any_folder_and_of_the_classes_asked_for(weights, tmp_path):
    (tmp_path / "images").mkdir()
    noise = np.random.default_rng(1).integers(0, 255, (60, 90, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "images" / "one.png")
    found = predictions(tmp_path, weights, least=0.0)["one.png"]
    assert found
    for one in found:
        assert 0 <= one["left"] <= one["left"] + one["width"] <= 1 + 1e-9
        assert 0 <= one["top"] <= one["top"] + one["height"] <= 1 + 1e-9
    name = found[0]["class"]
    some = predictions(tmp_path, weights, [name], least=0.0)["one.png"]
    assert {one["class"] for one in some} == {name}


def batch_of(marks):
    picture = np.full((128, 128, 3), 250, np.uint8)
    for mark in marks:
        left, top, right, bottom = map(int, mark.box)
        picture[top:bottom, left:right] = 40
    parts = (prepared(picture, 128), *targets(marks, 128))
    return [torch.from_numpy(np.stack([part] * 2)) for part in parts]


def test_it_learns_a_page_that_it_is_shown_again_and_again():
    marks = [Mark("Button", (16, 20, 60, 40)), Mark("Label", (70, 80, 110, 90))]
    batch = batch_of(marks)
    held = learner(Eye(widths=(16, 24, 32, 48), depths=(1, 1, 1, 1)))
    first = learn(held, batch, 1e-3)
    for _ in range(60):
        last = learn(held, batch, 1e-3)
    assert held.step == 61
    assert last[0] < first[0] / 5
    assert last[1] < first[1] / 2


def test_a_training_goes_on_where_it_was_saved(tmp_path):
    batch = batch_of([Mark("Label", (70, 80, 110, 90))])
    held, again = learner(), learner()
    learn(held, batch, 1e-3)
    held.save(tmp_path / "eye.pt")
    again.load(tmp_path / "eye.pt")
    assert again.step == 1
    for name, value in held.averaged.state_dict().items():
        assert torch.equal(value, again.averaged.state_dict()[name])
    assert not list(tmp_path.glob("*.new"))


def test_no_page_is_trained_on_twice_and_none_that_is_held_out():
    first, later = pages_from(0), pages_from(7)
    assert later[0] == first[7 * BATCH]
    assert later[-1] < HELD_OUT


@pytest.mark.parametrize("held", [b"", b"no checkpoint"])
def test_a_broken_checkpoint_is_told_in_one_sentence(tmp_path, held):
    (tmp_path / "eye.pt").write_bytes(held)
    with pytest.raises(SystemExit, match="no checkpoint of this network"):
        learner().load(tmp_path / "eye.pt")


def test_the_rate_warms_and_cools():
    assert rate_at(0, 0.0) < rate_at(400, 0.1) == rate_at(9000, 0.5)
    assert rate_at(9000, 0.99) < 0.1 * rate_at(9000, 0.5)
    assert BATCH > 1


def test_the_driver_loads_neither_torch_nor_what_only_training_needs():
    code = (
        "import sys, drivers.image.server, drivers.image.eye.look\n"
        "print([name for name in sys.modules if name in ('torch', 'onnxruntime') or '.training' in name])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_weights_that_answer_otherwise_than_torch_do_not_replace_those_that_are_there(tmp_path, monkeypatch):
    weights = tmp_path / "eye.onnx"
    weights.write_bytes(b"those that are there")
    monkeypatch.setattr("drivers.image.eye.training.export.FAR", 0.0)
    with pytest.raises(ExportFailed, match="away from torch"):
        export(Eye(widths=(8, 8, 8, 8), depths=(1, 1, 1, 1)), weights)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"those that are there"]
