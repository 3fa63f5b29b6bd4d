import copy
from pathlib import Path

import pytest

from llmos.backend.compile import view as module
from llmos.backend.compile.source import READS, WRITES
from llmos.backend.compile.view import View
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.errors import HandlerError
from llmos.state.database import open_database
from llmos.state.store import AppState

NOW = "2026-03-04T05:06:07Z"
TEXT = {"type": "string"}
SCHEMA = {
    "type": "object",
    "properties": {
        "notes": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "url": {"type": "string", "format": "uri", "readOnly": True},
                    "created": {"type": "string", "format": "date-time"},
                    "updated_at": {"type": "string", "format": "date-time"},
                    "title": TEXT,
                    "stars": {"type": "integer"},
                    "done": {"type": "boolean", "default": False},
                    "tags": {"type": "array"},
                },
            },
        },
        "keys": {
            "type": "object",
            "additionalProperties": {"properties": {"id": {"type": "string", "format": "uuid"}}},
        },
        "loose": {"type": "object", "additionalProperties": {}},
        "motto": {"default": "Hello"},
        "limit": {"type": "integer"},
    },
}


def world(**stored):
    state = AppState(open_database(Path(":memory:")), "app", SCHEMA)
    state.commit([{"op": "add", "path": f"/{name}", "value": value} for name, value in stored.items()], cause={})
    return state


def shapes_of(state):
    return {name: Shape(name, state.schema) for name in state.schema.collections}


def view_of(state):
    return View(Scoped(state, shapes_of(state), None), shapes_of(state), NOW, "http://host")


def note(key, **fields):
    return {"id": key, "title": "tea", "done": False} | fields


def shown(key, **fields):
    return note(key, url=f"http://host/notes/{key}") | fields


def committed(state, view):
    state.commit(view.patch, cause={})
    return state


def test_a_read_sees_earlier_changes():
    view = view_of(world(notes={"1": note(1), "2": note(2)}))
    view.update("notes", 1, {"title": "plum"})
    view.remove("notes", 2)
    added = view.add("notes", {"title": "new"})
    assert view.get("notes", 1)["title"] == "plum"
    assert view.get("notes", 2) is None
    assert view.get("notes", added["id"]) == added
    assert [found["id"] for found in view.get_all("notes")] == [1, 3]
    assert [found["id"] for found in view.find("notes", "title", "plum")] == [1]
    assert view.find("notes", "title", "tea") == []
    assert view.count("notes") == 2


def test_nothing_is_stored_until_the_patch_is_committed():
    state = world(notes={"1": note(1)})
    before = copy.deepcopy(state.get(""))
    view = view_of(state)
    view.update("notes", 1, {"title": "plum"})
    view.add("notes", {})
    view.remove_all("notes")
    view.set_value("motto", "Bye")
    assert state.get("") == before


def test_adding_twice_gives_two_ids():
    view = view_of(world(notes={"7": note(7)}))
    assert [view.add("notes", {})["id"] for _ in range(3)] == [8, 9, 10]
    view.put("notes", 20, {})
    assert view.add("notes", {})["id"] == 21


def test_an_id_is_not_used_again_after_a_removal():
    view = view_of(world())
    view.remove("notes", view.add("notes", {})["id"])
    assert view.add("notes", {})["id"] == 2


@pytest.mark.parametrize("key", ["²", "x", "9" * 30, "1.5", "٣"])
def test_a_key_that_is_no_number_is_passed_by_when_ids_are_made(key):
    view = view_of(world())
    view.put("loose", key, {"a": 1})
    view.add("loose", {"b": 2})
    assert set(committed(world(), view).get("/loose")) == {key, "1"}


@pytest.mark.parametrize("change", [lambda v: v.update("notes", 9, {"title": "x"}), lambda v: v.remove("notes", 9)])
def test_what_is_not_there_can_be_neither_changed_nor_removed(change):
    view = view_of(world(notes={"1": note(1)}))
    with pytest.raises(HandlerError, match="There is no /notes/9"):
        change(view)
    view.remove("notes", 1)
    with pytest.raises(HandlerError, match="There is no /notes/1 to"):
        view.remove("notes", 1)
    assert [operation["op"] for operation in view.patch] == ["remove"]


