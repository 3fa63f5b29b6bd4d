from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from llmos.backend.compile.view import View
from llmos.backend.scope import Scoped
from llmos.errors import HandlerError
from llmos.state.database import open_database
from llmos.state.store import AppState
from tests.backend.compile.test_view import NOW, shapes_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([1.0, 0.0, 2.5]) | st.sampled_from(["", "1", "x"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b/c", "~"]), inner, max_size=2),
    max_leaves=4,
)
FIELDS = st.dictionaries(st.sampled_from(["id", "a", "b/c", "~d", "url"]), JSON, max_size=3)
NAMES = st.sampled_from(["loose", "open"])
IDS = st.sampled_from([1, 2, 3, 4, "1", "x", "a/b", "~", "²"])
OPERATIONS = st.one_of(
    st.tuples(st.just("add"), NAMES, FIELDS),
    st.tuples(st.just("put"), NAMES, IDS, FIELDS),
    st.tuples(st.just("update"), NAMES, IDS, FIELDS),
    st.tuples(st.just("remove"), NAMES, IDS),
    st.tuples(st.just("remove_all"), NAMES),
    st.tuples(st.just("set_value"), st.sampled_from(["motto", "limit"]), JSON),
)
OPEN = {
    "type": "object",
    "properties": {
        "loose": {"type": "object", "additionalProperties": {}},
        "open": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "id": {},
                    "url": {"readOnly": True, "format": "uri"},
                    "updated": {"format": "date-time"},
                    "a": {"default": 1},
                },
            },
        },
        "motto": {"default": "Hello"},
        "limit": {},
    },
}


def told(view, state):
    """Everything that a handler can read of this view."""
    read = {name: view.get_all(name) for name in state.schema.collections}
    read |= {f"{name} count": view.count(name) for name in state.schema.collections}
    read |= {f"{name} {id}": view.get(name, id) for name in state.schema.collections for id in [1, 2, "x", "a/b", "²"]}
    read |= {
        f"{name} {field} {value!r}": view.find(name, field, value)
        for name in state.schema.collections
        for field in ("a", "b/c")
        for value in (1, True, None, "1", 0, [], {})
    }
    read |= {name: view.value(name) for name in ("motto", "limit")}
    return repr(read)


@settings(max_examples=60, deadline=None)
@given(st.lists(OPERATIONS, max_size=4), st.lists(OPERATIONS, min_size=1, max_size=5))
def test_the_patch_leads_to_exactly_the_state_that_the_view_shows(before, operations):
    def started():
        state = AppState(open_database(Path(":memory:")), "app", OPEN)
        view = View(Scoped(state, shapes_of(state), None), shapes_of(state), "2020-01-01T00:00:00Z")
        for name, *arguments in before:
            attempt(view, name, arguments)
        state.commit(view.patch, cause={})
        return state

    def attempt(view, name, arguments):
        try:
            getattr(view, name)(*arguments)
        except HandlerError as error:
            assert "There is no" in str(error)  # noqa: PT017 - what is not there cannot be changed

    state = started()
    view = View(Scoped(state, shapes_of(state), None), shapes_of(state), NOW, "http://host")
    for name, *arguments in operations:
        attempt(view, name, arguments)
        after = started()
        after.commit(view.patch, cause={})
        assert told(view, state) == told(
            View(Scoped(after, shapes_of(after), None), shapes_of(after), NOW, "http://host"), after
        )
        after.db.close()
    state.db.close()
