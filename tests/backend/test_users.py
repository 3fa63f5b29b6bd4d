import hashlib
import hmac
import json
from itertools import islice

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from llmos.backend import users as users_module
from llmos.backend.asked import Asked
from llmos.backend.compile.cases import USERS, cases
from llmos.backend.compile.near import near
from llmos.backend.compile.prompt import Shown, describe, header
from llmos.backend.compile.routes import editions
from llmos.backend.compile.run import parameters
from llmos.backend.compile.sandbox import Sandbox
from llmos.backend.compile.source import parse_handler
from llmos.backend.compile.trial import Court
from llmos.backend.examples import EXAMPLE_USER, load_examples, run_examples
from llmos.backend.grammar import answer_schema
from llmos.backend.openapi import openapi
from llmos.backend.prompt import messages
from llmos.backend.request import Reader
from llmos.backend.routes import rules_of
from llmos.backend.scope import Scoped
from llmos.backend.users import Users
from llmos.backend.window import look
from llmos.backend.worked import worked_examples
from llmos.errors import UsageError
from llmos.state.database import open_database
from tests.backend.shared_app import SCHEMA, STATE, shared_app

LIST = {"status": 200, "body": {"list": "/todos"}}


@pytest.fixture
def db(tmp_path):
    db = open_database(tmp_path / "users.db")
    yield db
    db.close()


@pytest.fixture
def users(db):
    return Users(db, "shared")


def test_a_token_finds_its_user_and_no_other_token_does(users):
    ann, ben = users.add("ann"), users.add("ben")
    assert (users.find(ann), users.find(ben)) == ("ann", "ben")
    for wrong in ("", ann[:-1], f"{ann} ", ann.swapcase(), ann + ben, "ann", hashlib.sha256(ann.encode()).hexdigest()):
        assert users.find(wrong) is None


@pytest.mark.parametrize("token", ["é", "\udcff", "\0", "' OR 1=1 --", "%", "x" * 10**6])
def test_an_odd_token_is_nobodys(users, token):
    users.add("ann")
    assert users.find(token) is None


def test_a_token_of_another_app_is_nobodys_here(db, users):
    assert users.find(Users(db, "other").add("ann")) is None


def test_only_the_hash_of_a_token_is_stored(db, users):
    token = users.add("ann")
    [row] = db.execute("SELECT * FROM backend_users").fetchall()
    assert row[:3] == ("shared", "ann", hashlib.sha256(token.encode()).hexdigest())
    assert len(token) >= 43  # 256 bits


def test_hashes_are_compared_as_a_whole_and_in_constant_time(db, users, monkeypatch):
    token = users.add("ann")
    digest = hashlib.sha256(token.encode()).hexdigest()
    near = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    db.execute("INSERT INTO backend_users VALUES ('shared', 'near', ?, 0)", [near])
    compared = []

    class Watched:
        @staticmethod
        def compare_digest(one, other):
            compared.append((one, other))
            return hmac.compare_digest(one, other)

    monkeypatch.setattr(users_module, "hmac", Watched)
    assert users.find(token) == "ann"
    assert (digest, digest) in compared
    db.execute("DELETE FROM backend_users WHERE name = 'ann'")
    assert users.find(token) is None
    assert compared[-1] == (near, digest)


def test_a_removed_users_token_opens_nothing_and_the_name_can_have_another(users):
    old = users.add("ann")
    users.remove("ann")
    assert (users.find(old), users.list()) == (None, [])
    new = users.add("ann")
    assert (users.find(old), users.find(new)) == (None, "ann")


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "../ann", "-ann", "ann\n", "é", "x" * 65, "a/b"])
def test_a_name_is_short_and_plain(users, name):
    with pytest.raises(UsageError, match="cannot be a user's name"):
        users.add(name)


def test_a_name_is_taken_once(users):
    users.add("ann@example.net")
    with pytest.raises(UsageError, match="already"):
        users.add("ann@example.net")
    with pytest.raises(UsageError, match=r"it has: ann@example\.net"):
        users.remove("ben")


# examples, and requests that nobody sent


def with_example(folder, user=None):
    (folder / "examples").mkdir(exist_ok=True)
    request = {"method": "GET", "path": "/todos", **({"user": user} if user else {})}
    mine = [todo for todo in STATE["todos"].values() if todo["user"] == (user or EXAMPLE_USER)]
    example = {"name": "list", "state": STATE, "request": request, "expect": {"status": 200, "body": mine}}
    (folder / "examples" / f"{user}.json").write_text(json.dumps(example))


async def test_an_example_says_who_asks(tmp_path):
    for user in (None, "ann", "ben"):
        with_example(tmp_path, user)

    async def think(request):
        return json.dumps(LIST)

    results = await run_examples(shared_app(tmp_path), think)
    assert [result.differences for result in results] == [()] * 3


def made_up(shared, name, number=60):
    [route] = [route for route in rules_of(shared.app).routes if route.name == name]
    reader = Reader(shared.shapes, shared.state)
    return route, list(islice(cases(route, shared.shapes, reader, seed=1), number))


