from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmos.errors import StateError
from llmos.state.database import open_database
from llmos.state.store import AppState

ANY = {"type": "object", "additionalProperties": {}}
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from([1.0, 0.5, -0.0, 2**53 + 1, float(2**53), 2**63, 2**64, 1e300, 10**400])
    | st.sampled_from(["", "1", "true", "null", "a", "A", "é", "'", '"', "a\0b", "a", "[1]", "{}", "1.0", "🦙"])
)
STORED = VALUES | st.lists(st.integers(0, 1), max_size=1) | st.dictionaries(st.just("a"), st.integers(0, 1), max_size=1)
FIELD = st.sampled_from(["a", "b.c", 'q"q', "b\\c", "$", "[0]", "it's", "", "ü", "a b", "*", "#", "\n", "\u2028"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dictionaries(FIELD, STORED, max_size=3) | STORED, max_size=6), FIELD, VALUES, st.booleans())
def test_find_says_what_looking_at_every_document_says(documents, field, value, indexed):
    db = open_database(Path(":memory:"))
    state = AppState(db, "app's", {"type": "object", "properties": {"things": ANY}})
    if indexed:
        state.index("things", field)
    stored = {str(key): document for key, document in enumerate(documents, 1)}
    state.commit([{"op": "add", "path": "/things", "value": stored}], cause={})
    wanted = [key for key, part in stored.items() if isinstance(part, dict) and part.get(field) == value]
    assert list(state.find("things", field, value)) == wanted
    db.close()


def test_find_looks_into_its_own_app_and_collection_alone(state):
    state.commit([{"op": "add", "path": "/anything/1", "value": {"name": "Ada"}}], cause={})
    assert state.find("entries", "name", "Ada") == {}
    assert state.find("anything", "name", "Ada") == {"1": {"name": "Ada"}}


def test_documents_are_found_in_the_order_of_their_ids(state):
    for key in ("10", "9", "x", "1"):
        state.commit([{"op": "add", "path": f"/anything/{key}", "value": {"name": "Ada"}}], cause={})
    assert list(state.find("anything", "name", "Ada")) == ["1", "9", "x", "10"]


def test_an_indexed_field_is_looked_up_in_its_index(state):
    state.index("entries", "name")
    state.index("entries", "name")
    sql = "EXPLAIN QUERY PLAN SELECT key FROM state_documents WHERE app = 'guests' AND name = 'entries' AND "
    [plan] = state.db.execute(sql + "json_extract(value, '$.\"name\"') IS 'Ada'").fetchall()
    assert "state_by_field" in plan[-1]


def test_a_field_that_no_path_can_name_can_be_indexed_and_still_written(state):
    state.index("anything", 'a"b')
    state.commit([{"op": "add", "path": "/anything/1", "value": {'a"b': 1}}], cause={})
    assert list(state.find("anything", 'a"b', 1)) == ["1"]


def test_there_is_nothing_to_find_in_what_is_no_collection(state):
    for search in (lambda: state.find("title", "a", 1), lambda: state.index("nothing", "a")):
        with pytest.raises(StateError, match="has no collection"):
            search()
