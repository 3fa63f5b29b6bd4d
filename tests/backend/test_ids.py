"""Ids as a path gives them, and as the schema has them."""

import pytest

from llmos.backend.compile.view import typed_id
from llmos.backend.routes import parse_rules
from llmos.errors import LlmosError
from tests.backend.by_hand import empty_state, shapes_of

RULES = parse_rules("""
## GET /todos
Answer 200.

## DELETE /todos
Remove all and answer 204.

## GET /todos/{id}
Answer 200.

## DELETE /todos/{id}
Answer 204.
""")


def test_an_id_is_a_number_where_the_schema_has_numbers():
    assert typed_id(shapes_of(empty_state("todo"))["todos"], "17") == 17


@pytest.mark.parametrize("key", ["017", "-1", "+1", "1.0", "1e0", " 1", "1_0", "\u0661", "9" * 400, ""])
def test_what_is_written_otherwise_is_the_id_of_nothing_else(key):
    assert typed_id(shapes_of(empty_state("todo"))["todos"], key) == key


@pytest.mark.parametrize("path", ["/todos/", "/todos//", "//todos", "/todos//1", "//"])
def test_an_id_that_was_forgotten_does_not_remove_everything(path):
    with pytest.raises(LlmosError) as refusal:
        RULES.match("DELETE", path)
    assert refusal.value.status == 404


@pytest.mark.parametrize(("method", "path"), [("GET", "/todos/"), ("DELETE", "/todos/1/"), ("DELETE", "/todos")])
def test_a_slash_at_the_end_of_a_whole_path_is_no_matter(method, path):
    assert RULES.match(method, path).route.method == method
