"""What one user can change: a handler, the model, or somebody who means harm, may try."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from llmos.backend.proposal import Proposal
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.errors import PatchError, SchemaMismatch
from llmos.state.database import open_database
from llmos.state.store import AppState
from tests.backend.shared_app import BENS, SCHEMA, STATE, ids, said

REFUSED = {"status": 409, "error": "No."}

WRITES = [
    'update("todos", body["id"], {"title": "mine now"})',
    'put("todos", body["id"], {"title": "mine now"})',
    'remove("todos", body["id"])',
    'put("todos", "3", {"title": "mine now", "user": "ben"})',
]


@pytest.mark.parametrize("code", WRITES)
async def test_a_handler_cannot_change_anothers_document(make_shared, code):
    shared = make_shared(handlers={"POST /try": f"{code}\n    return 200, None"})
    shared.answers = [REFUSED]
    response = await shared.ask("ann", "POST", "/try", {"id": 3})
    assert (response.status, shared.state.get("")) == (409, STATE)
    assert shared.routes.uses["POST /try"].stumbles == 1


OWN = [
    'add("todos", {"title": "new", "user": "ben"})',
    'put("todos", 1, {"title": "new", "user": "ben"})',
    'put("todos", 7, {"title": "new", "user": "ben"})',
    'update("todos", 1, {"title": "new", "user": "ben"})',
]


@pytest.mark.parametrize("code", OWN)
async def test_a_handler_cannot_give_a_document_to_another(make_shared, code):
    shared = make_shared(handlers={"POST /try": f"t = {code}\n    return 200, t"})
    response = await shared.ask("ann", "POST", "/try", {})
    assert (response.status, said(response)["user"], said(response)["title"]) == (200, "ann", "new")
    stored = shared.state.get("/todos")
    assert [key for key, todo in stored.items() if todo["user"] == "ben"] == ["3"]
    assert shared.state.get(f"/todos/{said(response)['id']}") == said(response)


async def test_to_remove_all_is_to_remove_ones_own(make_shared):
    code = 'add("todos", {"title": "new"})\n    remove("todos", 1)\n    remove_all("todos")\n    return 204, None'
    shared = make_shared(handlers={"DELETE /todos": code, "GET /todos": 'return 200, get_all("todos")'})
    assert (await shared.ask("ann", "DELETE", "/todos")).status == 204
    assert shared.state.get("/todos") == {"3": BENS}
    assert (ids(await shared.ask("ann", "GET", "/todos")), ids(await shared.ask("ben", "GET", "/todos"))) == ([], [3])


async def test_after_all_is_removed_the_handler_sees_none(make_shared):
    code = (
        'remove_all("todos")\n    t = add("todos", {"title": "n"})\n    return 200, [count("todos"), get_all("todos")]'
    )
    shared = make_shared(handlers={"POST /try": code})
    mine = {"id": 4, "user": "ann", "title": "n", "done": False}
    assert said(await shared.ask("ann", "POST", "/try", {})) == [1, [mine]]
    assert shared.state.get("/todos") == {"3": BENS, "4": mine}


async def test_what_the_model_stores_is_the_users_whatever_it_and_the_client_say(shared):
    value = {"ref": "/body", "with": {"id": 4}}
    added = {"op": "add", "path": "/todos/4", "value": value}
    shared.answers = [{"status": 201, "patch": [added], "body": {"ref": "/todos/4"}}]
    response = await shared.ask("ann", "POST", "/todos", {"title": "new", "user": "ben", "id": 3})
    assert (response.status, said(response)) == (201, {"id": 4, "title": "new", "done": False, "user": "ann"})
    assert shared.state.get("/todos/3") == BENS
    [(_, told), _] = shared.journal
    assert (told["user"], told["patch"][0]["value"]["user"]) == ("ann", "ann")


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "remove", "path": "/todos/3"}],
        [{"op": "replace", "path": "/todos/3", "value": {"ref": "/body"}}],
        [{"op": "add", "path": "/todos/3/title", "value": "mine now"}],
        [{"op": "replace", "path": "/todos", "value": {}}],
        [{"op": "add", "path": "/todos/1/user", "value": "ben"}],
        [{"op": "copy", "from": "/todos/3/title", "path": "/todos/1/title"}],
    ],
)
async def test_the_model_cannot_change_anothers_document(shared, patch):
    answer = {"status": 200, "patch": patch, "body": {}}
    shared.answers = [answer, answer]
    response = await shared.ask("ann", "POST", "/try", {"title": "mine now", "todo_id": 3, "todo": 1})
    assert (response.status, shared.state.get("")) == (502, STATE)


class Evil:
    """Handlers that propose what nothing has checked."""

    def __init__(self, patch):
        self.patch, self.errors = patch, []

    def propose(self, asked):
        return Proposal(200, self.patch, lambda: "done", 1, "evil")

    def stumbled(self, asked, error):
        self.errors.append(error)

    def interpreted(self, asked):
        pass


MINE = {"id": 9, "user": "ann", "title": "t"}


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "remove", "path": "/todos/3"}],
        [{"op": "add", "path": "/todos/3", "value": {**MINE, "id": 3}}],
        [{"op": "replace", "path": "/todos/3/title", "value": "t"}],
        [{"op": "test", "path": "/todos/3/title", "value": "Ben's secret"}],
        [
            {"op": "copy", "from": "/todos/3", "path": "/todos/9"},
            {"op": "add", "path": "/todos/9/user", "value": "ann"},
        ],
        [{"op": "copy", "from": "/todos/3/title", "path": "/motto"}],
        [{"op": "move", "from": "/todos/3", "path": "/todos/9"}],
        [{"op": "move", "from": "/todos/1", "path": "/todos/3"}],
        [{"op": "copy", "from": "/todos", "path": "/notices"}],
        [{"op": "replace", "path": "/todos", "value": {}}],
        [{"op": "remove", "path": "/todos"}],
        [{"op": "replace", "path": "", "value": {"todos": {}, "notices": {}, "motto": ""}}],
        [{"op": "replace", "path": "/todos/1/user", "value": "ben"}],
        [{"op": "remove", "path": "/todos/1/user"}],
        [{"op": "add", "path": "/todos/9", "value": MINE}, {"op": "replace", "path": "/todos/9/user", "value": "ben"}],
        [{"op": "replace", "path": "/todos/~03", "value": MINE}, {"op": "remove", "path": "/todos/3"}],
    ],
    ids=str,
)
async def test_the_commit_refuses_what_touches_anothers_document(make_shared, patch):
    evil = Evil(patch)
    shared = make_shared(routes=evil)
    shared.answers = [REFUSED]
    response = await shared.ask("ann", "POST", "/try", {})
    assert (response.status, len(evil.errors), shared.state.get(""), shared.state.version) == (409, 1, STATE, 1)
    assert shared.state.log(1)[0].cause == {}


async def test_the_commit_takes_a_patch_of_ones_own(make_shared):
    shared = make_shared(routes=Evil([{"op": "move", "from": "/todos/1", "path": "/todos/9"}]))
    assert (await shared.ask("ann", "POST", "/try", {})).status == 200
    assert shared.state.get("/todos").keys() == {"2", "3", "9"}


POINTERS = """
/todos /todos/1 /todos/3 /todos/4 /todos/1/user /todos/3/user /todos/4/user /todos/1/title /todos/3/title
/todos/- /todos/~13 /notices /notices/1 /motto
"""
pointers = some.sampled_from(["", *POINTERS.split()])
values = some.sampled_from(
    [
        None,
        "ann",
        "ben",
        {},
        {"id": 4, "title": "x"},
        {"id": 4, "title": "x", "user": "ben"},
        STATE["todos"]["1"],
        STATE,
    ]
)
operations = some.fixed_dictionaries(
    {"op": some.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": pointers},
    optional={"value": values, "from": pointers},
)


@settings(max_examples=400, deadline=None)
@given(some.lists(operations, min_size=1, max_size=5))
def test_no_patch_of_ann_changes_or_makes_what_is_bens(patch):
    db = open_database(Path(":memory:"))
    state = AppState(db, "shared", SCHEMA)
    state.commit([{"op": "add", "path": f"/{name}", "value": part} for name, part in STATE.items()], cause={})
    scope = Scoped(state, {name: Shape(name, state.schema) for name in state.schema.collections}, "ann")
    try:
        with db.atomic():
            stamped = scope.stamped(patch)
            with scope.guarded(stamped):
                state.commit(stamped, cause={})
    except (PatchError, SchemaMismatch):
        assert state.get("") == STATE
    bens = {key: todo for key, todo in state.get("/todos").items() if todo["user"] != "ann"}
    db.close()
    assert bens == {"3": BENS}
