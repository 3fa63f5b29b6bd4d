import pytest

from llmos.backend.problem import HttpError
from llmos.backend.routes import parse_rules
from llmos.errors import AppError

PROMPT = """The introduction.

## GET /entries
Answer 200. Never 404.

## GET /entries/{id}
Answer 200, or 404.

## GET /entries/newest
Answer 200.

## Notes
These belong to the rule above.

## POST /a/{x}/b/{y}
Answer 201 or 422; 450 characters, the year 1999 and the port 8080 are no statuses.
"""


def test_a_prompt_is_an_introduction_and_its_routes():
    rules = parse_rules(PROMPT)
    assert rules.introduction == "The introduction."
    assert [(route.method, route.path, route.statuses) for route in rules.routes] == [
        ("GET", "/entries", (200, 404)),
        ("GET", "/entries/{id}", (200, 404)),
        ("GET", "/entries/newest", (200,)),
        ("POST", "/a/{x}/b/{y}", (201, 422)),
    ]
    assert "Notes" in rules.routes[2].rule


@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/entries", "/entries", {}),
        ("HEAD", "/entries/", "/entries", {}),
        ("GET", "/entries/7", "/entries/{id}", {"id": "7"}),
        ("GET", "/entries/ü 7", "/entries/{id}", {"id": "ü 7"}),
        ("GET", "/entries/newest", "/entries/newest", {}),
        ("POST", "/a/1/b/2", "/a/{x}/b/{y}", {"x": "1", "y": "2"}),
    ],
)
def test_the_plainest_route_that_fits_is_taken(method, path, route, parameters):
    match = parse_rules(PROMPT).match(method, path)
    assert (match.route.path, match.parameters) == (route, parameters)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("GET", "/a/1/b", 404), ("PUT", "/entries", 405)]
)
def test_what_no_route_fits_is_refused(method, path, status):
    with pytest.raises(HttpError) as refused:
        parse_rules(PROMPT).match(method, path)
    assert refused.value.status == status


@pytest.mark.parametrize("prompt", ["## GET /a\n200\n## GET /a\n200", "## FETCH /a\n200"])
def test_a_prompt_that_cannot_be_served_is_an_app_error(prompt):
    with pytest.raises(AppError, match=r"prompt\.md"):
        parse_rules(prompt)
