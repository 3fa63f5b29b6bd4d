import pytest

from llmos.backend.shape import Shape
from llmos.state.schema import StateSchema

FIELDS = {
    "id": {"type": "integer"},
    "created": {"type": "string", "format": "date-time"},
    "starts": {"type": "string", "format": "date-time"},
    "score": {"type": "number", "readOnly": True},
    "name": {"type": "string", "minLength": 1},
    "email": {"type": "string", "format": "email"},
    "age": {"type": "integer", "minimum": 18},
    "weight": {"type": "number"},
    "news": {"type": "boolean"},
    "plan": {"enum": ["Free", "Pro"]},
    "tags": {"type": "array", "items": {"type": "integer"}},
}
DOCUMENT = {"type": "object", "properties": FIELDS, "required": ["id", "name", "plan"], "additionalProperties": False}
SHAPE = Shape(
    "people",
    StateSchema(
        {
            "$defs": {"person": DOCUMENT},
            "type": "object",
            "properties": {"people": {"type": "object", "additionalProperties": {"$ref": "#/$defs/person"}}},
        }
    ),
)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"age": "18", "weight": "1.5"}, {"age": 18, "weight": 1.5}),
        ({"age": "-3", "weight": "2"}, {"age": -3, "weight": 2}),
        ({"age": "many", "weight": "inf"}, {"age": "many", "weight": "inf"}),
        ({"news": "on"}, {"news": True}),
        ({"news": "false"}, {"news": False}),
        ({"news": "perhaps"}, {"news": "perhaps"}),
        ({"name": "17", "plan": "1"}, {"name": "17", "plan": "1"}),
        ({"tags": "1"}, {"tags": [1]}),
        ({"tags": ["1", "2"]}, {"tags": [1, 2]}),
        ({"email": "", "age": "", "plan": "", "name": "", "other": ""}, {"plan": "", "name": "", "other": ""}),
    ],
)
def test_what_a_form_sends_as_text_is_read_by_the_schema(sent, read):
    assert SHAPE.coerced(sent) == read


def test_a_client_sets_neither_ids_nor_times_nor_unknown_fields():
    body = {"id": 9, "created": "x", "score": 3, "starts": "2026-01-01T00:00:00Z", "name": "Ada", "admin": True}
    assert SHAPE.settable(body) == {"starts": "2026-01-01T00:00:00Z", "name": "Ada"}


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({"name": "Ada", "plan": "Pro"}, []),
        ({"name": "Ada"}, ["plan is missing"]),
        ({"name": "", "plan": "Pro"}, ["name is empty"]),
        ({"name": "Ada", "plan": "Gold"}, ["plan must be one of Free, Pro"]),
        ({"name": "Ada", "plan": "Pro", "email": "nowhere"}, ["email is not a valid email"]),
        ({"name": 3, "plan": "Pro"}, ["name must be of type string"]),
        ({"name": "Ada", "plan": "Pro", "age": 3}, ["age does not fit: 3 is less than the minimum of 18"]),
    ],
)
def test_what_does_not_fit_is_named(body, problems):
    assert [str(problem) for problem in SHAPE.problems(body, partial=False)] == problems


def test_a_change_need_not_have_every_field():
    assert SHAPE.problems({"age": 20}, partial=True) == []
