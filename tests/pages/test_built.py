"""What the eye tells beyond the ten kinds that a page is built of."""

import re

import pytest

from llmos.errors import UsageError
from llmos.pages.built import built
from llmos.pages.finish import finish
from llmos.pages.outline import outline
from llmos.pages.plan import plan
from llmos.pages.scaffold import grammar
from llmos.pages.seen import read_seen

from .drawn import column, element, leaf, row, seen


def settings():
    elements = [
        element(1, "Heading", "Settings", top=0.02),
        element(2, "Label", "Dark mode", top=0.1),
        element(3, "Toggle", "", left=0.7, top=0.1, caption=2, checked=True),
        element(4, "Label", "Volume", top=0.2),
        element(5, "Slider", "", left=0.6, top=0.2, caption=4),
        element(6, "Divider", "", top=0.3),
        element(7, "Label", "About you", top=0.4),
        element(8, "TextArea", "Tell us more", top=0.45, caption=7),
        element(9, "Icon", "", top=0.6),
        element(10, "Button", "Save", top=0.7),
    ]
    lines = [
        leaf(1),
        row(leaf(2), leaf(3)),
        row(leaf(4), leaf(5)),
        leaf(6),
        column(leaf(7), leaf(8)),
        leaf(9),
        leaf(10),
    ]
    return seen(elements, column(*lines))


def test_a_switch_is_a_check_box_with_its_words_and_signs_are_left_out():
    made = built(settings())
    kinds = {entry["id"]: (entry["class"], entry["text"]) for entry in made["elements"]}
    assert kinds[3] == ("CheckBox", "Dark mode")
    assert kinds[8] == ("TextBox", "Tell us more")
    assert not {2, 6, 9} & set(kinds)


def test_words_that_a_switch_takes_name_nothing_else():
    drawn = settings()
    next(entry for entry in drawn["elements"] if entry["id"] == 5)["caption"] = 2
    assert read_seen(drawn).element(5).caption is None


def test_the_layout_names_no_element_that_was_left_out():
    def ids(node):
        return [node["id"]] if node["type"] == "element" else [id for child in node["children"] for id in ids(child)]

    made = built(settings())
    assert sorted(ids(made["layout"])) == sorted(entry["id"] for entry in made["elements"])


def test_a_page_of_signs_alone_cannot_be_built():
    with pytest.raises(UsageError, match="nothing to build"):
        read_seen(seen([element(1, "Icon"), element(2, "Divider")]))


def test_the_finished_page_has_a_slider_a_text_area_and_a_checked_box():
    page = finish("<h1>Settings</h1>", settings())
    assert re.findall(r'<input checked [^>]*type="checkbox">', page.html)
    assert 'type="range"' in page.html
    assert '<textarea id="about-you"' in page.html
    assert 'placeholder="Tell us more"' in page.html
    assert page.html.count("Dark mode") == 1


def test_the_grammar_writes_what_the_eye_told():
    drawn = read_seen(settings())
    written = grammar(drawn)
    assert "<input type=range>" in written
    assert "<textarea placeholder=" in written
    assert "slider Volume" in outline(plan(drawn))


def cards():
    elements = [element(1, "Heading", "Rooms", top=0.02)]
    for number, left in ((0, 0.05), (1, 0.55)):
        elements += [
            element(2 + 3 * number, "Image", "", left=left, top=0.1, height=0.2),
            element(3 + 3 * number, "Label", f"Room {number}", left=left, top=0.32),
            element(4 + 3 * number, "Button", "Book", left=left, top=0.4),
        ]
    both = [{"type": "card", "children": [leaf(n) for n in range(start, start + 3)]} for start in (2, 5)]
    return seen(elements, column(leaf(1), row(*both)))


def test_a_card_stays_together_as_an_article():
    assert "<article>" in grammar(read_seen(cards())).replace("\\n", "")
    page = finish("", cards())
    assert page.html.count("Room ") == 2


def test_the_outline_tells_a_card():
    assert outline(plan(read_seen(cards()))).count("card\n") == 2
