"""A part cut out, marks on a copy, two pictures compared."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from drivers.image.picture import PictureError
from drivers.image.pictures.annotate import annotate
from drivers.image.pictures.compare import compare
from drivers.image.pictures.crop import crop
from drivers.image.pictures.marks import Mark

from .conftest import base64_of, drawn_form, encoded


def sent(image, **options):
    return base64_of(encoded(image, **options))


def opened(picture):
    return Image.open(io.BytesIO(picture.data)).convert("RGB")


def scene():
    """A desk of coloured things."""
    picture = Image.new("RGB", (800, 600), "#f4f1ea")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((60, 60, 260, 200), fill="#2563eb")
    pen.ellipse((420, 80, 560, 220), fill="#f97316")
    pen.text((80, 420), "Meeting at noon in room 12", fill="black", font_size=40)
    for x in range(600, 780, 30):
        pen.line((x, 300, x + 20, 560), fill="#444", width=3)
    return picture


def test_a_box_is_cut_out_as_it_is():
    told, picture = crop(sent(scene()), [0.075, 0.1, 0.25, 0.2], "")
    assert opened(picture).size == (200, 120) and opened(picture).getpixel((100, 60)) == (37, 99, 235)
    assert "200 x 120" in told


def test_a_box_in_pixels_is_cut_out_too():
    assert opened(crop(sent(scene()), [60, 60, 200, 140], "")[1]).getpixel((1, 1)) == (37, 99, 235)


def test_a_small_part_is_made_large_enough_to_look_at():
    assert min(opened(crop(sent(scene()), [60, 60, 10, 10], "")[1]).size) >= 64


@pytest.mark.parametrize("name", ["Send", "send", "3", "#3"])
def test_an_element_is_cut_out_by_its_words_or_its_number(name):
    picture = opened(crop(sent(drawn_form()), None, name)[1])
    assert 240 <= picture.width < 300 and 80 <= picture.height < 130


def test_an_element_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(PictureError, match=r'there are: 1 Label "Your name", .* 3 Button "Send"'):
        crop(sent(drawn_form()), None, "Cancel")


@pytest.mark.parametrize(
    "sides",
    [
        [],
        [0, 0, 1],
        [0, 0, 0, 0],
        [0.5, 0.5, -0.2, 0.1],
        [2000, 0, 50, 50],
        [float("nan")] * 4,
        [float("inf"), 0, 1, 1],
    ],
)
def test_a_box_with_nothing_in_it_is_refused(sides):
    with pytest.raises(PictureError):
        crop(sent(scene()), sides, "")


def test_either_a_box_or_an_element_is_cut_out():
    with pytest.raises(PictureError, match="either"):
        crop(sent(scene()), [0, 0, 1, 1], "Send")


def test_without_either_the_sheet_of_paper_is_cut_out_and_straightened():
    desk = Image.new("RGB", (1200, 1000), "#3a2f28")
    desk.paste(drawn_form(), (200, 200))
    told, picture = crop(sent(desk.rotate(8, fillcolor="#3a2f28")), None, "")
    assert "straightened" in told
    assert opened(picture).width == pytest.approx(800, abs=12) and opened(picture).height == pytest.approx(600, abs=12)
    assert "no sheet" in crop(sent(drawn_form()), None, "")[0]


def test_marks_are_on_the_copy_and_all_else_is_as_it_was():
    marks = [Mark(box=[0.1, 0.1, 0.2, 0.2], label="here", color="#ff0000"), Mark(start=[0.9, 0.9], end=[0.7, 0.7])]
    _, picture = annotate(sent(scene()), marks)
    before, after = np.asarray(scene()), np.asarray(opened(picture))
    changed = (before != after).any(axis=2)
    assert after.shape == before.shape and tuple(after[60, 160]) == (255, 0, 0)
    assert 0.001 < changed.mean() < 0.05 and not changed[300:400, 100:400].any()


def test_an_element_is_marked_by_its_words():
    _, picture = annotate(sent(drawn_form()), [Mark(element="Send", color="#00ff00")])
    rows, columns = np.nonzero((np.asarray(opened(picture)) == (0, 255, 0)).all(axis=2))
    assert abs(columns.min() - 100) < 12 and abs(columns.max() - 340) < 12 and abs(rows.max() - 380) < 12


def test_a_label_is_text_whatever_it_says_and_stays_on_the_picture():
    marks = [
        Mark(box=[0, 0, 0.01, 0.01], label="<b>\x00\n" + "long " * 400),
        Mark(box=[0.99, 0.99, 0.01, 0.01], label="é中"),
    ]
    assert opened(annotate(sent(scene()), marks)[1]).size == (800, 600)


@pytest.mark.parametrize(
    "marks",
    [[], [Mark()], [Mark(box=[0, 0, 1, 1], color="nocolour")], [Mark(start=[0, 0])], [Mark(start=[0], end=[1, 1])],
     [Mark(element="Cancel")], [Mark(box=[0, 0, 1, 1])] * 201],
)  # fmt: skip
def test_a_mark_that_says_nothing_is_refused(marks):
    with pytest.raises(PictureError):
        annotate(sent(scene()), marks)


def shifted(picture, right, down):
    moved = Image.new("RGB", picture.size, "#f4f1ea")
    moved.paste(picture, (right, down))
    return moved


SAME = {
    "itself": scene,
    "as a JPEG": lambda: Image.open(io.BytesIO(encoded(scene(), "JPEG", quality=60))),
    "moved a little": lambda: shifted(scene(), 7, -4),
    "moved by half a pixel": lambda: scene().transform(
        (800, 600), Image.Transform.AFFINE, (1, 0, 0.5, 0, 1, 0.5), 2, fillcolor="#f4f1ea"
    ),
    "a little darker": lambda: ImageEnhance.Brightness(scene()).enhance(0.95),
    "a little softer": lambda: scene().filter(ImageFilter.GaussianBlur(0.6)),
    "at another size": lambda: scene().resize((1200, 900), Image.Resampling.LANCZOS),
}


@pytest.mark.parametrize("other", SAME.values(), ids=SAME)
def test_what_shows_the_same_is_the_same(other):
    told, _ = compare(sent(scene()), sent(other()))
    assert told["places"] == [], told["text"]
    assert told["text"].startswith("The pictures show the same.")


@pytest.mark.parametrize("shift", [(0, 0), (6, 3), (-9, 8)])
def test_each_place_that_differs_is_found_even_when_all_is_moved(shift):
    changed = scene()
    pen = ImageDraw.Draw(changed)
    pen.rectangle((300, 480, 520, 540), fill="#16a34a")
    pen.rectangle((100, 100, 140, 140), fill="white")
    told, picture = compare(sent(scene()), sent(shifted(changed, *shift)))
    first, second = told["places"]
    assert told["num_places"] == 2 and 0.015 < told["share"] < 0.06
    assert first["left"] == pytest.approx(300 / 800, abs=0.02) and first["top"] == pytest.approx(480 / 600, abs=0.02)
    assert second["left"] == pytest.approx(100 / 800, abs=0.02) and second["width"] == pytest.approx(0.05, abs=0.01)
    assert "2 places differ" in told["text"] and "1. bottom middle" in told["text"]
    assert (np.asarray(opened(picture)) == (230, 25, 75)).all(axis=2).any()


def test_a_changed_word_is_found():
    changed = scene()
    pen = ImageDraw.Draw(changed)
    pen.rectangle((70, 410, 595, 480), fill="#f4f1ea")
    pen.text((80, 420), "Meeting at noon in room 21", fill="black", font_size=40)
    (place,) = compare(sent(scene()), sent(changed))[0]["places"]
    assert place["left"] > 0.5 and place["top"] == pytest.approx(425 / 600, abs=0.04)


def test_pictures_of_different_shapes_are_compared_and_it_is_said():
    told, _ = compare(sent(scene()), sent(scene().crop((0, 0, 800, 400))))
    assert not told["same_shape"] and "different shapes" in told["text"] and told["places"]


def test_two_pictures_that_have_nothing_in_common_differ_all_over():
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (600, 800, 3), np.uint8))
    assert compare(sent(scene()), sent(noise))[0]["share"] > 0.5


def test_hundreds_of_changed_dots_are_told_in_few_words():
    changed = scene()
    pen = ImageDraw.Draw(changed)
    for x in range(20, 780, 40):
        for y in range(20, 580, 40):
            pen.rectangle((x, y, x + 5, y + 5), fill="#ff00ff")
    told, _ = compare(sent(scene()), sent(changed))
    assert told["num_places"] > 100 and len(told["places"]) == 50 and len(told["text"]) < 1500
