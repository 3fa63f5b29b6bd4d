"""What is private stays private, whoever answers: a handler, the model, or somebody who means harm."""

import pytest

from llmos.backend.asked import Asked
from llmos.backend.backend import Backend
from llmos.backend.references import reader, resolve
from llmos.backend.routes import rules_of
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.backend.window import look
from llmos.errors import AnswerError, AppError, StateError
from llmos.state.schema import StateSchema
from llmos.state.store import AppState
from tests.backend.shared_app import PROMPT, STATE, collection, ids, said, shared_app

REFUSED = {"status": 409, "error": "No."}
LIST = {"status": 200, "body": {"list": "/todos"}}


# what is read


@pytest.mark.parametrize("method", ["GET", "HEAD", "PATCH", "DELETE", "PUT"])
async def test_anothers_id_in_the_path_is_404_before_anybody_thinks(shared, method):
    body = {"title": "mine now"} if method in ("PATCH", "PUT") else None
    theirs = await shared.ask("ann", method, "/todos/3", body)
    assert theirs.status == 404
    assert (shared.asked, shared.state.get("")) == ([], STATE)


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_anothers_document_is_told_as_one_that_never_was(shared, method):
    body = {"title": "mine now"} if method == "PATCH" else None
    theirs, nobodys = [await shared.ask("ann", method, f"/todos/{key}", body) for key in (3, 9)]
    assert theirs.body.replace(b"/3", b"/9") == nobodys.body
    assert {**theirs.headers} == {**nobodys.headers}


async def test_the_model_sees_who_asks_and_nothing_of_anothers(shared):
    shared.answers = [LIST, LIST]
    mine = await shared.ask("ann", "GET", "/todos")
    bens = await shared.ask("ben", "GET", "/todos")
    assert (ids(mine), ids(bens)) == ([1, 2], [3])
    for request, user, count in zip(shared.asked, ("ann", "ben"), (2, 1), strict=True):
        shown = request.messages[-1].text
        assert f"User: {user}" in shown.splitlines()
        assert f"/todos: {count} stored" in shown
    assert "secret" not in str(shared.asked[0].messages)
    assert "milk" not in str(shared.asked[1].messages)


async def test_a_body_that_names_anothers_document_shows_the_model_none(shared):
    shared.answers = [REFUSED]
    await shared.ask("ann", "POST", "/try", {"todo_id": 3})
    assert "/todos/3: not stored" in shared.asked[0].messages[-1].text
    assert "secret" not in str(shared.asked[0].messages)


@pytest.mark.parametrize("reference", ["/todos/3", "/todos/3/title", "/todos/3/user", "/todos/~03"])
async def test_a_reference_to_anothers_document_leads_nowhere(shared, reference):
    scope = Scoped(shared.state, shared.shapes, "ann")
    with pytest.raises(StateError):
        scope.get(reference)
    answer = {"status": 200, "body": {"ref": reference}}
    shared.answers = [answer, answer]
    response = await shared.ask("ann", "POST", "/try", {})
    assert (response.status, b"secret" in response.body) == (502, False)


def test_what_the_state_holds_as_a_whole_is_ones_own(shared):
    match = rules_of(shared.app).match("GET", "/notices")
    scope = Scoped(shared.state, shared.shapes, "ann")
    asked = Asked("/notices", match, {}, {}, (), "2026-01-02T03:04:05Z", user="ann")
    read = reader(look(scope, shared.shapes, asked), shared.shapes, scope.get)
    mine = {key: todo for key, todo in STATE["todos"].items() if todo["user"] == "ann"}
    assert resolve({"ref": ""}, read) == {**STATE, "todos": mine}
    assert resolve({"ref": "/todos"}, read) == mine
    assert resolve({"list": "/todos", "where": {"user": "ben"}}, read) == []
    assert resolve({"ref": "/user"}, read) == "ann"
    with pytest.raises(AnswerError):
        resolve({"ref": "/todos/3"}, read)


def test_nobody_has_no_documents(shared):
    scope = Scoped(shared.state, shared.shapes, None)
    assert (scope.page("todos", -1), scope.count("todos"), scope.document("todos", "3")) == ({}, 0, None)


READS = {
    'return 200, get("todos", body["id"])': None,
    'return 200, [t["id"] for t in get_all("todos")]': [1, 2],
    'return 200, find("todos", "title", "Ben\'s secret")': [],
    'return 200, find("todos", "user", "ben")': [],
    'return 200, [t["id"] for t in find("todos", "user", "ann")]': [1, 2],
    'return 200, count("todos")': 2,
    "return 200, user": "ann",
}


