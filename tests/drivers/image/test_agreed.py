"""One list of what the rules read and what the eye sees, and the state of what can be on or off."""

import cv2
import numpy as np
import pytest

from drivers.image.agreed import Sight, Trust, agreed, is_letter
from drivers.image.elements import Element, in_menus, is_placeholder, with_captions
from drivers.image.geometry import Box
from drivers.image.glance import glance
from drivers.image.layout import Group, arrange, in_order
from drivers.image.picture import decode, of_pixels
from drivers.image.see import see
from drivers.image.shapes import Shape
from drivers.image.states import with_states

from .conftest import SAMPLES

TRUST = Trust(cls=0.3, text=0.6, new=0.5)
PLACE = Box(100, 100, 300, 140)


def test_a_thing_that_both_have_found_keeps_the_rules_sides_and_words_and_takes_the_eyes_class():
    (one,) = agreed([Element("TextBox", PLACE, "Send", 0.9)], [Sight("Button", PLACE.grow(6, 6), 0.8)], TRUST)
    assert (one.cls, one.box, one.text) == ("Button", PLACE, "Send")


def test_one_kind_of_writing_is_told_from_another_only_when_the_eye_is_surer():
    words = Element("Label", PLACE, "Welcome", 0.9)
    assert [e.cls for e in agreed([words], [Sight("Heading", PLACE, 0.5)], TRUST)] == ["Label"]
    assert [e.cls for e in agreed([words], [Sight("Heading", PLACE, 0.7)], TRUST)] == ["Heading"]


def test_what_is_more_than_its_words_reaches_as_far_as_the_eye_sees_it():
    words = Element("Label", Box(140, 100, 300, 140), "I agree", 0.9)
    (one,) = agreed([words], [Sight("CheckBox", PLACE, 0.7)], TRUST)
    assert (one.cls, one.box, one.text) == ("CheckBox", PLACE, "I agree")


def test_a_doubtful_look_does_not_change_a_class():
    (one,) = agreed([Element("TextBox", PLACE, "Send", 0.9)], [Sight("Button", PLACE, 0.2)], TRUST)
    assert one.cls == "TextBox"


@pytest.mark.parametrize(
    ("score", "cls", "perhaps"),
    [(0.25, "TextBox", None), (0.4, "TextBox", "Button"), (0.7, "Button", "TextBox"), (0.9, "Button", None)],
)
def test_where_neither_is_sure_the_other_class_is_told(score, cls, perhaps):
    trust = Trust(cls=0.5, text=0.6, new=0.5)
    (one,) = agreed([Element("TextBox", PLACE, "Send", 0.9)], [Sight("Button", PLACE, score)], trust)
    assert (one.cls, one.perhaps) == (cls, perhaps)


def test_what_both_take_for_the_same_is_no_doubt():
    (one,) = agreed([Element("Button", PLACE, "Send", 0.9)], [Sight("Button", PLACE, 0.4)], TRUST)
    assert one.perhaps is None


def test_what_the_rules_have_missed_is_added_when_the_eye_is_sure():
    assert [e.cls for e in agreed([], [Sight("Button", PLACE, 0.6)], TRUST)] == ["Button"]
    assert agreed([], [Sight("Button", PLACE, 0.4)], TRUST) == []


@pytest.mark.parametrize("cls", ["Button", "TextBox", "CheckBox", "Paragraph"])
def test_the_words_inside_of_what_is_added_are_its_own(cls):
    words = [
        Element("Label", Box(150, 110, 200, 130), "Sign", 0.9),
        Element("Label", Box(210, 110, 250, 130), "up", 0.9),
    ]
    (one,) = agreed(words, [Sight(cls, PLACE, 0.8)], TRUST)
    assert (one.cls, one.text) == (cls, "Sign up")


