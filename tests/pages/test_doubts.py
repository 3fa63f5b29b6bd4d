import pytest

from llmos.pages.built import built
from llmos.pages.doubts import KIND_OF, MOST, WORDS, corrected, doubts
from llmos.pages.finish import finish
from llmos.pages.seen import KINDS

from .drawn import contact, element, seen


def unsure(*pairs):
    return seen([element(at, kind, f"Word {at}", perhaps=other) for at, (kind, other) in enumerate(pairs, 1)])


def kinds(page):
    return {entry["id"]: entry["class"] for entry in page["elements"]}


def test_what_is_sure_raises_no_doubt():
    assert doubts(contact()) == []


def test_a_doubt_says_what_was_guessed_and_how_to_correct_it():
    page = seen([element(1, "Heading", "Cart", perhaps="Label"), element(2, "Image", "", perhaps="TextBox")])
    assert doubts(page) == [
        "number 2 was taken for an image; if it is a text box, send the picture again and say: number 2 is a text box.",
        '"Cart" was taken for a heading; if it is a label, send the picture again and say: "Cart" is a label.',
    ]


def test_three_at_most_are_told_those_of_controls_first():
    told = doubts(unsure(("Heading", "Label"), ("Button", "TextBox"), ("Label", "Link"), ("Label", "CheckBox")))
    assert len(told) == MOST
    assert not any("Word 1" in sentence for sentence in told)


def test_the_least_sure_of_its_sort_comes_first():
    page = seen([element(at, "Button", f"Word {at}", perhaps="TextBox") for at in (1, 2)])
    page["elements"][1]["score"] = 0.5
    assert "Word 2" in doubts(page)[0]


@pytest.mark.parametrize("pair", [("Image", "Video"), ("TextBox", "TextArea"), ("Label", "Divider"), ("Icon", "Label")])
def test_what_makes_no_difference_on_the_page_is_not_told(pair):
    assert doubts(unsure(pair)) == []


@pytest.mark.parametrize(
    ("kind", "other"), [("Heading", "Label"), ("TextBox", "Button"), ("Label", "CheckBox"), ("Toggle", "Slider")]
)
def test_what_a_doubt_says_to_say_is_understood(kind, other):
    page = unsure((kind, other))
    (told,) = doubts(page)
    after, wish = corrected(page, told.partition("say: ")[2])
    assert (kinds(after), wish) == ({1: other}, "")
    assert doubts(after) == []


def test_of_two_with_the_same_words_each_is_told_by_its_number():
    page = seen([element(at, "Image", "X", perhaps="Button") for at in (1, 2)])
    assert [sentence.split(" was")[0] for sentence in doubts(page)] == ["number 1", "number 2"]


def test_a_quotation_mark_in_the_words_does_not_break_the_sentence():
    page = seen([element(1, "Heading", 'A 5" pipe', perhaps="Label")])
    after, _ = corrected(page, doubts(page)[0].partition("say: ")[2])
    assert kinds(after) == {1: "Label"}


def test_several_corrections_and_a_wish_are_told_apart():
    said = 'Contact us is a label, and "Privacy" is a button. Make it friendly; it is a site for a shop.'
    after, wish = corrected(contact(), said)
    assert (kinds(after)[1], kinds(after)[12]) == ("Label", "Button")
    assert wish == "Make it friendly; it is a site for a shop."


@pytest.mark.parametrize("said", ["", "Nothing here is a label", "Name is a poem", "number 99 is a button", "a label"])
def test_what_names_nothing_on_the_page_stays_a_wish(said):
    after, wish = corrected(contact(), said)
    assert kinds(after) == kinds(contact())
    assert wish == said


def test_misread_words_are_known_again():
    page = seen([element(1, "Heading", "Stipping Info")])
    assert kinds(corrected(page, "Shipping Info is a label")[0]) == {1: "Label"}


def test_a_field_that_is_none_gives_its_caption_back_and_a_caption_that_is_none_is_let_go():
    after, _ = corrected(contact(), "number 3 is an image. E-mail is a heading.")
    assert not any("caption" in entry for entry in after["elements"] if entry["id"] in (3, 5))
    assert "checked" not in next(e for e in corrected(contact(), "Praise is a label")[0]["elements"] if e["id"] == 7)


def test_the_page_is_built_of_the_corrected_kinds():
    after, _ = corrected(contact(), 'number 14 is a text area. "SEND" is a link. "Privacy" is a switch.')
    html = finish("", after).html
    assert "<textarea" in html and ">SEND</a>" in html and "<img" not in html


def test_every_kind_that_pages_are_built_of_has_a_word():
    assert set(KINDS) <= WORDS.keys() == set(KIND_OF.values())
    elements = [element(at, kind) for at, kind in enumerate(WORDS, 1)]
    assert {entry["class"] for entry in built(seen(elements))["elements"]} <= set(KINDS)
