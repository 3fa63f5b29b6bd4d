import json

import pytest

from llmos.backend.compile.routes import HOT, LAST, MAX_STUMBLES
from tests.backend.compile.compiled import SCHEMA, Compiled
from tests.backend.compile.test_sandbox import kill_workers

ADD = 'return 201, add("notes", body)'
READ = 'return 200, get("notes", id)'
SIGNED = {
    "status": 201,
    "patch": [{"op": "add", "path": "/notes/1", "value": {"ref": "/body", "with": {"id": 1}}}],
    "body": {"ref": "/notes/1"},
}


def body_of(response):
    return json.loads(response.body)


async def test_a_handler_answers_and_the_model_is_not_asked(compiled):
    handler = compiled.handle("POST /notes", ADD)
    compiled.handle("GET /notes/{id}", READ)
    response = await compiled.ask("POST", "/notes", {"title": "tea"})
    stored = {"id": 1, "title": "tea", "done": False}
    assert (response.status, body_of(response), response.version) == (201, stored, 1)
    assert response.headers["Location"] == "/notes/1"
    assert body_of(await compiled.ask("GET", "/notes/1")) == stored
    assert compiled.asked == []
    assert compiled.routes.uses["POST /notes"].hits == compiled.routes.uses["GET /notes/{id}"].hits == 1
    assert {data["by"] for kind, data in compiled.journal if kind == "http.answer"} == {handler.digest}


async def test_a_refusal_of_a_handler_is_a_problem_document_and_changes_nothing(compiled):
    compiled.handle("POST /notes", 'add("notes", body)\nreturn 422, {"error": "No more notes."}')
    response = await compiled.ask("POST", "/notes", {"title": "tea"})
    assert (response.status, body_of(response)["detail"], compiled.state.version) == (422, "No more notes.", 0)
    assert compiled.asked == []


async def test_what_code_refuses_reaches_no_handler(compiled):
    compiled.handle("POST /notes", ADD)
    compiled.handle("GET /notes/{id}", READ)
    assert (await compiled.ask("POST", "/notes", {})).status == 422
    assert (await compiled.ask("GET", "/notes/9")).status == 404
    assert compiled.routes.uses["POST /notes"].hits == compiled.routes.uses["GET /notes/{id}"].hits == 0