def test_made_up_requests_come_from_two_users_with_documents_of_both(shared):
    _, tried = made_up(shared, "GET /todos")
    assert {case.asked.user for case in tried} == set(USERS)
    assert {todo["user"] for case in tried for todo in case.state["todos"].values()} == set(USERS)


def test_near_an_example_others_ask_as_well(shared, tmp_path):
    with_example(tmp_path, "ben")
    tried = list(
        islice(
            near(load_examples(tmp_path), rules_of(shared.app), Reader(shared.shapes, shared.state), shared.shapes, 1),
            100,
        )
    )
    asking = [case.asked.user for case in tried]
    assert asking.count("ben") > asking.count("ann") > 0
    assert {case.state["todos"]["3"]["user"] for case in tried} == {"ann", "ben"}


def test_a_made_up_request_for_anothers_document_is_not_put_to_a_handler(shared):
    _, tried = made_up(shared, "DELETE /todos/{id}")
    court = Court(shared.app, shared.shapes, Sandbox())
    admitted = [case for case in tried if court.admits(case.state, case.asked)]
    assert 0 < len(admitted) < len(tried)
    for case in admitted:
        assert case.state["todos"][case.asked.match.parameters["id"]]["user"] == case.asked.user


def test_a_handler_on_trial_is_held_to_its_user(shared):
    _, tried = made_up(shared, "DELETE /todos")
    handler = parse_handler('def handle(user):\n    remove_all("todos")\n    return 204', ("user",), reading=False)
    sandbox = Sandbox()
    for case in tried[:20]:
        verdict = Court(shared.app, shared.shapes, sandbox).try_one(handler, case.state, case.asked)
        others = {key: todo for key, todo in case.state["todos"].items() if todo["user"] != case.asked.user}
        assert (verdict.error, verdict.status, verdict.state["todos"]) == ("", 204, others)
    sandbox.close()


# what is told


def test_who_asks_is_a_parameter_before_the_body(shared):
    by_name = {route.name: parameters(route) for route in rules_of(shared.app).routes}
    assert by_name["GET /todos"] == ("title", "user")
    assert by_name["PUT /todos/{id}"] == ("id", "user", "body")


def test_the_model_is_told_what_a_handler_must_know_of_users(shared, tmp_path):
    with_example(tmp_path, "ben")
    rules, examples = rules_of(shared.app), load_examples(tmp_path)
    told = describe(rules, rules.routes[0], shared.shapes, [Shown(example) for example in examples])
    assert "`user` is the name. Of `todos` all functions see only this user's documents" in told
    assert "Example: GET /todos by ben" in told
    assert header(rules.routes[0]) == "```python\ndef handle(title, user):\n"
    other = rules_of(shared_app(tmp_path, users=False))
    assert "user: " not in describe(other, other.routes[0], {}, [])


def test_a_handler_made_without_users_does_not_run_with_them(tmp_path):
    one, other = shared_app(tmp_path), shared_app(tmp_path, users=False)
    before, after = (editions(app, rules_of(app), []) for app in (other, one))
    assert before.keys() == after.keys()
    assert not before.items() & after.items()


def test_the_worked_examples_leave_the_user_to_code(shared):
    for route in rules_of(shared.app).routes:
        for example in worked_examples(route, shared.shapes):
            assert "user" not in json.dumps(example.answer)
            assert example.window.user is not None


def told(shared, user):
    rules = rules_of(shared_app(shared.app.folder, users=user is not None))
    match = rules.match("POST", "/notices")
    scope = Scoped(shared.state, {"notices": shared.shapes["notices"]}, user)
    shapes = {"notices": shared.shapes["notices"]}
    window = look(scope, shapes, Asked("/notices", match, {}, {"text": "Hi"}, (), "now", user=user))
    schema = answer_schema(match.route, window, shapes, shared.state.schema)
    return "\n".join(message.text for message in messages(rules, match.route, shapes, window)), json.dumps(schema)


def test_the_model_may_refer_to_who_asks_where_there_are_users(shared):
    prompt, schema = told(shared, "ann")
    assert "\nUser: ann\nRequest: POST /notices" in prompt
    assert '{"ref": "/user"}' in prompt and '"/user"' in schema
    prompt, schema = told(shared, None)
    assert "User: " not in prompt and "/user" not in prompt + schema


def test_the_document_says_that_a_token_is_needed(tmp_path):
    document = openapi(shared_app(tmp_path))
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert all("401" in operation["responses"] for operation in operations)
    sent = document["paths"]["/todos"]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert "user" not in document["components"]["schemas"][sent.rpartition("/")[2]]["properties"]
    assert openapi(shared_app(tmp_path, schema=_open(), users=False))["security"] == [{}, {"token": []}]


def _open():
    return {"type": "object", "properties": {"notices": SCHEMA["properties"]["notices"]}}