def test_everything_can_be_removed_and_added_to_again():
    view = view_of(world(notes={"1": note(1), "2": note(2)}))
    view.add("notes", {})
    view.remove_all("notes")
    assert (view.count("notes"), view.get_all("notes"), view.get("notes", 1)) == (0, [], None)
    added = view.add("notes", {"title": "again"})
    assert added["id"] == 4
    state = committed(world(notes={"1": note(1), "2": note(2)}), view)
    assert list(state.get("/notes")) == ["4"]


FOUND = {
    "1": note(1, stars=1, done=True),
    "2": note(2, stars=0, title="1"),
    "3": note(3, title=None, tags=["1"]),
    "4": note(4, tags=[]),
    "5": note(5, title='["1"]', stars=10**30),
    "6": note(6, stars=2**63),
}


@pytest.mark.parametrize("overlay", [False, True])
@pytest.mark.parametrize(
    ("field", "value", "ids"),
    [
        ("stars", 1, [1]),
        ("stars", "1", [1]),
        ("stars", 1.0, [1]),
        ("stars", 0, [2]),
        ("stars", None, [3, 4]),
        ("stars", 10**30, [5]),
        ("stars", 2**63, [6]),
        ("stars", -(2**70), []),
        ("done", True, [1]),
        ("done", "true", [1]),
        ("done", False, [2, 3, 4, 5, 6]),
        ("title", "1", [2]),
        ("title", None, [3]),
        ("title", '["1"]', [5]),
        ("title", "\0", []),
        ("tags", ["1"], [3]),
        ("tags", [], [4]),
        ("tags", '["1"]', []),
        ("tags", None, [1, 2, 5, 6]),
        ("id", 4, [4]),
        ("id", "4", [4]),
        ("created", None, [1, 2, 3, 4, 5, 6]),
        ("other", "x", []),
        ('a"b', "x", []),
        ("a\\b", None, [1, 2, 3, 4, 5, 6]),
        ("", None, [1, 2, 3, 4, 5, 6]),
        ("it's", "x", []),
    ],
)
def test_documents_are_found_by_a_field(overlay, field, value, ids):
    schema = copy.deepcopy(SCHEMA)
    schema["properties"]["notes"]["additionalProperties"]["properties"]["title"] = {}
    state = AppState(open_database(Path(":memory:")), "app", schema)
    state.commit([{"op": "add", "path": "/notes", "value": FOUND}], cause={})
    view = view_of(state)
    if overlay:
        view.remove_all("notes")
        for key, fields in FOUND.items():
            view.put("notes", key, fields)
    if overlay and field == "created":
        ids = []  # by now they have one
    assert [found["id"] for found in view.find("notes", field, value)] == ids


def test_find_sees_a_document_that_no_longer_fits_or_fits_now():
    view = view_of(world(notes={"1": note(1, stars=1), "2": note(2, stars=2)}))
    view.update("notes", 1, {"stars": 2})
    view.update("notes", 2, {"stars": 3})
    assert [found["id"] for found in view.find("notes", "stars", 2)] == [1]


def test_a_url_is_made_and_never_stored():
    view = view_of(world(notes={"1": note(1)}))
    assert view.get("notes", 1)["url"] == "http://host/notes/1"
    added = view.add("notes", {"title": "a", "url": "http://evil"})
    assert added["url"] == "http://host/notes/2"
    assert view.put("notes", "3", added)["url"] == "http://host/notes/3"
    assert view.update("notes", 1, {"url": "http://evil"})["url"] == "http://host/notes/1"
    assert view.find("notes", "id", 1)[0]["url"] == view.get_all("notes")[0]["url"] == "http://host/notes/1"
    assert "url" not in str(view.patch)


def test_times_and_ids_are_set_by_the_app():
    stored = note(1, created="2020-01-01T00:00:00Z", updated_at="2020-01-01T00:00:00Z")
    view = view_of(world(notes={"1": stored}))
    sent = {"id": 99, "created": "never", "updated_at": "never", "title": "x"}
    added = view.add("notes", sent)
    assert (added["id"], added["created"], added["updated_at"]) == (2, NOW, NOW)
    changed = view.update("notes", 1, sent)
    assert (changed["id"], changed["created"], changed["updated_at"]) == (1, stored["created"], NOW)
    assert view.now() == NOW


def test_defaults_are_filled_in_and_loose_documents_are_left_alone():
    view = view_of(world())
    assert view.add("notes", {"title": "a"})["done"] is False
    assert view.add("notes", {"done": True})["done"] is True
    assert view.add("loose", {"any": [1, {"b": None}]}) == {"any": [1, {"b": None}]}