def test_words_that_were_read_are_not_added_again_in_other_pieces():
    words = Element("Label", PLACE, "one two", 0.9)
    pieces = [Sight("Heading", Box(left, 100, left + 60, 140), 0.9) for left in (100, 170, 240)]
    assert agreed([words], pieces, TRUST) == [words]


def test_a_shape_stays_where_the_eye_sees_at_least_a_hint_of_something():
    shape, words = Element("TextBox", PLACE, "", 0.9), Element("Label", PLACE, "Name", 0.9)
    assert agreed([shape, words], [], TRUST) == [words]
    assert agreed([shape], [Sight("Image", PLACE.grow(20, 20), 0.1)], TRUST) == [shape]


def test_writing_within_a_picture_is_part_of_it():
    seen = [Sight("Video", Box(0, 0, 400, 300), 0.9)]
    assert [e.cls for e in agreed([Element("Label", PLACE, "play", 0.9)], seen, TRUST)] == ["Video"]


def test_what_holds_others_is_no_element():
    assert agreed([], [Sight("Card", PLACE, 0.9), Sight("Navigation", PLACE, 0.9)], TRUST) == []


def test_words_in_a_menu_lead_somewhere():
    words = [Element("Label", PLACE, "Home", 0.9), Element("Label", Box(0, 500, 90, 540), "Hello", 0.9)]
    assert [e.cls for e in in_menus(words, [Box(50, 90, 900, 150)])] == ["Link", "Label"]


def test_a_switch_is_named_by_the_words_at_the_other_end_of_its_row():
    words, switch = (
        Element("Label", Box(0, 100, 90, 140), "Dark", 0.9),
        Element("Toggle", Box(700, 100, 760, 140), "", 0.9),
    )
    assert with_captions([words, switch])[1].caption is words


@pytest.mark.parametrize(
    ("words", "expected"), [("Type your name", True), ("Search...", True), ("Ada Lovelace", False), ("", False)]
)
def test_words_that_ask_for_an_entry_are_told_from_an_entry(words, expected):
    assert is_placeholder(words) is expected


def test_the_things_on_a_card_stay_together_though_others_are_in_line_with_them():
    left = [Element("Label", Box(20, top, 180, top + 30), str(top), 0.9) for top in (20, 60)]
    right = [Element("Label", Box(220, top, 380, top + 30), str(top), 0.9) for top in (20, 60)]
    page = arrange([*left, *right], [Box(10, 10, 190, 100), Box(210, 10, 390, 100)])
    cards = [node for row in page.children if isinstance(row, Group) for node in row.children]
    assert [node.type for node in cards if isinstance(node, Group)] == ["card", "card"]
    assert list(in_order(page)) == [*left, *right]


def switch_and_boxes(on):
    """A switch, a box and a round mark with words, all on or all off."""
    page = np.full((200, 400, 3), 250, np.uint8)
    cv2.rectangle(page, (20, 20), (100, 60), (20, 20, 20), 2)
    cv2.circle(page, (80 if on else 40, 40), 16, (20, 20, 20), cv2.FILLED)
    cv2.rectangle(page, (20, 80), (50, 110), (20, 20, 20), 2)
    cv2.circle(page, (35, 155), 16, (20, 20, 20), 2)
    if on:
        cv2.line(page, (25, 85), (45, 105), (20, 20, 20), 3)
        cv2.circle(page, (35, 155), 7, (20, 20, 20), cv2.FILLED)
    return of_pixels(page)


@pytest.mark.parametrize("on", [True, False])
def test_what_is_on_is_told_from_what_is_off_by_its_ink(on):
    found = [
        Element("Toggle", Box(18, 18, 102, 62), "", 0.9),
        Element("CheckBox", Box(18, 76, 200, 114), "Tea", 0.9),
        Element("RadioButton", Box(17, 136, 200, 174), "Coffee", 0.9),
    ]
    assert [e.checked for e in with_states(found, switch_and_boxes(on).ink)] == [on] * 3


