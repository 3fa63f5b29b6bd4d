"""Random patches against a plain dictionary: the store must agree at every version, and every undo lead back."""

from pathlib import Path

import jsonpatch
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonpointer import JsonPointer, JsonPointerException

from llmos.contracts import Json
from llmos.errors import PatchError, SchemaMismatch, StateError
from llmos.state.database import open_database
from llmos.state.store import AppState

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "a": {"type": "object", "additionalProperties": {}},
        "b": {"type": "object", "additionalProperties": {"type": ["object", "array", "integer"]}},
        "n": {"type": "integer", "default": 0},
    },
    "additionalProperties": False,
}

leaves = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, 1.5]) | st.sampled_from("xy")
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("x/~é0"), inner, max_size=3),
    max_leaves=6,
)
parts = st.sampled_from(["1", "2", "x", "~1", "~0", "é", "0"])
pointers = st.builds(
    lambda name, deeper: "/" + "/".join([name, *deeper]), st.sampled_from("abn"), st.lists(parts, max_size=3)
)
operations = st.one_of(
    st.builds(lambda p, v: {"op": "add", "path": p, "value": v}, pointers, values),
    st.builds(lambda p, v: {"op": "replace", "path": p, "value": v}, pointers, values),
    st.builds(lambda p: {"op": "remove", "path": p}, pointers),
    st.builds(lambda o, f, p: {"op": o, "from": f, "path": p}, st.sampled_from(["move", "copy"]), pointers, pointers),
)
patches = st.lists(operations, min_size=1, max_size=4)


def fresh_state() -> AppState:
    return AppState(open_database(Path(":memory:")), "app", SCHEMA)


def play(state: AppState, history: list[Json]) -> list[Json]:
    """Commit what can be committed; the states of a plain dictionary after each commit."""
    versions = [{"a": {}, "b": {}, "n": 0}]
    for patch in history:
        try:
            made = state.commit(patch, cause={})
        except (PatchError, SchemaMismatch):
            continue
        if made is not None:
            versions.append(jsonpatch.apply_patch(versions[-1], patch))
    return versions


def same(one: Json, other: Json) -> bool:
    return not jsonpatch.make_patch(one, other).patch


@given(st.lists(patches, max_size=8))
@settings(max_examples=300, deadline=None)
def test_every_version_is_what_a_plain_dictionary_would_hold(history: list[Json]) -> None:
    state = fresh_state()
    versions = play(state, history)
    assert state.version == len(versions) - 1
    for version, expected in enumerate(versions):
        assert same(state.at(version), expected)


@given(st.lists(patches, max_size=8))
@settings(max_examples=300, deadline=None)
def test_undoing_everything_in_reverse_leads_through_every_version_back_to_the_start(history: list[Json]) -> None:
    state = fresh_state()
    versions = play(state, history)
    for version in range(len(versions) - 1, 0, -1):
        state.undo(version)
        assert same(state.get(""), versions[version - 1])


@given(st.lists(patches, max_size=8), pointers)
@settings(max_examples=100, deadline=None)
def test_a_part_is_the_same_read_alone_or_from_the_whole(history: list[Json], pointer: str) -> None:
    state = fresh_state()
    play(state, history)
    try:
        expected = JsonPointer(pointer).resolve(state.get(""))
    except JsonPointerException:
        with pytest.raises(StateError):
            state.get(pointer)
    else:
        assert same(state.get(pointer), expected)
