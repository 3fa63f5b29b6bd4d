from pathlib import Path
from uuid import UUID

import pytest

from llmos.contracts import Json
from llmos.errors import AppError, Conflict, PatchError, SchemaMismatch, StateError
from llmos.state.database import open_database
from llmos.state.store import AppState, Commit

EMPTY = {"entries": {}, "anything": {}, "title": "Guests"}


def add(name: str, key: str) -> list[Json]:
    return [{"op": "add", "path": f"/entries/{key}", "value": {"name": name}}]


def commit(state: AppState, patch: Json, base: int | None = None) -> Commit:
    made = state.commit(patch, base, cause={"test": True})
    assert made is not None
    return made


def test_a_state_that_was_never_written_is_version_0_with_the_defaults(state: AppState) -> None:
    assert (state.version, state.get("")) == (0, EMPTY)


def test_every_commit_is_one_version_more_and_kept_with_its_cause(state: AppState) -> None:
    commit(state, add("Ada", "1"))
    commit(state, add("Bo", "2"))
    assert [(made.version, made.patch, made.cause) for made in state.log()] == [
        (2, add("Bo", "2"), {"test": True}),
        (1, add("Ada", "1"), {"test": True}),
    ]


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/entries/1/name", "Ada"),
        ("/entries/1", {"name": "Ada"}),
        ("/entries", {"1": {"name": "Ada"}}),
        ("/title", "Guests"),
        ("", EMPTY | {"entries": {"1": {"name": "Ada"}}}),
    ],
)
def test_a_pointer_reads_any_part(state: AppState, pointer: str, value: Json) -> None:
    commit(state, add("Ada", "1"))
    assert state.get(pointer) == value


@pytest.mark.parametrize("pointer", ["/entries/2", "/entries/1/stars", "/nothing", "/motto", "/entries/1/name/x"])
def test_what_is_not_there_is_an_error_that_names_it(state: AppState, pointer: str) -> None:
    commit(state, add("Ada", "1"))
    with pytest.raises(StateError, match=f"nothing at {pointer}"):
        state.get(pointer)


def test_the_end_of_an_array_is_no_place_to_read(state: AppState) -> None:
    commit(state, [{"op": "add", "path": "/entries/1", "value": {"name": "Ada", "tags": []}}])
    with pytest.raises(StateError, match="nothing at"):
        state.get("/entries/1/tags/-")


def test_pages_come_in_the_order_of_the_ids(state: AppState) -> None:
    for key in ("10", "9", "1", "11", "2"):
        commit(state, add("x", key))
    assert list(state.page("entries", 3)) == ["1", "2", "9"]
    assert list(state.page("entries", 3, after="9")) == ["10", "11"]
    assert state.count("entries") == 5


def test_an_id_is_never_given_twice(state: AppState) -> None:
    assert state.next_id("entries") == "1"
    commit(state, add("Ada", "7"))
    commit(state, [{"op": "remove", "path": "/entries/7"}])
    state.undo(2)
    state.undo(1)
    assert state.next_id("entries") == "8"


def test_the_next_id_is_a_uuid_where_the_schema_has_such(tmp_path: Path) -> None:
    document = {"type": "object", "properties": {"id": {"$ref": "#/$defs/id"}}}
    entries = {"type": "object", "additionalProperties": document}
    schema = {
        "type": "object",
        "properties": {"entries": entries},
        "$defs": {"id": {"type": "string", "format": "uuid"}},
    }
    state = AppState(open_database(tmp_path / "llmos.db"), "guests", schema)
    ids = {state.next_id("entries") for _ in range(3)}
    assert len(ids) == 3 and {UUID(key).version for key in ids} == {4}


def test_an_id_that_is_no_number_does_not_move_the_next_id(state: AppState) -> None:
    commit(state, add("Ada", "ada"))
    commit(state, add("Bo", "9" * 40))
    assert state.next_id("entries") == "1"


def test_keys_with_slashes_tildes_and_any_script_are_kept_apart(state: AppState) -> None:
    for escaped in ("a~1b", "a~0b", "žluťoučký 🐎", "~01", "a b"):
        commit(state, add(escaped, escaped))
    assert set(state.page("entries", -1)) == {"a/b", "a~b", "žluťoučký 🐎", "~1", "a b"}
    assert state.get("/entries/a~1b/name") == "a~1b"


@pytest.mark.parametrize("key", ["-", ""])
def test_a_document_must_have_a_real_id(state: AppState, key: str) -> None:
    with pytest.raises(PatchError, match="needs an id, such as 1"):
        commit(state, add("Ada", key))


def test_a_stale_base_version_is_a_conflict_and_changes_nothing(state: AppState) -> None:
    commit(state, add("Ada", "1"), base=0)
    with pytest.raises(Conflict, match="at version 1, not 0; read it again"):
        commit(state, add("Bo", "2"), base=0)
    assert (state.version, state.count("entries")) == (1, 1)


