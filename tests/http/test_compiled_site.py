"""A site whose routes are compiled: over real sockets, the handlers in a real sandbox, the model scripted."""

import asyncio
import json
import shutil

import pytest

from llmos import paths

HANDLERS = {
    "GET /todos": '    return 200, get_all("todos")\n',
    "POST /todos": '    return 201, add("todos", body)\n',
    "DELETE /todos": '    remove_all("todos")\n    return 204, None\n',
    "GET /todos/{id}": '    return 200, get("todos", id)\n',
    "PATCH /todos/{id}": '    return 200, update("todos", id, body)\n',
    "DELETE /todos/{id}": '    remove("todos", id)\n    return 204, None\n',
}


def write(request):
    """What a model writes that is asked for a handler of a route."""
    told = request.messages[-2].text
    route = next(line for line in told.splitlines() if line.startswith("Rule of ")).removeprefix("Rule of ")
    return HANDLERS[route.partition(":")[0]]


@pytest.fixture
async def compiled(world):
    world.script.follow = write
    for route in HANDLERS:
        entry = (await world.api.post("/backend/todo/compile", json={"route": route})).json()
        assert (entry["standing"], entry["reason"]) == ("live", "")
    world.script.requests.clear()
    return world


async def live(site):
    """Create, list, change, remove; returns what was listed in between."""
    first = await site.post("/todos", json={"title": "buy milk", "order": 4})
    assert (first.status_code, first.json()["completed"]) == (201, False)
    url = first.json()["url"]
    assert (await site.get(url)).json() == first.json()
    changed = await site.patch(url, json={"completed": True})
    assert changed.json() == first.json() | {"completed": True}
    listed = (await site.get("/todos")).json()
    assert (await site.delete(url)).status_code == 204
    assert (await site.get(url)).status_code == 404
    return listed


async def test_compiled_routes_answer_without_the_model(compiled):
    site = await compiled.serve("todo")
    [todo] = await live(site)
    assert todo["url"].startswith(str(site.base_url))
    assert compiled.script.requests == []
    rows = {row["route"]: row for row in (await compiled.api.get("/backend/todo/routes")).json()}
    assert all(row["running"] for row in rows.values())
    assert (rows["POST /todos"]["hits"], rows["POST /todos"]["interpreted"]) == (1, 0)
    assert rows["PATCH /todos/{id}"]["evidence"]["agreed"] == 2


async def test_handlers_are_there_after_a_restart(compiled):
    await compiled.boot()
    await live(await compiled.serve("todo"))
    assert compiled.script.requests == []


async def test_a_handler_that_was_changed_on_the_disk_does_not_run(compiled):
    evil = "def handle():\n    return (200, [])"
    where = "WHERE route = 'GET /todos'"
    compiled.kernel.db.execute(f"UPDATE backend_handlers SET source = ? {where}", [evil])
    await compiled.boot()
    [row] = [row for row in (await compiled.api.get("/backend/todo/routes")).json() if row["route"] == "GET /todos"]
    assert not row["running"]


async def test_a_rule_that_changes_sends_its_route_back_to_the_model_and_no_other(compiled):
    mine = compiled.home / "apps" / "todo"
    shutil.copytree(paths.bundle_root() / "apps" / "todo", mine)
    prompt = (mine / "prompt.md").read_text()
    (mine / "prompt.md").write_text(prompt.replace("the list of all todos", "the list of all todos, the newest first"))
    rows = (await compiled.api.get("/backend/todo/routes")).json()
    assert [row["route"] for row in rows if not row["running"]] == ["GET /todos"]


async def test_a_route_that_is_asked_for_again_is_compiled_once_its_visitors_have_gone(world):
    world.sites.workshop._idle_seconds = 0.05
    site = await world.serve("todo")
    world.script.follow = lambda request: (
        write(request) if "def handle" in request.messages[-1].text else json.dumps({"status": 201, **added(request)})
    )
    for _ in range(2):
        assert (await site.post("/todos", json={"title": "buy milk"})).status_code == 201
    for _ in range(200):
        rows = (await world.api.get("/backend/todo/routes")).json()
        if [row["route"] for row in rows if row["running"]] == ["POST /todos"]:
            break
        await asyncio.sleep(0.05)
    asked = len(world.script.requests)
    third = await site.post("/todos", json={"title": "drink it"})
    assert (third.status_code, third.json()["id"], len(world.script.requests)) == (201, 3, asked)
    [row] = [row for row in rows if row["route"] == "POST /todos"]
    assert row["evidence"]["journaled"] == 2


def added(request):
    key = int(request.messages[-1].text.partition("next id ")[2].split()[0])
    document = {"ref": "/body", "with": {"id": key}}
    return {
        "patch": [{"op": "add", "path": f"/todos/{key}", "value": document}],
        "body": {"ref": f"/todos/{key}"},
    }


async def test_a_dispute_is_settled_by_an_example(world):
    """Two ways to list todos agree on the examples, which have one order; a person says which is meant."""
    shutil.copytree(paths.bundle_root() / "apps" / "todo", world.home / "apps" / "todo")
    ways = [
        '    return 200, get_all("todos")\n',
        '    return 200, sorted(get_all("todos"), key=lambda t: t["completed"])\n',
    ]

    def take_turns(request):
        return ways.pop() if ways else "    return nothing\n"

    world.script.follow = take_turns
    entry = (await world.api.post("/backend/todo/compile", json={"route": "GET /todos"})).json()
    assert entry["standing"] == "disputed"
    [dispute] = entry["evidence"]["disputes"]
    assert dispute["request"]["path"] == "/todos"
    bodies = [answer["body"] for answer in dispute["answers"]]
    by_id = 1 + [[todo["id"] for todo in body] for body in bodies].index(sorted(todo["id"] for todo in bodies[0]))
    world.script.follow = write
    settled = await world.api.post("/backend/todo/settle", json={"route": "GET /todos", "choice": by_id})
    assert settled.json()["standing"] == "live"
    assert "sorted" not in settled.json()["source"]
    assert (
        json.loads((world.home / "apps/todo/examples/settled-1.json").read_text())["expect"]["body"]
        == bodies[by_id - 1]
    )


async def test_what_cannot_be_compiled_says_why(world):
    for body, sentence in (
        ({"route": "GET /nothing"}, "todo has no route 'GET /nothing'"),
        ({"route": "GET /nothing", "choice": 1}, "todo has no route 'GET /nothing'"),
    ):
        path = "settle" if "choice" in body else "compile"
        refused = await world.api.post(f"/backend/todo/{path}", json=body)
        assert (refused.status_code, sentence in refused.text) == (400, True)
    assert "is not a backend" in (await world.api.get("/backend/assistant/routes")).text
