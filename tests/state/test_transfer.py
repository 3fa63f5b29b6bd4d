import json

import pytest

from llmos.errors import StateError
from llmos.state.transfer import exported, import_patch


def put(state, text, format="json", collection=None, *, replace=False):
    text = text if isinstance(text, str) else json.dumps(text)
    patch = import_patch(state, text, format, collection, replace=replace)
    return state.commit(patch, state.version, cause={}) if patch else None


@pytest.fixture
def filled(state):
    put(state, {"entries": {"1": {"name": "Ada"}, "2": {"name": "Bo", "stars": 4}}, "title": "Old", "motto": "M"})
    return state


def test_a_state_is_the_same_after_export_and_import(filled):
    text = exported(filled, "json", None)
    before = filled.get("")
    put(filled, {"entries": {}, "title": "New"}, replace=True)
    put(filled, text, replace=True)
    assert filled.get("") == before


def test_a_collection_goes_through_csv_unchanged(filled):
    before = filled.get("")
    text = exported(filled, "csv", "entries")
    put(filled, {}, collection="entries", replace=True)
    assert filled.get("/entries") == {}
    put(filled, text, "csv", "entries")
    assert filled.get("") == before


def test_without_replace_what_the_file_does_not_hold_stays(filled):
    put(filled, {"entries": {"2": {"name": "Bea"}, "5": {"name": "Cy"}}})
    assert {key: entry["name"] for key, entry in filled.get("/entries").items()} == {"1": "Ada", "2": "Bea", "5": "Cy"}
    assert (filled.get("/title"), filled.get("/motto")) == ("Old", "M")


def test_with_replace_it_goes_and_values_go_back_to_their_defaults(filled):
    put(filled, {"entries": {"2": {"name": "Bea"}}}, replace=True)
    assert filled.get("") == {"entries": {"2": {"name": "Bea"}}, "anything": {}, "title": "Guests"}


def test_with_replace_one_collection_leaves_the_others(filled):
    put(filled, {"x": {"name": "X"}}, collection="entries", replace=True)
    assert filled.get("/entries") == {"x": {"name": "X"}}
    assert filled.get("/title") == "Old"


def test_an_import_is_one_commit_that_can_be_undone(filled):
    before = filled.get("")
    commit = put(filled, {"entries": {"1": {"name": "New"}, "9": {"name": "Cy"}}, "title": "T"}, replace=True)
    assert commit.version == filled.version == 2
    filled.undo(2)
    assert filled.get("") == before


def test_what_is_the_same_is_no_commit(filled):
    assert put(filled, exported(filled, "json", None), replace=True) is None
    assert put(filled, exported(filled, "csv", "entries"), "csv", "entries", replace=True) is None


def test_one_is_not_true(filled):
    put(filled, {"anything": {"a": {"b": 1}}})
    assert put(filled, {"anything": {"a": {"b": True}}}) is not None
    assert filled.get("/anything/a/b") is True


def test_a_list_of_documents_takes_their_ids_or_the_next(filled):
    put(filled, [{"name": "Cy"}, {"name": "Di"}], collection="entries")
    assert list(filled.get("/entries")) == ["1", "2", "3", "4"]
    put(filled, [{"id": "k", "n": 1}], collection="anything")
    assert filled.get("/anything/k/n") == 1


@pytest.mark.parametrize(
    ("text", "collection", "said"),
    [
        ('{\n "entries": {,}\n}', None, "Line 2, column 14 is not JSON"),
        ("[]", None, "object of collections and values"),
        ('{"nope": 1}', None, "has no 'nope'; it has: entries, anything, title, motto"),
        ('{"entries": {"7": {"name": "x", "stars": 9}}}', None, "/entries/7/stars: 9 is greater"),
        ('{"title": 5}', None, "/title: 5 is not of type 'string'"),
        ('{"entries": 5}', None, "/entries is a collection"),
        ("{}", "nope", "no collection 'nope'"),
        ('[{"name": "x"}, {"name": 5}]', "entries", "Item 2: .*/entries/4/name: 5 is not"),
        ('{"a": 1, "a": 2}', "entries", "member 'a' twice"),
        ('{"entries": {"7": {"name": "x", "stars": NaN}}}', None, "holds NaN"),
        ("[" * 100_000, None, "nested too deeply"),
        ('{"entries": {"": {"name": "x"}}}', None, "needs an id"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_changes(filled, text, collection, said):
    before = filled.get("")
    with pytest.raises(StateError, match=said):
        put(filled, text, collection=collection, replace=True)
    assert (filled.get(""), filled.version) == (before, 1)


def test_csv_of_several_collections_asks_for_one(filled):
    with pytest.raises(StateError, match="--collection: entries, anything"):
        exported(filled, "csv", None)
    with pytest.raises(StateError, match="--collection: entries, anything"):
        put(filled, "name\nAda\n", "csv")
