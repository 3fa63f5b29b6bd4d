"""The sketches that ship with llmos are seen exactly."""

import pytest

from drivers.image.picture import decode
from drivers.image.see import see

from .conftest import SAMPLES

GUESTBOOK = [
    ("Heading", "Guestbook"),
    ("Label", "Thanks for stopping by!"),
    ("Label", "Your name"),
    ("TextBox", ""),
    ("Label", "E-mail"),
    ("TextBox", ""),
    ("Label", "Message"),
    ("TextArea", ""),
    ("CheckBox", "Show my name to everyone"),
    ("Button", "Sign the guestbook"),
]
SIGNUP = [
    ("Heading", "Create account"),
    ("Label", "Full name"),
    ("TextBox", ""),
    ("Label", "Password"),
    ("TextBox", ""),
    ("Label", "Country"),
    ("ComboBox", ""),
    ("Label", "Plan"),
    ("RadioButton", "Free"),
    ("RadioButton", "Team"),
    ("RadioButton", "Company"),
    ("CheckBox", "I accept the terms"),
    ("Button", "Sign up"),
    ("Link", "Log in instead"),
]
SHOP = [
    ("Heading", "Tea shop"),
    ("Link", "Cart"),
    ("Link", "Contact"),
    ("Divider", ""),
    ("Image", ""),
    ("Label", "Green tea"),
    ("Label", "$8.50"),
    ("Button", "Buy"),
    ("Image", ""),
    ("Label", "Black tea"),
    ("Label", "$7.20"),
    ("Button", "Buy"),
    ("Heading", "Our story"),
    ("Paragraph", ""),
    ("Button", "See all teas"),
]


def look(name):
    return see(decode((SAMPLES / f"{name}.jpg").read_bytes()))


@pytest.mark.parametrize(("name", "elements"), [("guestbook", GUESTBOOK), ("signup", SIGNUP), ("shop", SHOP)])
def test_every_element_and_its_text_is_seen_in_reading_order(name, elements):
    assert [(e["class"], e["text"]) for e in look(name)["elements"]] == elements


def test_every_field_knows_its_caption():
    page = look("guestbook")
    texts = {e["id"]: e["text"] for e in page["elements"]}
    assert [texts[e["caption"]] for e in page["elements"] if e["class"] in ("TextBox", "TextArea")] == [
        "Your name",
        "E-mail",
        "Message",
    ]


def test_what_is_ticked_is_seen_as_ticked():
    checked = {e["text"]: e["checked"] for e in look("signup")["elements"] if "checked" in e}
    assert checked == {"Free": True, "Team": False, "Company": False, "I accept the terms": True}


def test_the_layout_holds_every_element_once():
    page = look("shop")
    assert sorted(ids(page["layout"])) == [e["id"] for e in page["elements"]] == list(range(1, len(SHOP) + 1))


def test_a_product_stands_in_a_row():
    rows = [child for child in look("shop")["layout"]["children"] if child["type"] == "row"]
    assert [sorted(ids(row)) for row in rows] == [[1, 2, 3], [5, 6, 7, 8], [9, 10, 11, 12]]


def test_the_text_for_the_model_is_a_line_an_element():
    text = look("guestbook")["text"]
    assert '1. Heading "Guestbook"' in text and '10. Button "Sign the guestbook"' in text
    assert len(text) < 400


def test_the_samples_are_small_enough_to_ship():
    assert all(path.stat().st_size <= 200_000 for path in SAMPLES.glob("*.jpg"))


def ids(node):
    if node["type"] == "element":
        return [node["id"]]
    return [i for child in node["children"] for i in ids(child)]
