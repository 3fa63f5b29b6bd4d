from itertools import islice
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmos.backend.compile.cases import cases
from llmos.backend.request import Reader
from llmos.backend.routes import Route
from llmos.backend.shape import Shape
from llmos.state.database import open_database
from llmos.state.store import AppState

NUM = 40
FORMATS = (
    *("date-time", "date", "time", "duration", "email", "uri", "uri-reference", "hostname", "uuid", "ipv4", "ipv6"),
    *("regex", "unknown"),
)


def schema_of(fields, **more):
    document = {"type": "object", "properties": {"id": {"type": "integer"}, **fields}} | more
    return {"type": "object", "properties": {"things": {"type": "object", "additionalProperties": document}}}


def made(schema, route=None, seed=1, num=NUM):
    state = AppState(open_database(Path(":memory:")), "app", schema)
    shapes = {name: Shape(name, state.schema) for name in state.schema.collections}
    route = route or Route("POST", "/things", "Answer 201.")
    found = list(islice(cases(route, shapes, Reader(shapes, state), seed), num))
    state.db.close()
    return found


def assert_fits(schema, found):
    document = schema["properties"]["things"]["additionalProperties"]
    whole = {**schema, "properties": {"things": schema["properties"]["things"]}}
    validator = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    for case in found:
        assert not list(validator.iter_errors({"things": case.state["things"]}))
        for name, value in case.asked.body.items():
            assert not list(validator.evolve(schema=document["properties"][name]).iter_errors(value))
        assert case.asked.problems == ()


PARTS = [
    {"type": "string"},
    {"type": "string", "minLength": 7},
    {"type": "string", "minLength": 2, "maxLength": 2},
    {"type": "string", "maxLength": 0},
    {"type": "integer", "minimum": 5},
    {"type": "integer", "minimum": -7, "maximum": -5},
    {"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 7},
    {"type": "integer", "maximum": -100},
    {"type": "integer", "exclusiveMinimum": 0.5, "maximum": 1.5},
    {"type": "integer", "multipleOf": 7},
    {"type": "number", "exclusiveMinimum": 0},
    {"type": "number", "minimum": 0.25, "maximum": 0.75},
    {"type": "number", "minimum": 0.5, "multipleOf": 0.25},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["string", "null"]},
    {"type": ["integer", "boolean"]},
    {"enum": ["a", 1, None, {"b": []}]},
    {"const": {"a": 1}},
    {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    {"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True},
    {"type": "array"},
    {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "string"}}, "required": ["x"]},
    {
        "type": "object",
        "properties": {"x": {"type": "object", "properties": {"z": {"enum": [3]}}, "required": ["z"]}},
        "additionalProperties": False,
    },
    {"properties": {"x": {"type": "boolean"}}},
    {"anyOf": [{"type": "integer", "minimum": 3}, {"type": "string", "minLength": 3}]},
    {"oneOf": [{"type": "integer"}, {"type": "null"}]},
    {"allOf": [{"type": "integer"}, {"minimum": 4}]},
    {"anyOf": [{"$ref": "#/$defs/small"}, {"const": "none"}]},
    {"$ref": "#/$defs/small"},
    {"$ref": "#/$defs/tree"},
    {"type": "array", "items": {"$ref": "#/$defs/tree"}},
    *(
        {"type": "string", "format": name}
        for name in ("date-time", "date", "time", "email", "uri", "uuid", "ipv4", "ipv6")
    ),
    *({"type": "string", "format": name} for name in ("uri-reference", "hostname", "duration", "regex", "unknown")),
    {},
]
DEFS = {
    "small": {"type": "integer", "minimum": 1, "maximum": 3},
    "tree": {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "left": {"$ref": "#/$defs/tree"}, "of": {"$ref": "#/$defs/trees"}},
        "required": ["n"],
    },
    "trees": {"type": "array", "items": {"$ref": "#/$defs/tree"}, "maxItems": 2},
}


@pytest.mark.parametrize("part", PARTS, ids=str)
def test_states_and_bodies_fit_the_schema(part):
    schema = schema_of({"it": part}, required=["it"]) | {"$defs": DEFS}
    found = made(schema)
    assert len(found) == NUM
    assert_fits(schema, found)
    assert any(case.state["things"] for case in found)
    assert all("it" in case.asked.body for case in found)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(PARTS), min_size=1),
    st.sampled_from(["POST", "PUT", "PATCH"]),
    st.integers(0, 9),
)
def test_states_and_bodies_fit_schemas_of_many_fields(fields, method, seed):
    schema = schema_of(fields, required=sorted(fields)[:2]) | {"$defs": DEFS}
    path = "/things" if method == "POST" else "/things/{id}"
    assert_fits(schema, made(schema, Route(method, path, "Answer 200."), seed, num=10))


