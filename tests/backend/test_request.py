import json

import pytest

from llmos.backend.problem import HttpError
from llmos.backend.request import Reader, Request, body_shape
from llmos.backend.routes import Match, Route
from llmos.backend.shape import Shape
from llmos.errors import AppError
from llmos.state.database import open_database
from llmos.state.store import AppState

NOW = "2026-01-02T03:04:05Z"
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
SCHEMA = {
    "type": "object",
    "properties": {
        "notes": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "id": NUMBER,
                    "title": TEXT | {"minLength": 1},
                    "stars": NUMBER,
                    "size": {"allOf": [NUMBER]},
                    "tags": {"type": "array", "items": TEXT},
                },
                "required": ["id", "title"],
            },
        },
        "parts": {"type": "object", "additionalProperties": {}},
    },
    "requests": {
        "POST /moves": {"$ref": "#/$defs/move"},
        "POST /notes": {"properties": {"password": TEXT}, "required": ["password"]},
    },
    "$defs": {"move": {"type": "object", "properties": {"amount": NUMBER | {"minimum": 1}}, "required": ["amount"]}},
}


@pytest.fixture
def state(tmp_path):
    state = AppState(open_database(tmp_path / "llmos.db"), "app", SCHEMA)
    state.commit([{"op": "add", "path": "/notes/1", "value": {"id": 1, "title": "a"}}], cause={})
    return state


def shapes_of(state):
    return {name: Shape(name, state.schema) for name in state.schema.collections}


def read(state, route, body=None, raw=None, **found):
    raw = json.dumps({} if body is None else body).encode() if raw is None else raw
    request = Request(route.method, "/x", body=raw, content_type="application/json")
    return Reader(shapes_of(state), state).read(request, Match(route, found), NOW)


def refusal(state, route, body=None, **found):
    with pytest.raises(HttpError) as error:
        Reader(shapes_of(state), state).check(read(state, route, body, **found))
    return error.value.status, str(error.value)


def test_a_body_is_read_by_the_schema_of_its_route(state):
    route = Route("POST", "/moves", "Answer 201 or 422.")
    assert read(state, route, {"amount": 3.0}).body == {"amount": 3}
    assert refusal(state, route, {"amount": 0})[0] == 422
    assert refusal(state, route) == (422, "amount is missing.")


def test_a_schema_of_a_route_goes_before_that_of_its_collection(state):
    create, change = Route("POST", "/notes", "Answer 201 or 400."), Route("PUT", "/notes/{id}", "Answer 200 or 400.")
    assert refusal(state, create, {"title": "a"}) == (400, "password is missing.")
    assert refusal(state, change, {}, id="1") == (400, "title is missing.")
    shapes = shapes_of(state)
    for route in (create, change, Route("POST", "/moves", ""), Route("POST", "/nowhere", "")):
        one, other = Reader(shapes, state).shape(route), body_shape(route, shapes)
        assert (one and one.schema) == (other and other.schema)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"title": ""}, "title is empty"),
        ({"title": 1}, "title must be of type string"),
        ({"title": "a", "size": "x"}, "size must be of type"),
        ({"title": "a", "tags": [1]}, "tags must be of type string at [0]"),
        ({"title": "a", "stars": "x"}, "stars must be of type integer"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_field_and_why(state, body, told):
    status, text = refusal(state, Route("PUT", "/notes/{id}", "Answer 200 or 422."), body, id="1")
    assert (status, told in text) == (422, True), text


def test_a_body_that_does_not_fit_is_left_to_a_rule_that_names_no_status_for_it(state):
    asked = read(state, Route("PUT", "/notes/{id}", "Answer 200."), {}, id="1")
    Reader(shapes_of(state), state).check(asked)
    assert [str(problem) for problem in asked.problems] == ["title is missing"]


def test_an_absent_document_is_refused_where_the_rule_says_so(state):
    for method in ("GET", "PATCH", "DELETE"):
        route = Route(method, "/notes/{id}", "Answer 200 or 404.")
        assert refusal(state, route, id="2") == (404, "There is no /notes/2.")
        Reader(shapes_of(state), state).check(read(state, route, id="1"))
    nested = Route("POST", "/notes/{id}/parts/{part}", "Answer 200 or 404.")
    assert refusal(state, nested, id="1", part="a/b") == (404, "There is no /parts/a~1b.")
    for route in (Route("PUT", "/notes/{id}", "404"), Route("GET", "/notes/{id}", "Answer 200.")):
        Reader(shapes_of(state), state).check(read(state, route, {"title": "a"}, id="2"))


@pytest.mark.parametrize("raw", [b'{"stars": 1e999}', b'{"tags": [-1e999]}', b'{"a": {"b": 1e400}}', b'{"a": NaN}'])
def test_a_number_that_cannot_be_stored_is_refused(state, raw):
    with pytest.raises(HttpError, match=r"number|NaN") as error:
        read(state, Route("PATCH", "/notes/{id}", "Answer 200."), raw=raw, id="1")
    assert error.value.status == 400


@pytest.mark.parametrize("requests", [[], "x", {"POST /notes": 1}, {"POST /notes": None}, {"POST /notes": []}])
def test_requests_that_are_no_schemas_are_an_error_of_the_app(tmp_path, requests):
    state = AppState(open_database(tmp_path / "llmos.db"), "app", SCHEMA | {"requests": requests})
    with pytest.raises(AppError, match='"requests" is an object'):
        Reader(shapes_of(state), state)


def test_a_change_that_does_not_go_with_the_rest_is_refused(tmp_path):
    fields = {"id": {"type": "integer"}, "street": {"type": "string"}, "city": {"type": ["string", "null"]}}
    together = {"if": {"required": ["street"]}, "then": {"properties": {"city": {"type": "string"}}}}
    document = {"type": "object", "properties": fields, **together}
    schema = {"type": "object", "properties": {"places": {"type": "object", "additionalProperties": document}}}
    state = AppState(open_database(tmp_path / "llmos.db"), "places", schema)
    stored = {"id": 1, "street": "a", "city": "b"}
    state.commit([{"op": "add", "path": "/places/1", "value": stored}], cause={})
    route = Route("PATCH", "/places/{id}", "Answer 200 or 422.")
    assert refusal(state, route, {"city": None}, id="1")[0] == 422
    Reader(shapes_of(state), state).check(read(state, route, {"city": "c"}, id="1"))
