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


def shape_of(document, defs=None):
    source = {"type": "object", "properties": {"people": {"type": "object", "additionalProperties": document}}}
    return Shape("people", StateSchema({**source, "$defs": defs or {}}))


def test_json_is_taken_as_it_is_typed_but_for_a_whole_number_with_a_point():
    sent = {"age": "18", "news": "on", "tags": "1", "email": "", "weight": 2.0}
    assert SHAPE.typed(sent) == sent
    assert SHAPE.typed({"age": 18.0}) == {"age": 18}
    assert isinstance(SHAPE.typed({"age": 18.0})["age"], int)


@pytest.mark.parametrize("value", [2**63, -(2**63), [[2**63]], {"a": [{"b": -(2**70)}]}])
def test_a_number_beyond_64_bits_is_a_problem_however_deep_and_whatever_field_has_it(value):
    shape = shape_of({"type": "object", "properties": {"any": {}}})
    for name in ("any", "unknown"):
        assert [str(one) for one in shape.problems({name: value}, partial=True)] == [
            f"{name} does not fit into 64 bits"
        ]
    assert shape.problems({"any": [2**63 - 1, True, 2.5e300]}, partial=True) == []


def test_rules_about_fields_together_are_problems_of_the_whole():
    fields = {"street": {"type": "string"}, "city": {"type": "string"}, "phone": {"type": "string"}}
    together = {
        "dependentRequired": {"street": ["city"]},
        "anyOf": [{"required": ["phone"]}, {"required": ["street"]}],
    }
    shape = shape_of({"type": "object", "properties": fields, **together})
    assert shape.problems({"street": "a", "city": "b"}, partial=False) == []
    assert "'city' is a dependency of 'street'" in str(shape.problems({"street": "a"}, partial=False)[0])
    assert shape.problems({"city": "b"}, partial=False)[0].name == "body"
    assert shape.problems({"city": "b"}, partial=True) == []
    assert len(shape.whole_problems({"street": "a"})) == 1
    own = shape_of(
        {"type": "object", "properties": {**fields, "id": {"type": "integer"}}, "allOf": [{"required": ["id"]}]}
    )
    assert own.problems({}, partial=False) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("me.png", "must be a file; send the form as multipart/form-data"),
        ({"name": "a"}, "must be a file; send the form as multipart/form-data"),
        (
            {"name": "a", "type": "text/html", "size": 1, "sha256": "a" * 64},
            "must be of type image/png, and is text/html",
        ),
        ({"name": "a", "type": "image/png", "size": 11, "sha256": "a" * 64}, "is larger than 10 bytes"),
        ({"name": "a", "type": "image/png", "size": 1, "sha256": "a" * 64}, None),
        (None, "must be a file; send the form as multipart/form-data"),
    ],
)
def test_a_file_is_a_document_of_four_members(value, problem):
    picture = {"format": "file", "properties": {"type": {"enum": ["image/png"]}, "size": {"maximum": 10}}}
    shape = shape_of({"type": "object", "properties": {"picture": {"$ref": "#/$defs/picture"}}}, {"picture": picture})
    assert [one.text for one in shape.problems({"picture": value}, partial=True)] == ([problem] if problem else [])
