"""What the model is told of a route when it writes its handler."""

import pytest

from llmos.backend.compile.prompt import describe
from llmos.backend.routes import parse_rules
from tests.backend.by_hand import empty_state, shapes_of

SHAPES = shapes_of(empty_state("bank"))


def told(rule, path="POST /accounts"):
    rules = parse_rules(f"A bank.\n\n## {path}\n{rule}\n")
    return describe(rules, rules.routes[0], SHAPES, [])


@pytest.mark.parametrize(
    "sentence",
    [
        "A body that does not fit is answered 422.",
        "If a field does not fit, answer 422.",
        "If the body does not fit answer 400.",
    ],
)
def test_what_code_has_checked_is_not_asked_of_a_handler(sentence):
    for rule in (f"Add it and answer 201. {sentence}", f"{sentence} Add it and answer 201."):
        assert "Rule of POST /accounts: Add it and answer 201.\n\nThe body was checked before" in told(rule)


@pytest.mark.parametrize(
    "sentence",
    [
        "If the sum of both does not fit, answer 422.",
        "If a field does not fit, answer 409.",
        "If `owner` is missing or empty, answer 422.",
    ],
)
def test_every_other_sentence_of_a_rule_is_told(sentence):
    assert f"{sentence} Otherwise answer 201." in told(f"{sentence} Otherwise answer 201.")


def test_a_rule_of_which_nothing_would_be_left_is_told_whole():
    assert "Rule of POST /accounts: If a field does not fit, answer 422." in told(
        "If a field does not fit, answer 422."
    )


def test_a_request_without_a_body_was_not_checked():
    assert "If a field does not fit, answer 422." in told(
        "If a field does not fit, answer 422. Answer 200.", "GET /accounts"
    )