def test_the_same_seed_makes_the_same_cases():
    schema = schema_of({str(number): part for number, part in enumerate(PARTS)}) | {"$defs": DEFS}
    assert repr(made(schema, seed=5, num=10)) == repr(made(schema, seed=5, num=10))
    assert repr(made(schema, seed=5, num=10)) != repr(made(schema, seed=6, num=10))


@pytest.mark.parametrize(
    "part",
    [
        False,
        {"not": {}},
        {"type": "string", "pattern": "^[0-9]{9}$"},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"allOf": [{"type": "integer"}, {"type": "string"}]},
        {"type": "string", "minLength": 5, "maxLength": 2},
        {"type": "array", "items": {"const": 1}, "minItems": 2, "uniqueItems": True},
        {"$ref": "#/$defs/endless"},
    ],
    ids=str,
)
def test_where_no_body_can_be_made_that_fits_it_gives_up(part):
    endless = {"type": "object", "properties": {"next": {"$ref": "#/$defs/endless"}}, "required": ["next"]}
    schema = schema_of({"it": {"allOf": [part]}}, required=["it"])
    schema["$defs"] = {"endless": endless}
    assert made(schema) == []


def test_a_document_that_cannot_be_made_is_left_out():
    schema = schema_of({"it": {"type": "string", "pattern": "^[0-9]{9}$"}}, required=["it"])
    found = made(schema, Route("GET", "/things", "Answer 200."))
    assert len(found) == NUM
    assert all(case.state == {"things": {}} for case in found)


def test_ids_are_sometimes_known_and_sometimes_not():
    found = made(schema_of({}), Route("GET", "/things/{id}", "Answer 200 or 404."), num=80)
    known = [case.asked.match.parameters["id"] in case.state["things"] for case in found]
    assert 0 < sum(known) < len(known)
    assert all(case.asked.path == f"/things/{case.asked.match.parameters['id']}" for case in found)


def test_queries_are_sometimes_given_with_values_of_their_field():
    schema = schema_of({"done": {"type": "boolean"}, "n": {"type": "integer", "minimum": 7, "maximum": 8}})
    found = made(schema, Route("GET", "/things", "Answer 200.", ("done", "n", "other")), num=80)
    assert {case.asked.query.get("done") for case in found} == {None, "true", "false"}
    assert {case.asked.query.get("n") for case in found} == {None, "7", "8"}
    assert len({case.asked.query.get("other") for case in found}) > 3


def test_what_the_app_sets_itself_is_in_no_body():
    schema = schema_of({"created": {"type": "string", "format": "date-time"}, "by": {"readOnly": True}, "a": {}})
    assert {name for case in made(schema) for name in case.asked.body} == {"a"}


def test_ids_have_the_type_of_the_schema():
    schema = schema_of({})
    fields = schema["properties"]["things"]["additionalProperties"]["properties"]
    for part, example in (
        ({"type": "integer"}, "1"),
        ({"type": "string"}, "1"),
        ({"type": "string", "format": "uuid"}, "-"),
    ):
        fields["id"] = part
        things = [case.state["things"] for case in made(schema)]
        assert all(str(document["id"]) == key for state in things for key, document in state.items())
        assert any(example in key for state in things for key in state)


def test_a_body_with_a_schema_of_its_own_is_made_from_it():
    schema = schema_of({"a": {"type": "integer"}}) | {
        "requests": {
            "POST /moves": {"type": "object", "properties": {"amount": {"enum": [3, 4]}}, "required": ["amount"]}
        }
    }
    assert {str(case.asked.body) for case in made(schema, Route("POST", "/moves", "Answer 201."))} == {
        "{'amount': 3}",
        "{'amount': 4}",
    }


def test_documents_that_are_no_objects_are_made_too():
    schema = {
        "type": "object",
        "properties": {"things": {"type": "object", "additionalProperties": {"type": "string"}}},
    }
    found = made(schema, Route("GET", "/things", "Answer 200."))
    assert {type(text) for case in found for text in case.state["things"].values()} == {str}