def test_a_patch_that_changes_nothing_is_no_commit(state: AppState) -> None:
    commit(state, add("Ada", "1"))
    same = [{"op": "replace", "path": "/entries/1/name", "value": "Ada"}]
    for patch in ([], same, [{"op": "test", "path": "/title", "value": "Guests"}]):
        assert state.commit(patch, cause={}) is None
    assert (state.version, len(state.log())) == (1, 1)


def test_true_and_1_are_different_values(state: AppState) -> None:
    commit(state, [{"op": "add", "path": "/anything/a", "value": 1}])
    commit(state, [{"op": "replace", "path": "/anything/a", "value": True}])
    assert state.get("/anything/a") is True


@pytest.mark.parametrize(
    ("patch", "names"),
    [
        ([{"op": "add", "path": "/entries/1", "value": {"name": 3}}], "/entries/1/name: 3 is not of type 'string'"),
        ([{"op": "add", "path": "/entries/1", "value": {}}], "/entries/1: 'name' is a required property"),
        ([{"op": "add", "path": "/entries/1", "value": {"name": "a", "stars": 9}}], "/entries/1/stars: 9 is greater"),
        ([{"op": "replace", "path": "/title", "value": None}], "/title: None is not of type"),
        ([{"op": "add", "path": "/colour", "value": "red"}], "knows no /colour; it knows entries"),
        ([{"op": "remove", "path": "/title"}], "/title always has a value"),
        ([{"op": "remove", "path": "/entries"}], "/entries is a collection"),
        ([{"op": "replace", "path": "", "value": []}], "is an object and cannot become something else"),
    ],
)
def test_what_the_schema_refuses_is_named_and_changes_nothing(state: AppState, patch: Json, names: str) -> None:
    with pytest.raises(SchemaMismatch, match=names):
        commit(state, patch)
    assert (state.version, state.get("")) == (0, EMPTY)


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "replace", "path": "/entries/9", "value": {"name": "a"}}],
        [{"op": "remove", "path": "/entries/9"}],
        [{"op": "add", "path": "/entries/9/name", "value": "a"}],
        [{"op": "test", "path": "/title", "value": "Other"}],
        [{"op": "move", "from": "/entries/9", "path": "/entries/1"}],
        [{"op": "add", "path": "entries", "value": 1}],
        [{"op": "add", "path": 7, "value": 1}],
        [{"op": "add", "path": "/title"}],
        [{"op": "add", "path": "/title", "value": float("nan")}],
        [{"op": "add", "path": "/title", "value": "\ud800"}],
        [{"op": "add", "value": "x"}],
        [{"op": "append", "path": "/title", "value": "x"}],
        [{"path": "/title", "value": "x"}],
        ["remove"],
        {"op": "remove"},
        "[]",
        None,
    ],
)
def test_a_patch_that_does_not_apply_is_refused_whole(state: AppState, patch: Json) -> None:
    operations = [{"op": "replace", "path": "/title", "value": "X"}, *patch] if isinstance(patch, list) else patch
    with pytest.raises(PatchError):
        commit(state, operations)
    assert (state.version, state.get("")) == (0, EMPTY)


def test_a_document_deeper_than_json_can_be_written_is_refused(state: AppState) -> None:
    deep: Json = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(PatchError, match="cannot store"):
        commit(state, [{"op": "add", "path": "/anything/a", "value": deep}])


def test_move_and_copy_work_across_collections(state: AppState) -> None:
    commit(state, add("Ada", "1"))
    commit(
        state,
        [
            {"op": "copy", "from": "/entries/1", "path": "/anything/copied"},
            {"op": "move", "from": "/entries/1", "path": "/entries/2"},
        ],
    )
    assert state.get("")["entries"] == {"2": {"name": "Ada"}}
    assert state.get("/anything") == {"copied": {"name": "Ada"}}
    state.undo(2)
    assert state.get("") == EMPTY | {"entries": {"1": {"name": "Ada"}}}


def test_a_whole_collection_can_be_replaced_and_brought_back(state: AppState) -> None:
    commit(state, add("Ada", "1"))
    commit(state, add("Bo", "2"))
    commit(state, [{"op": "replace", "path": "/entries", "value": {"3": {"name": "Cy"}}}])
    assert state.get("/entries") == {"3": {"name": "Cy"}}
    state.undo(3)
    assert state.get("/entries") == {"1": {"name": "Ada"}, "2": {"name": "Bo"}}


def test_at_shows_every_version_and_refuses_the_others(state: AppState) -> None:
    commit(state, add("Ada", "1"))
    commit(state, [{"op": "replace", "path": "/title", "value": "Friends"}])
    commit(state, [{"op": "remove", "path": "/entries/1"}])
    ada = {"1": {"name": "Ada"}}
    assert [state.at(version) for version in range(4)] == [
        EMPTY,
        EMPTY | {"entries": ada},
        EMPTY | {"entries": ada, "title": "Friends"},
        EMPTY | {"title": "Friends"},
    ]
    assert state.diff(1, 2) == [{"op": "replace", "path": "/title", "value": "Friends"}]
    for version in (-1, 4):
        with pytest.raises(StateError, match="its versions are 0 to 3"):
            state.at(version)


