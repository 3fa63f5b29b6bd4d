import re

import pytest

from llmos.contracts import Attachment, EngineInfo
from llmos.kernel.app import load_app
from llmos.pages.scaffold import grammar, words
from llmos.pages.seen import read_seen
from llmos.pages.write import request
from llmos.paths import bundle_root

from .drawn import basket, contact

PICTURE = Attachment(b"...", "image/jpeg")


@pytest.fixture(scope="module")
def app():
    return load_app(bundle_root() / "apps" / "sketch-to-website")


def test_the_grammar_has_the_sketch_in_its_order():
    rules = grammar(read_seen(contact()))
    order = ["<h1>", "<form>", "<div>", "placeholder", "<fieldset>", "type=radio", "<option>", "checkbox", "<a>"]
    places = [rules.index(piece) for piece in order]
    assert places == sorted(places)


def test_numbers_and_signs_are_not_the_models_to_change():
    assert words("$ 4.50") == '"$ 4.50"'
    assert '"$ 4.50"' in grammar(read_seen(basket()))


def test_a_text_may_be_corrected_but_not_outgrown():
    least, most = re.search(r"\{(\d+),(\d+)\}$", words("Stipping Info")).groups()
    assert (int(least), int(most)) == (8, 13)


def test_digits_stay_out_of_a_text_that_has_none():
    assert "0" not in words("Name").split("{")[0]


def test_an_engine_that_sees_gets_the_picture_too(app):
    sees = EngineInfo("big", 8192, frozenset({"text", "image"}))
    asked = request(app, contact(), PICTURE, "make it friendly", sees)
    assert asked.messages[-1].images == (PICTURE,)
    assert "Wish: make it friendly" in asked.messages[-1].text
    assert asked.grammar is None


def test_an_engine_that_reads_only_gets_words_and_a_grammar(app):
    asked = request(app, contact(), PICTURE, "", EngineInfo("small", 4096, grammars=True))
    assert asked.messages[-1].images == ()
    assert "input E-mail showing you@home" in asked.messages[-1].text
    assert asked.grammar
