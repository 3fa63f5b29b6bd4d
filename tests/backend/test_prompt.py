import pytest

from llmos.backend.prompt import describe
from llmos.backend.routes import parse_rules
from llmos.backend.shape import Shape
from llmos.backend.worked import sample_body, worked_examples
from llmos.state.schema import StateSchema


def shapes_of(world):
    return {name: Shape(name, world.state.schema) for name in world.state.schema.collections}


async def test_a_named_document_is_shown_and_no_other(world):
    await world.sign(1, name="Ada")
    await world.sign(2, name="Bo")
    window = world.window("GET", "/entries/2", route_path="/entries/{id}", parameters={"id": "2"})
    lines = describe(window).splitlines()
    assert lines[:2] == ['/title: "Guests"', "/entries: 2 stored, next id 3"]
    assert lines[2].startswith('/entries/2: {"id": 2')
    assert lines[3:] == ["Request: GET /entries/2"]


async def test_a_document_that_is_not_stored_is_said_to_be_so(world):
    window = world.window("DELETE", "/entries/9", route_path="/entries/{id}", parameters={"id": "9"})
    assert "/entries/9: not stored" in describe(window).splitlines()


async def test_a_document_that_a_body_names_is_shown(world):
    await world.sign(1, name="Ada")
    window = world.window("POST", "/gifts", {"entries_id": 1})
    assert list(window.named) == ["/entries/1"]


async def test_a_large_state_is_shown_by_its_head_and_a_count(world):
    world.state.commit(
        [
            {
                "op": "add",
                "path": f"/entries/{n}",
                "value": {"id": n, "created": "2026-01-01T00:00:00Z", "name": "x" * 300},
            }
            for n in range(1, 501)
        ],
        cause={},
    )
    text = describe(world.window("GET", "/entries", query={"name": "x"}))
    assert "500 stored, next id 501" in text
    assert 'query: {"name": "x"}' in text
    assert len(text) < 1500


async def test_code_tells_the_model_whether_a_body_fits(world):
    assert "Problems: none, every field fits." in describe(world.window("POST", "/entries", {"name": "Ada"}))
    assert "Problems: name is missing; stars must be of type integer." in describe(
        world.window("POST", "/entries", {"stars": "x"})
    )


def test_worked_examples_show_the_statuses_of_the_rule(world):
    rules = parse_rules(world.app.prompt)
    shown = {
        (route.method, route.path): [worked.answer["status"] for worked in worked_examples(route, shapes_of(world))]
        for route in rules.routes
    }
    assert shown == {
        ("POST", "/entries"): [422, 201],
        ("GET", "/entries"): [200],
        ("GET", "/entries/{id}"): [200, 404],
        ("DELETE", "/entries/{id}"): [204, 404],
        ("PATCH", "/entries/{id}"): [200, 404],
        ("POST", "/reset"): [],
    }


@pytest.mark.parametrize(("required", "shown"), [([], {"name"}), (["paper"], {"name", "paper"})])
def test_a_worked_example_has_a_file_only_where_one_must_be(required, shown):
    fields = {"name": {"type": "string"}, "paper": {"format": "file"}}
    document = {"type": "object", "properties": fields, "required": required}
    schema = StateSchema(
        {"type": "object", "properties": {"trays": {"type": "object", "additionalProperties": document}}}
    )
    shape = Shape("trays", schema)
    body = sample_body(shape)
    assert body.keys() == shown
    assert shape.problems(body, partial=False) == []