@pytest.mark.parametrize("id", [1, "1", 1.0])
def test_an_id_is_one_however_it_is_written(id):
    view = view_of(world(notes={"1": note(1)}))
    assert view.get("notes", id) == shown(1)
    assert view.update("notes", id, {"title": "x"})["title"] == "x"
    assert view.put("notes", id, {})["id"] == 1
    view.remove("notes", id)
    assert view.count("notes") == 0


@pytest.mark.parametrize("id", [None, True, "", "-", "a/b", "~", 1.5, [1], {"a": 1}, -1, "01"])
def test_an_id_of_nothing_finds_nothing(id):
    assert view_of(world(notes={"1": note(1)})).get("notes", id) is None


def test_a_uuid_is_made_where_the_schema_has_one():
    view = view_of(world())
    one, other = view.add("keys", {}), view.add("keys", {})
    assert len(one["id"]) == 36
    assert one != other
    assert committed(world(), view).get("/keys") == {one["id"]: one, other["id"]: other}


def test_values_are_read_and_set():
    view = view_of(world())
    assert (view.value("motto"), view.value("limit")) == ("Hello", None)
    view.set_value("limit", 3)
    view.set_value("motto", None)
    assert (view.value("motto"), view.value("limit")) == (None, 3)
    assert committed(world(), view).get("/limit") == 3


@pytest.mark.parametrize("name", ["notes", "other", ""])
def test_what_is_no_value_is_neither_read_nor_set(name):
    view = view_of(world())
    with pytest.raises(HandlerError, match="no value"):
        view.value(name)
    with pytest.raises(HandlerError, match="no value"):
        view.set_value(name, 1)


@pytest.mark.parametrize("name", ["motto", "other", "", "notes/1"])
def test_what_is_no_collection_cannot_be_used(name):
    view = view_of(world())
    calls = [view.get_all, view.count, view.remove_all, lambda n: view.get(n, 1), lambda n: view.add(n, {})]
    calls += [lambda n: view.find(n, "a", 1), lambda n: view.put(n, 1, {}), lambda n: view.remove(n, 1)]
    for use in [*calls, lambda n: view.update(n, 1, {})]:
        with pytest.raises(HandlerError, match="no collection"):
            use(name)
    assert view.patch == []


def test_a_reading_handler_is_given_no_writing_functions():
    view = view_of(world())
    assert view.functions(reading=True).keys() == READS
    assert view.functions(reading=False).keys() == READS | WRITES


def test_there_is_an_end_to_changes(monkeypatch):
    monkeypatch.setattr(module, "MAX_CHANGES", 3)
    view = view_of(world())
    for _ in range(3):
        view.add("notes", {})
    with pytest.raises(HandlerError, match="more than 3 changes"):
        view.add("notes", {})


@pytest.mark.parametrize("value", [{1}, float("nan"), float("inf"), object(), b"x", {"a": {2}}])
def test_what_cannot_be_stored_is_refused_at_once(value):
    view = view_of(world(notes={"1": note(1)}))
    for change in (
        lambda: view.add("notes", {"title": value}),
        lambda: view.put("notes", 1, {"title": value}),
        lambda: view.update("notes", 1, {"title": value}),
        lambda: view.set_value("motto", value),
    ):
        with pytest.raises(HandlerError, match="cannot be stored"):
            change()
    assert view.patch == []


def test_a_document_that_was_told_is_a_copy():
    view = view_of(world(loose={"1": {"a": [1]}}))
    told = view.add("loose", {"a": 1})
    told["a"] = 2
    view.get("loose", 1)["b"] = 1
    assert view.get("loose", 2) == {"a": 1}
    assert view.get("loose", 1) == {"a": [1]}


@pytest.mark.parametrize(
    ("before", "after"), [(1, True), (True, 1), (1, 1.0), (0, False), ([1], [True]), ({"a": 0}, {"a": 0.0})]
)
def test_a_value_that_only_python_takes_for_the_same_is_a_change(before, after):
    view = view_of(world(loose={"1": {"a": before}}))
    assert repr(view.update("loose", 1, {"a": after})) == repr({"a": after})
    assert repr(committed(world(loose={"1": {"a": before}}), view).get("/loose/1")) == repr({"a": after})


def test_a_change_to_the_same_value_is_none():
    view = view_of(world(loose={"1": {"a": [1, {"b": None}]}}))
    view.update("loose", 1, {"a": [1, {"b": None}]})
    assert view.patch == []
