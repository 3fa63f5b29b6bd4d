"""What the schema of an answer admits, and that llama.cpp can make a grammar of it."""

import json

import jsonschema
import pytest

from llmos.backend.grammar import answer_schema
from llmos.backend.routes import Route
from llmos.backend.shape import Shape
from llmos.state.store import AppState

NOT_FOR_GRAMMARS = {"maxLength", "minLength", "pattern", "format", "minimum", "maximum", "not", "allOf", "oneOf"}


@pytest.fixture
def admits(world):
    """Whether an answer is admitted for a request."""

    def schema_for(method, path, body=None, rule="Answer 200, 201, 204, 404 or 422."):
        shapes = {name: Shape(name, world.state.schema) for name in world.state.schema.collections}
        route_path = "/entries/{id}" if path.count("/") > 1 else path
        route = Route(method, route_path, rule)
        parameters = {"id": path.split("/")[2]} if path.count("/") > 1 else {}
        window = world.window(method, path, body, route_path=route_path, rule=rule, parameters=parameters)
        return answer_schema(route, window, shapes, world.state.schema)

    def check(answer, *request, **more):
        return jsonschema.Draft202012Validator(schema_for(*request, **more)).is_valid(answer)

    check.schema_for = schema_for
    return check


def changes(*operations):
    return {"status": 200, "patch": list(operations), "body": None}


async def test_only_the_next_id_can_be_added(world, admits):
    await world.sign(1, name="Ada")
    for key, admitted in ((1, False), (2, True), (3, False)):
        value = {"ref": "/body", "with": {"id": key, "created": {"ref": "/now"}}}
        add = {"op": "add", "path": f"/entries/{key}", "value": value}
        assert admits(changes(add), "POST", "/entries", {"name": "Bo"}) is admitted


async def test_a_stored_document_is_removed_only_by_a_request_that_names_it(world, admits):
    await world.sign(1, name="Ada")
    await world.sign(2, name="Bo")
    remove = {"op": "remove", "path": "/entries/1"}
    assert admits(changes(remove), "DELETE", "/entries/1")
    assert not admits(changes(remove), "DELETE", "/entries/2")
    assert not admits(changes(remove), "POST", "/entries", {"name": "Cy"})
    assert not admits(changes(remove), "PATCH", "/entries/1", {"name": "Cy"})
    assert not admits(changes(remove), "GET", "/entries")


async def test_a_change_sets_fields_or_merges_the_body_but_not_what_the_app_sets(world, admits):
    await world.sign(1, name="Ada")
    merge = {"op": "replace", "path": "/entries/1", "value": {"ref": "/entries/1", "with": {"ref": "/body"}}}
    stars = {"op": "add", "path": "/entries/1/stars", "value": 4}
    assert admits(changes(merge), "PATCH", "/entries/1", {"name": "Bo"})
    assert admits(changes(stars), "PATCH", "/entries/1", {"name": "Bo"})
    for own in ("id", "created"):
        set_own = {"op": "add", "path": f"/entries/1/{own}", "value": {"ref": "/body/name"}}
        assert not admits(changes(set_own), "PATCH", "/entries/1", {"name": "Bo"})


async def test_what_is_not_stored_can_only_be_refused_where_the_rule_says_404(world, admits):
    gone = {"status": 204, "body": None}
    assert not admits(gone, "DELETE", "/entries/9")
    assert admits({"status": 404, "error": "no"}, "DELETE", "/entries/9")
    assert admits({"patch": []} | gone, "DELETE", "/entries/9", rule="Answer 204, also when there is none.")


def test_the_statuses_are_those_of_the_rule(admits):
    rule = "Answer 201, or 409."
    assert admits({"status": 201, "patch": [], "body": {"ref": "/entries"}}, "POST", "/entries", {"name": "a"}, rule)
    assert not admits({"status": 201, "patch": [], "body": None}, "POST", "/entries", {"name": "a"}, rule)
    assert admits({"status": 409, "error": "no"}, "POST", "/entries", {"name": "a"}, rule)
    assert not admits({"status": 200, "patch": [], "body": None}, "POST", "/entries", {"name": "a"}, rule)
    assert not admits({"status": 422, "error": "no"}, "POST", "/entries", {"name": "a"}, rule)
    assert admits({"status": 422, "error": "no"}, "POST", "/entries", {"stars": 99}, rule), "it does not fit"


def test_a_refusal_has_no_patch_and_an_answer_no_unknown_member(admits):
    assert not admits({"status": 404, "error": "no", "patch": []}, "DELETE", "/entries/1")
    assert not admits({"status": 200, "patch": [], "body": None, "also": 1}, "DELETE", "/entries/1")


@pytest.mark.parametrize(
    "request_", [("GET", "/entries"), ("POST", "/entries", {"name": "Ada"}), ("PATCH", "/entries/1", {"name": "Bo"})]
)
async def test_the_schema_keeps_to_what_a_grammar_can_say(world: AppState, admits, request_):
    await world.sign(1, name="Ada")
    text = json.dumps(admits.schema_for(*request_))
    assert not [word for word in NOT_FOR_GRAMMARS if f'"{word}":' in text]
    assert len(text) < 6000


def test_a_file_is_what_came_in_its_field_and_never_made_up(make_world):
    fields = {"id": {"type": "integer"}, "name": {"type": "string"}, "paper": {"format": "file"}}
    document = {"type": "object", "properties": fields, "required": ["id"]}
    schema = {"type": "object", "properties": {"trays": {"type": "object", "additionalProperties": document}}}
    world = make_world("Trays.\n\n## POST /trays\nAdd it and answer 201.", schema)
    paper = {"name": "a", "type": "text/plain", "size": 1, "sha256": "ab" * 32}
    window = world.window("POST", "/trays", {"name": "x", "paper": paper})
    shapes = {"trays": Shape("trays", world.state.schema)}
    route = Route("POST", "/trays", "Answer 201.")
    validator = jsonschema.Draft202012Validator(answer_schema(route, window, shapes, world.state.schema))

    def answer(value):
        patch = [{"op": "add", "path": "/trays/1", "value": value}]
        return {"status": 201, "patch": patch, "body": {"ref": "/trays/1"}}

    assert validator.is_valid(answer({"ref": "/body", "with": {"id": 1}}))
    assert validator.is_valid(answer({"id": 1, "name": {"ref": "/body/name"}, "paper": {"ref": "/body/paper"}}))
    assert not validator.is_valid(answer({"id": 1, "paper": paper}))
    assert not validator.is_valid(answer({"ref": "/body", "with": {"id": 1, "paper": {"ref": "/body"}}}))