BAD = {
    "raises": 'add("notes", body)\nraise ValueError("no")',
    "answers a status that the rule does not name": 'add("notes", body)\nreturn 200, None',
    "answers nonsense": 'add("notes", body)\nreturn "stored"',
    "answers what is no JSON": 'add("notes", body)\nreturn 201, {1, 2}',
    "breaks the schema": 'add("notes", {**body, "stars": 99})\nreturn 201, None',
    "breaks the schema late": 'add("notes", body)\nadd("notes", {"title": ""})\nreturn 201, None',
    "breaks an invariant": 'add("notes", {**body, "stars": 4})\nreturn 201, None',
    "changes what is not there": 'add("notes", body)\nupdate("notes", 99, {})\nreturn 201, None',
    "makes no patch that applies": 'put("notes", "-", body)\nreturn 201, None',
    "never ends": 'add("notes", body)\nwhile True:\n    pass',
    "takes too much": 'add("notes", body)\nreturn 201, "a" * 10**9',
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
async def test_what_a_bad_handler_says_is_not_used_and_the_model_answers(make_compiled, body):
    compiled = make_compiled(invariants={"always": ["notes.stars != 4"]})
    compiled.handle("POST /notes", body)
    compiled.answers = [SIGNED]
    response = await compiled.ask("POST", "/notes", {"title": "tea"})
    assert (response.status, body_of(response)["title"], compiled.state.version) == (201, "tea", 1)
    assert compiled.state.get("/notes") == {"1": body_of(response)}
    assert len(compiled.asked) == 1
    assert [(kind, data.get("by", "model")) for kind, data in compiled.journal] == [
        ("state.commit", "model"),
        ("http.answer", "model"),
    ]
    assert (compiled.routes.uses["POST /notes"].stumbles, compiled.routes.uses["POST /notes"].interpreted) == (1, 1)


async def test_a_handler_that_stumbles_too_often_is_demoted(compiled):
    compiled.handle("GET /notes/{id}", 'return 200, get("notes", id)["stars"]')
    compiled.note()
    for number in range(1, MAX_STUMBLES + 2):
        compiled.note(title=f"tea {number}")  # or the answer would be kept
        compiled.answers = [{"status": 200, "body": {"ref": "/notes/1"}}]
        assert body_of(await compiled.ask("GET", "/notes/1"))["title"] == f"tea {number}"
    assert compiled.routes.uses["GET /notes/{id}"].stumbles == MAX_STUMBLES
    [entry] = compiled.shelf.entries()
    assert (entry.standing, "KeyError" in entry.reason) == ("demoted", True)
    assert len(compiled.asked) == MAX_STUMBLES + 1


async def test_a_handler_that_stumbles_seldom_stays(compiled):
    compiled.handle("GET /notes/{id}", 'return 200, get("notes", id)["stars"]')
    compiled.note(stars=1)
    for number in range(MAX_STUMBLES + 1):
        for _ in range(LAST):
            compiled.routes.propose(compiled.asked_of("GET /notes/{id}", id="1"))
        compiled.routes.stumbled(compiled.asked_of("GET /notes/{id}", id="1"), f"stumble {number}")
    assert compiled.shelf.entries()[0].standing == "live"


async def test_a_handler_that_was_good_for_long_is_demoted_all_the_same(compiled):
    compiled.handle("GET /notes/{id}", 'return 200, get("notes", id)["stars"]')
    compiled.note(stars=1)
    asked = compiled.asked_of("GET /notes/{id}", id="1")
    for _ in range(10 * LAST):
        compiled.routes.propose(asked)
    for _ in range(MAX_STUMBLES):
        compiled.routes.stumbled(asked, "KeyError")
    assert compiled.shelf.entries()[0].standing == "demoted"


@pytest.mark.parametrize(
    "body", [{"title": "tea", "colour": "red"}, {"title": "tea", "stars": 3, "_x": None, "__class__": 1}]
)
async def test_fields_that_the_schema_does_not_know_are_the_models_and_demote_nobody(compiled, body):
    compiled.handle("POST /notes", ADD)
    for key in range(1, 2 * MAX_STUMBLES):
        document = {"ref": "/body", "with": {"id": key}}
        added = {"op": "add", "path": f"/notes/{key}", "value": document}
        compiled.answers = [{"status": 201, "patch": [added], "body": {"ref": f"/notes/{key}"}}]
        assert (await compiled.ask("POST", "/notes", body)).status == 201
    assert compiled.routes.uses["POST /notes"].stumbles == 0
    assert compiled.shelf.entries()[0].standing == "live"


@pytest.mark.parametrize("value", [2**63 - 1, "\\", '"', "'", "%", "🦙", "x" * 500])
async def test_no_value_that_a_client_sends_makes_a_search_stumble(make_compiled, value):
    compiled = make_compiled(schema=json.loads(json.dumps(SCHEMA).replace('"maximum": 5', '"title": "Stars"')))
    search = 'find("notes", "stars", body.get("stars")) + find("notes", "title", body["title"])'
    compiled.handle("POST /notes", f"return 201, {search}")
    sent = {"title": value} if isinstance(value, str) else {"title": "tea", "stars": value}
    response = await compiled.ask("POST", "/notes", sent)
    assert (response.status, body_of(response), compiled.asked) == (201, [], [])


@pytest.mark.parametrize("value", [2**63, 10**400, 1e300])
async def test_a_number_that_cannot_be_searched_for_is_refused_before_anybody_searches(make_compiled, value):
    compiled = make_compiled(schema=json.loads(json.dumps(SCHEMA).replace('"maximum": 5', '"title": "Stars"')))
    compiled.handle("POST /notes", 'return 201, find("notes", "stars", body["stars"])')
    response = await compiled.ask("POST", "/notes", {"title": "tea", "stars": value})
    assert (response.status, "64 bits" in str(body_of(response)), compiled.asked) == (422, True, [])


async def test_a_crash_of_the_interpreter_between_requests_is_not_noticed(compiled):
    compiled.handle("POST /notes", ADD)
    for key in (1, 2):
        assert body_of(await compiled.ask("POST", "/notes", {"title": "tea"}))["id"] == key
        assert kill_workers() == 1
    assert compiled.routes.uses["POST /notes"].stumbles == 0


async def test_a_key_of_a_client_gives_the_same_answer_and_does_nothing_twice(compiled):
    compiled.handle("POST /notes", ADD)
    key = {"headers": {"idempotency-key": "k"}}
    first, again = [await compiled.ask("POST", "/notes", {"title": "tea"}, **key) for _ in range(2)]
    assert (first.status, first.body, dict(first.headers)) == (again.status, again.body, dict(again.headers))
    assert compiled.state.count("notes") == 1
    assert (await compiled.ask("POST", "/notes", {"title": "other"}, **key)).status == 422
    assert (await compiled.ask("POST", "/notes", {"title": "tea"})).status == 201
    assert (compiled.state.count("notes"), compiled.asked) == (2, [])


async def test_an_answer_of_the_model_after_a_stumble_is_kept_under_the_key(compiled):
    compiled.handle("POST /notes", BAD["raises"])
    compiled.answers = [SIGNED]
    key = {"headers": {"idempotency-key": "k"}}
    first, again = [await compiled.ask("POST", "/notes", {"title": "tea"}, **key) for _ in range(2)]
    assert (first.status, first.body, len(compiled.asked)) == (201, again.body, 1)


async def test_a_change_of_an_outdated_state_is_refused(compiled):
    compiled.handle("POST /notes", ADD)
    compiled.handle("GET /notes/{id}", READ)
    compiled.note()
    etag = (await compiled.ask("GET", "/notes/1")).headers["ETag"]
    assert (await compiled.ask("GET", "/notes/1", headers={"if-none-match": etag})).status == 304
    assert (await compiled.ask("POST", "/notes", {"title": "a"}, headers={"if-match": etag})).status == 201
    assert (await compiled.ask("POST", "/notes", {"title": "b"}, headers={"if-match": etag})).status == 412
    assert (await compiled.ask("POST", "/notes", {"title": "c"}, headers={"if-match": "*"})).status == 201
    changed = await compiled.ask("GET", "/notes/1", headers={"if-none-match": etag})
    assert (changed.status, changed.headers["ETag"] != etag) == (200, True)
    assert (compiled.state.count("notes"), compiled.asked) == (3, [])


async def test_a_commit_and_its_events_are_one_transaction(compiled):
    compiled.handle("POST /notes", ADD)
    kept = compiled.journal.append
    seen = []

    def fail(kind, data):
        assert compiled.db.conn.in_transaction
        seen.append(kind)
        if kind == "http.answer":
            raise RuntimeError("the journal failed")
        kept((kind, data))

    backend = type(compiled.backend)(
        compiled.app, compiled.state, compiled.think, fail, compiled.transaction, compiled.routes
    )
    compiled.backend = backend
    with pytest.raises(RuntimeError, match="the journal failed"):
        await compiled.ask("POST", "/notes", {"title": "tea"})
    assert seen == ["state.commit", "http.answer"]
    assert (compiled.state.version, compiled.state.get("/notes")) == (0, {})


async def test_the_journal_tells_what_a_handler_changed_and_why(compiled):
    handler = compiled.handle("POST /notes", ADD)
    await compiled.ask("POST", "/notes", {"title": "tea"})
    (first, commit), (second, answer) = compiled.journal
    assert (first, second) == ("state.commit", "http.answer")
    assert commit["patch"] == compiled.state.log()[0].patch
    assert (commit["version"], commit["method"], commit["path"]) == (1, "POST", "/notes")
    assert (answer["by"], answer["body"], answer["on"], answer["status"]) == (handler.digest, {"title": "tea"}, 0, 201)


async def test_a_read_by_a_handler_is_kept_until_the_state_changes(compiled):
    compiled.handle("GET /notes/{id}", READ)
    compiled.note()
    for _ in range(3):
        await compiled.ask("GET", "/notes/1")
    assert compiled.routes.uses["GET /notes/{id}"].hits == 1
    compiled.note(title="plum")
    assert body_of(await compiled.ask("GET", "/notes/1"))["title"] == "plum"
    head = await compiled.ask("HEAD", "/notes/1")
    assert (head.status, head.body) == (200, b"")


async def test_a_route_that_is_asked_for_again_and_again_is_told_of(compiled):
    compiled.note()
    for number in range(HOT + 1):
        compiled.note(title=f"tea {number}")
        compiled.answers = [{"status": 200, "body": {"ref": "/notes/1"}}]
        await compiled.ask("GET", "/notes/1")
        assert len(compiled.hot) == max(0, number + 2 - HOT)
    assert {route.name for route in compiled.hot} == {"GET /notes/{id}"}


async def test_a_handler_from_before_a_restart_answers(compiled, tmp_path):
    compiled.handle("POST /notes", ADD)
    compiled.db.close()
    again = Compiled(tmp_path, attested=compiled.attested)
    assert (await again.ask("POST", "/notes", {"title": "tea"})).status == 201
    assert again.asked == []
    again.close()
