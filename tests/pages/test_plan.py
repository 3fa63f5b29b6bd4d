import pytest

from llmos.errors import UsageError
from llmos.pages.parts import Box, Field, Leaf, Stepper, elements_of
from llmos.pages.plan import plan
from llmos.pages.seen import read_seen

from .drawn import basket, column, contact, element, leaf, row, seen, static


def planned(drawn):
    return plan(read_seen(drawn))


def boxes(part, type):
    found = [part] if isinstance(part, Box) and part.type == type else []
    return found + [box for inner in getattr(part, "parts", ()) for box in boxes(inner, type)]


def test_every_seen_element_is_planned_once():
    for drawn in (contact(), basket(), static()):
        ids = [e.id for e in elements_of(planned(drawn))]
        assert sorted(ids) == sorted(e["id"] for e in drawn["elements"])


def test_a_caption_belongs_to_its_field():
    fields = [part for box in boxes(planned(contact()), "row") for part in box.parts if isinstance(part, Field)]
    assert [(field.caption.text, field.control.id) for field in fields] == [("Name", 3), ("E-mail", 5)]


def test_the_last_line_of_a_running_text_is_no_caption():
    lines = [element(1, "Label", "Updates and"), element(2, "Label", "freebies in your inbox", top=0.1)]
    fields = planned(seen([*lines, element(3, "TextBox", "Your e-mail", top=0.2, caption=2)]))
    assert [e.id for e in elements_of(fields)] == [1, 2, 3]
    assert not any(e.caption for e in elements_of(fields))


def test_radio_buttons_are_a_group_under_the_label_above_them():
    (group,) = boxes(planned(contact()), "group")
    assert group.legend.text == "Topic"
    assert [part.element.text for part in group.parts] == ["Praise", "Question"]


def test_a_label_left_of_choices_is_their_legend():
    elements = [element(1, "Label", "Size"), *(element(i, "CheckBox", f"Choice {i}", left=0.2 * i) for i in (2, 3, 4))]
    (group,) = boxes(planned(seen(elements, column(row(*map(leaf, (1, 2, 3, 4)))))), "group")
    assert group.legend.text == "Size"


def test_prices_below_radio_buttons_stay_in_the_group():
    pairs = [("Post", "$ 3"), ("Courier", "$ 9")]
    elements = []
    for choice, note in pairs:
        elements.append(element(len(elements) + 1, "RadioButton", choice, checked=False))
        elements.append(element(len(elements) + 1, "Label", note, left=0.2))
    (group,) = boxes(planned(seen(elements)), "group")
    assert len(group.parts) == 4


def test_one_check_box_is_no_group():
    assert boxes(planned(seen([element(1, "CheckBox", "I agree"), element(2, "Button", "OK")])), "group") == []


def test_a_number_between_minus_and_plus_is_a_stepper():
    (line, _) = boxes(planned(basket()), "row")
    assert [type(part) for part in line.parts] == [Leaf, Stepper, Leaf]


def test_the_form_reaches_from_the_first_control_to_the_last():
    (form,) = boxes(planned(contact()), "form")
    ids = [e.id for e in elements_of(form)]
    assert (ids[0], ids[-1]) == (2, 13)


def test_the_form_stays_in_the_column_that_has_the_controls():
    elements = [element(1, "Image"), element(2, "Heading", "Shoe"), element(3, "Button", "Buy")]
    page = planned(seen(elements, row(leaf(1), column(leaf(2), leaf(3)))))
    assert [e.id for e in elements_of(boxes(page, "form")[0])] == [3]


def test_words_below_the_last_field_are_the_button_where_none_was_seen():
    elements = [element(1, "TextBox", "Your mail"), element(2, "Label", "Sign me up", top=0.5)]
    (form,) = boxes(planned(seen(elements)), "form")
    assert [(e.kind, e.text) for e in elements_of(form)][-1] == ("Button", "Sign me up")


def test_a_page_without_controls_has_no_form():
    assert boxes(planned(static()), "form") == []


def test_a_picture_without_a_page_says_why():
    with pytest.raises(UsageError, match="blank paper"):
        read_seen({"kind": "none", "reason": "blank paper."})