def test_a_state_that_the_rules_know_stays():
    known = Element("CheckBox", Box(18, 76, 200, 114), "Tea", 0.9, checked=True)
    assert with_states([known], switch_and_boxes(False).ink) == [known]


def leaves():
    """A photograph of no page: round things of all sizes, and no line or letter."""
    rng = np.random.default_rng(3)
    picture = np.full((400, 600, 3), (60, 90, 40), np.uint8)
    for x, y, size in rng.integers((0, 0, 8), (600, 400, 70), (120, 3)).tolist():
        cv2.ellipse(picture, (x, y), (size, size // 2), x, 0, 360, (40 + y // 4, 120 + x // 8, 30), cv2.FILLED)
    return of_pixels(cv2.GaussianBlur(picture, (0, 0), 2))


def test_a_picture_without_a_page_is_told_to_be_one():
    assert see(leaves())["kind"] == "none"


def test_without_weights_the_driver_goes_by_its_rules(monkeypatch, tmp_path):
    monkeypatch.setattr("drivers.image.glance.WEIGHTS", tmp_path / "none.onnx")
    assert glance(np.zeros((50, 50, 3), np.uint8)) is None
    page = see(decode((SAMPLES / "guestbook.jpg").read_bytes()))
    assert [e["class"] for e in page["elements"]].count("TextBox") == 3
    assert page["areas"] == []


def test_choices_in_a_row_that_were_read_as_one_line_are_parted_as_the_eye_sees_them():
    row = Element("CheckBox", Box(0, 100, 600, 140), "Playing Coding all day", 0.9, checked=True)
    seen = [Sight("CheckBox", Box(0, 100, 200, 140), 0.7), Sight("CheckBox", Box(220, 100, 600, 140), 0.7)]
    parts = sorted(agreed([row], seen, TRUST), key=lambda e: e.box.left)
    assert [(e.box, e.text) for e in parts] == [(seen[0].box, "Playing"), (seen[1].box, "Coding all day")]


def test_a_stepper_that_was_read_as_one_line_is_its_buttons_and_its_number():
    line = Element("Label", Box(0, 100, 120, 140), "- 2 +", 0.9)
    boxes = [Box(0, 100, 38, 140), Box(42, 100, 78, 140), Box(82, 100, 120, 140)]
    seen = [Sight(cls, box, 0.7) for cls, box in zip(("Button", "Label", "Button"), boxes, strict=True)]
    parts = sorted(agreed([line], seen, TRUST), key=lambda e: e.box.left)
    assert [(e.cls, e.text) for e in parts] == [("Button", "-"), ("Label", "2"), ("Button", "+")]


def test_a_line_in_which_the_eye_sees_only_words_stays_whole():
    line = Element("Label", Box(0, 100, 200, 140), "two words", 0.9)
    seen = [Sight("Label", Box(0, 100, 90, 140), 0.7), Sight("Label", Box(110, 100, 200, 140), 0.7)]
    assert [(e.cls, e.text) for e in agreed([line], seen, TRUST)] == [("Label", "two words")]


def test_a_bold_letter_in_words_that_the_eye_sees_is_no_mark():
    mark, words = Shape("tick", Box(104, 104, 130, 136), 0.9), Sight("Heading", PLACE, 0.8)
    assert is_letter(mark, [words], TRUST)
    assert is_letter(mark, [words, Sight("Card", PLACE, 0.6)], TRUST)
    assert not is_letter(mark, [Sight("Heading", PLACE, 0.4)], TRUST)
    assert not is_letter(mark, [words, Sight("CheckBox", PLACE, 0.3)], TRUST)


def test_an_outline_without_a_hint_does_not_take_the_words_within_with_it():
    sign = see(decode((SAMPLES.parents[1] / "assistant" / "examples" / "sign.png").read_bytes()))
    assert [e["text"] for e in sign["elements"]] == ["BAKERY", "OPEN UNTIL 18:00"]
