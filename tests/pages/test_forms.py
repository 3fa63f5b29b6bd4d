import json

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from llmos.kernel.app import load_app
from llmos.pages import forms
from llmos.pages.finish import finish
from llmos.pages.site import build_site
from llmos.paths import bundle_root

from .drawn import basket, contact, element, seen, static, written

WEB = bundle_root() / "apps" / "sketch-to-website" / "web"


def fields(drawn, html=""):
    return {field.name: field for field in forms.inputs(finish(html, drawn).html)}


def test_each_field_becomes_a_typed_value():
    found = fields(contact(), written())
    assert {name: field.schema["type"] for name, field in found.items()} == {
        "name": "string",
        "e_mail": "string",
        "topic": "string",
        "country": "string",
        "call_me_back": "boolean",
    }
    assert found["topic"].schema["enum"] == ["Praise", "Question"]
    assert found["country"].schema["enum"] == ["Choose", "France", "Spain"]
    assert found["e_mail"].schema["format"] == "email"
    assert found["e_mail"].required


def test_buttons_alone_make_an_entry_of_which_was_pressed():
    assert fields(basket())["action"].schema["enum"] == ["SAVE", "BUY"]


@pytest.mark.parametrize("drawn", [contact(), basket()], ids=["contact", "basket"])
def test_the_examples_keep_to_the_schema(drawn):
    found = tuple(fields(drawn).values())
    validator = Draft202012Validator(forms.schema(found), format_checker=FormatChecker())
    for example in forms.examples(found).values():
        validator.validate(example["state"])
        expected = json.dumps(example["expect"].get("state", {})).replace(forms.ANYTHING, "2026-01-02T03:04:05Z")
        validator.validate(json.loads(expected))


def test_an_entry_must_have_what_the_form_requires():
    validator = Draft202012Validator(forms.schema(tuple(fields(contact(), written()).values())))
    entry = {"id": 1, "created": "2026-01-02T03:04:05Z", "name": "Ada"}
    assert [error.message for error in validator.iter_errors({"entries": {"1": entry}})] == [
        "'e_mail' is a required property"
    ]


def test_a_field_cannot_take_the_place_of_what_the_backend_fills_in():
    drawn = seen(
        [element(1, "Label", "Created by"), element(2, "TextBox", "", caption=1), element(3, "CheckBox", "ID")]
    )
    assert set(fields(drawn)) == {"the_created_by", "the_id"}


def test_the_rules_name_every_route_and_field():
    prompt = forms.prompt("Contact us", tuple(fields(contact(), written()).values()))
    for heading in ("POST /entries", "GET /entries", "GET /entries/{id}", "DELETE /entries/{id}"):
        assert f"\n## {heading}\n" in prompt
    assert "`e_mail`: an e-mail address, required" in prompt


@pytest.mark.parametrize("drawn", [contact(), basket(), static()], ids=["contact", "basket", "static"])
def test_a_built_site_is_an_app_that_loads(drawn, tmp_path):
    app = load_app(build_site(finish("", drawn), tmp_path / "made-site", WEB))
    assert app.kind == "backend"
    assert sorted(path.name for path in app.web.iterdir()) == ["index.html", "placeholder.svg", "site.css", "site.js"]
    for example in (app.folder / "examples").glob("*.json"):
        assert json.loads(example.read_text())["name"] == example.stem


def test_a_failed_build_leaves_nothing_behind(tmp_path):
    with pytest.raises(FileNotFoundError):
        build_site(finish("", contact()), tmp_path / "made-site", tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []
