import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmos.backend.asked import Asked
from llmos.backend.compile.run import arguments, parameters, run_handler
from llmos.backend.compile.sandbox import Sandbox
from llmos.backend.compile.source import READS, WRITES, parse_handler
from llmos.backend.compile.view import View
from llmos.backend.routes import Match, Route
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.errors import HandlerError
from llmos.state.schema import StateSchema

FIELDS = {
    "id": {"type": "integer"},
    "title": {"type": "string"},
    "stars": {"type": "integer"},
    "secret": {"type": "string", "readOnly": True},
}
SCHEMA = {
    "type": "object",
    "properties": {
        "notes": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": FIELDS, "additionalProperties": False},
        },
        "loose": {"type": "object", "additionalProperties": {}},
    },
    "requests": {"POST /notes": {"type": "object", "properties": {"password": {"type": "string"}}}},
}
SHAPES = {name: Shape(name, StateSchema(SCHEMA)) for name in ("notes", "loose")}


def asked(route, found=None, query=None, body=None):
    return Asked("/x", Match(route, found or {}), query or {}, body or {}, (), "now")


@pytest.fixture(scope="module")
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize(
    ("path", "query", "names"),
    [
        ("/notes/{id}", (), ("id", "body")),
        ("/notes/{class}", ("None", "if"), ("class_", "None_", "if_", "body")),
        ("/notes/{1st}", ("2",), ("_1st", "_2", "body")),
        ("/notes/{count}", ("get", "now"), ("count_", "get_", "now_", "body")),
        ("/notes/{body}", (), ("body_", "body")),
        ("/notes/{a-b}", ("a_b", "a.b"), ("a_b", "a_b_", "a_b__", "body")),
        ("/notes/{id}", ("id",), ("id", "id_", "body")),
        ("/notes/{}", ("²", "é", "ﬁ"), ("_", "__", "___", "____", "body")),
        ("/notes", ("q", "q"), ("q", "body")),
    ],
)
def test_parameters_have_names_that_python_takes_and_no_two_the_same(path, query, names):
    assert parameters(Route("PUT", path, "", query)) == names


NAMES = st.text(st.characters(exclude_characters="/{}&?"), max_size=6) | st.sampled_from(
    ["body", "count", "get", "class", "1", "a-b", "a_b", "a_b_", "None", "_", ""]
)


@given(NAMES, st.lists(NAMES, max_size=4))
def test_any_names_make_a_function(name, query):
    route = Route("POST", f"/notes/{{{name}}}", "", tuple(query))
    names = parameters(route)
    [function] = ast.parse(f"def handle({', '.join(names)}):\n    pass").body
    assert tuple(argument.arg for argument in function.args.args) == names
    assert len(set(names)) == len(names)
    assert not set(names) & (READS | WRITES)
    assert not any(map(keyword.iskeyword, names))
    assert tuple(arguments(asked(route, {name: "1"}), SHAPES)) == names


def test_every_part_of_a_request_reaches_its_parameter():
    route = Route("PUT", "/notes/{id}", "", ("id", "body", "count", "stars", "tag"))
    given = arguments(
        asked(route, {"id": "7"}, {"id": "8", "body": "b", "count": "c", "stars": "3"}, {"title": "t"}), SHAPES
    )
    assert given == {"id": 7, "id_": 8, "body_": "b", "count_": "c", "stars": 3, "tag": None, "body": {"title": "t"}}


def test_a_body_is_what_a_client_may_set():
    sent = {"id": 9, "secret": "x", "title": "t", "other": 1}
    assert arguments(asked(Route("PUT", "/notes/{id}", ""), {"id": "x"}, body=sent), SHAPES) == {
        "id": "x",
        "body": {"title": "t"},
    }
    assert arguments(asked(Route("POST", "/nowhere", ""), body=sent), SHAPES) == {"body": sent}


def test_a_body_that_has_a_schema_of_its_own_is_not_cut_to_a_document():
    assert arguments(asked(Route("POST", "/notes", ""), body={"password": "x"}), SHAPES) == {"body": {"password": "x"}}


def test_a_get_has_no_body():
    assert arguments(asked(Route("GET", "/notes", "", ("stars",)), query={"stars": "x", "other": "1"}), SHAPES) == {
        "stars": "x"
    }


def answer(sandbox, body, rule="Answer 200, 204, 404 or 409."):
    route = Route("GET", "/notes", rule)
    handler = parse_handler(f"def handle():\n    return {body}", (), reading=True)
    return run_handler(sandbox, handler, asked(route), View(None, SHAPES, "now"), SHAPES)


@pytest.mark.parametrize("status", ["201", "500", "0", "-1", "99999", "2000"])
def test_a_status_that_the_rule_does_not_name_is_no_answer(sandbox, status):
    with pytest.raises(HandlerError, match=f"answered {status}, which the rule"):
        answer(sandbox, f"{status}, 1")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("'No such note.'", "No such note."),
        ("{'error': 'No.'}", "No."),
        ("{'detail': 'No.'}", "No."),
        ("{'message': 'No.'}", "No."),
        ("{'error': '', 'detail': 'No.'}", "No."),
        ("{'error': {'why': 1}}", "{'why': 1}"),
        ("['a', 1]", "['a', 1]"),
        ("7", "7"),
        ("None", "The request cannot be answered as it is."),
        ("''", "The request cannot be answered as it is."),
        ("{}", "The request cannot be answered as it is."),
        ("{'other': 1}", "The request cannot be answered as it is."),
        ("[]", "The request cannot be answered as it is."),
    ],
)
def test_a_refusal_has_a_reason_whatever_its_body(sandbox, body, reason):
    outcome = answer(sandbox, f"404, {body}")
    assert (outcome.status, outcome.body, outcome.patch) == (404, reason, [])


def test_a_204_has_no_body(sandbox):
    assert answer(sandbox, "204, {'a': 1}").body is None
    assert answer(sandbox, "200, {'a': 1}").body == {"a": 1}


def test_a_refusal_changes_nothing(sandbox, world):
    shapes = {"entries": Shape("entries", world.state.schema)}
    route = Route("POST", "/entries", "Answer 201 or 409.")
    handler = parse_handler(
        "def handle(body):\n    add('entries', body)\n    return 409, 'no'", ("body",), reading=False
    )
    view = View(Scoped(world.state, shapes, None), shapes, "2026-01-02T03:04:05Z")
    assert run_handler(sandbox, handler, asked(route, body={"name": "Ada"}), view, shapes).patch == []
    assert view.patch, "it did ask for a change"