def test_undo_is_a_commit_of_its_own_and_can_be_undone(state: AppState) -> None:
    commit(state, add("Ada", "1"))
    undone = state.undo(1)
    assert (undone.version, undone.cause, state.get("")) == (2, {"undo": 1}, EMPTY)
    state.undo(2)
    assert state.get("/entries/1") == {"name": "Ada"}


def test_undo_keeps_later_changes_of_other_fields(state: AppState) -> None:
    commit(state, [{"op": "add", "path": "/entries/1", "value": {"name": "Ada", "stars": 3}}])
    commit(state, [{"op": "replace", "path": "/entries/1/name", "value": "Bo"}])
    commit(state, [{"op": "replace", "path": "/entries/1/stars", "value": 5}])
    state.undo(2)
    assert state.get("/entries/1") == {"name": "Ada", "stars": 5}


@pytest.mark.parametrize(
    ("patches", "undone"),
    [
        ([add("Ada", "1"), [{"op": "replace", "path": "/entries/1/name", "value": "Bo"}]], 1),
        ([add("Ada", "1"), [{"op": "remove", "path": "/entries/1"}]], 1),
        ([add("Ada", "1"), [{"op": "remove", "path": "/entries/1"}], add("Bo", "1")], 2),
    ],
)
def test_undo_never_overwrites_a_later_change(state: AppState, patches: list[Json], undone: int) -> None:
    for patch in patches:
        commit(state, patch)
    before = state.get("")
    with pytest.raises(Conflict, match="undo that one first"):
        state.undo(undone)
    assert (state.get(""), state.version) == (before, len(patches))


def test_undoing_a_removal_twice_is_a_conflict(state: AppState) -> None:
    commit(state, add("Ada", "1"))
    commit(state, [{"op": "remove", "path": "/entries/1"}])
    state.undo(2)
    with pytest.raises(Conflict):
        state.undo(2)


def test_there_is_no_version_0_to_undo(state: AppState) -> None:
    with pytest.raises(StateError, match="no version 0"):
        state.undo(0)


def test_two_apps_in_one_file_do_not_see_each_other(state: AppState) -> None:
    other = AppState(state.db, "other", state.schema.source)
    commit(state, add("Ada", "1"))
    assert (other.version, other.get(""), other.next_id("entries")) == (0, EMPTY, "1")


@pytest.mark.parametrize("schema", [{"type": "object"}, {"type": 7}, [], {"properties": {"a": True}}])
def test_a_schema_that_is_none_is_an_app_error(state: AppState, schema: Json) -> None:
    with pytest.raises(AppError, match=r"schema\.json"):
        AppState(state.db, "bad", schema)


def test_references_inside_the_schema_are_followed(state: AppState) -> None:
    schema = {
        "$defs": {"entry": {"type": "object", "required": ["name"]}},
        "type": "object",
        "properties": {"entries": {"type": "object", "additionalProperties": {"$ref": "#/$defs/entry"}}},
    }
    strict = AppState(state.db, "strict", schema)
    with pytest.raises(SchemaMismatch, match="'name' is a required property"):
        strict.commit([{"op": "add", "path": "/entries/1", "value": {}}], cause={})


def test_reads_inside_a_transaction_see_it_and_open_none_of_their_own(state: AppState) -> None:
    statements: list[str] = []
    with state.db.atomic():
        commit(state, add("Ada", "1"))
        state.db.conn.set_trace_callback(statements.append)
        assert (state.version, state.document("entries", "1"), state.count("entries")) == (1, {"name": "Ada"}, 1)
        state.db.conn.set_trace_callback(None)
    assert [said.partition(" ")[0] for said in statements] == ["SELECT"] * 3


def test_a_member_that_only_changes_its_type_is_stored_and_one_that_stays_is_not_a_change(state: AppState) -> None:
    commit(state, [{"op": "add", "path": "/anything/1", "value": {"on": 1}}])
    commit(state, [{"op": "replace", "path": "/anything/1", "value": {"on": True}}])
    assert state.get("/anything/1/on") is True
    assert state.commit([{"op": "replace", "path": "/anything/1", "value": {"on": True}}], cause={}) is None


def test_a_search_by_an_indexed_field_reads_what_it_finds_and_not_the_collection(state: AppState) -> None:
    state.index("entries", "name")
    for number in range(1, 12):
        commit(state, add("Ada" if number in (2, 10) else "Bo", str(number)))
    statements: list[str] = []
    state.db.conn.set_trace_callback(statements.append)
    assert list(state.find("entries", "name", "Ada")) == ["2", "10"]
    state.db.conn.set_trace_callback(None)
    [search] = [said for said in statements if said.startswith("SELECT")]
    assert "USING INDEX state_by_field_" in state.db.execute(f"EXPLAIN QUERY PLAN {search}").fetchall()[0][3]


def test_a_number_that_the_database_does_not_have_is_found_nowhere(state: AppState) -> None:
    assert state.find("entries", "stars", 2**70) == {}