@pytest.mark.parametrize("code", READS)
async def test_a_handler_that_looks_for_anothers_document_finds_none(make_shared, code):
    shared = make_shared(handlers={"POST /try": code})
    for key in (3, "3"):
        response = await shared.ask("ann", "POST", "/try", {"id": key})
        assert (response.status, said(response), shared.asked) == (200, READS[code], [])


async def test_a_handler_is_told_who_asks_and_not_by_the_body(make_shared):
    shared = make_shared(handlers={"POST /notices": 'return 201, add("notices", {**body, "author": user})'})
    response = await shared.ask("ann", "POST", "/notices", {"text": "Hi", "author": "ben"})
    assert (response.status, said(response)["author"]) == (201, "ann")


# what is kept for later


async def test_what_one_user_read_is_never_given_to_another(shared):
    shared.answers = [LIST, LIST]
    mine, bens, again = [await shared.ask(user, "GET", "/todos") for user in ("ann", "ben", "ann")]
    assert (ids(mine), ids(bens), again) == ([1, 2], [3], mine)
    assert len(shared.asked) == 2
    assert mine.headers["Vary"] == "Authorization"


async def test_an_etag_is_one_users(shared):
    shared.answers = [LIST, LIST]
    mine = await shared.ask("ann", "GET", "/todos")
    tag = mine.headers["ETag"]
    assert (await shared.ask("ann", "GET", "/todos", headers={"if-none-match": tag})).status == 304
    bens = await shared.ask("ben", "GET", "/todos", headers={"if-none-match": tag})
    assert (bens.status, ids(bens), bens.headers["ETag"] == tag) == (200, [3], False)
    refused = await shared.ask("ben", "DELETE", "/todos/3", headers={"if-match": tag})
    assert (refused.status, shared.state.version) == (412, 1)


async def test_an_idempotency_key_is_one_users(make_shared):
    shared = make_shared(handlers={"POST /todos": 'return 201, add("todos", body)'})
    key = {"idempotency-key": "k"}
    mine, bens, again = [
        await shared.ask(user, "POST", "/todos", {"title": "same"}, headers=key) for user in ("ann", "ben", "ann")
    ]
    assert [said(response)["user"] for response in (mine, bens)] == ["ann", "ben"]
    assert (again.body, len(shared.state.get("/todos"))) == (mine.body, 5)
    other = await shared.ask("ben", "POST", "/todos", {"title": "other"}, headers=key)
    assert other.status == 422


async def test_a_request_of_nobody_is_refused_by_the_backend_itself(shared):
    for method, path in (("GET", "/todos"), ("POST", "/todos"), ("OPTIONS", "/todos"), ("GET", "/nothing")):
        response = await shared.ask(None, method, path)
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert shared.asked == []


# what an app must say


def test_a_private_collection_needs_users(make_shared, tmp_path):
    shared = make_shared()

    def served(app):
        state = AppState(shared.db, "shared", app.state_schema)
        return Backend(app, state, shared.think, shared.record, shared.transaction)

    with pytest.raises(AppError, match="users = true"):
        served(shared_app(tmp_path, users=False))
    schema = {"type": "object", "properties": {"todos": collection([], user={"type": "integer", "readOnly": True})}}
    with pytest.raises(AppError, match="type string"):
        served(shared_app(tmp_path, schema=schema))
    with pytest.raises(AppError, match="who asks"):
        served(shared_app(tmp_path, schema={"type": "object", "properties": {"user": {"type": "string"}}}))
    for address in ("/users/{user}", "/todos?user"):
        with pytest.raises(AppError, match="who asks"):
            served(shared_app(tmp_path, prompt=f"An app.\n\n## GET {address}\nAnswer 200."))


def test_read_only_counts_beside_a_reference():
    document = {"type": "object", "properties": {"user": {"$ref": "#/$defs/name", "readOnly": True}}}
    schema = {
        "type": "object",
        "properties": {"todos": {"type": "object", "additionalProperties": document}},
        "$defs": {"name": {"type": "string"}},
    }
    shape = Shape("todos", StateSchema(schema))
    assert (shape.is_private, shape.settable({"user": "ben"})) == (True, {})
    assert not Shape("todos", StateSchema(schema), {"properties": {"user": {"type": "string"}}}).is_private


def test_the_rules_of_an_app_with_users_say_so(tmp_path):
    assert all(route.user for route in rules_of(shared_app(tmp_path)).routes)
    assert not any(route.user for route in rules_of(shared_app(tmp_path, PROMPT, users=False)).routes)
