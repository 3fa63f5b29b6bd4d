"""Routes of an app with users, compiled: the evidence is of several users, and the handler answers each of them."""

import json

from tests.backend.shared_app import STATE
from tests.http.served_shared import LIST, add, by, install

EXAMPLE = {"name": "list", "state": STATE, "request": {"method": "GET", "path": "/todos", "user": "ben"}}


async def test_a_handler_answers_each_user_what_is_theirs_as_the_model_did(world):
    install(world.home)
    examples = world.home / "apps" / "shared" / "examples"
    examples.mkdir()
    bens = [STATE["todos"]["3"]]
    (examples / "list.json").write_text(json.dumps({**EXAMPLE, "expect": {"status": 200, "body": bens}}))
    site = await world.serve("shared")
    ann, ben = by(await add(world, "ann")), by(await add(world, "ben"))
    world.script.say(LIST, LIST)
    before = [(await site.get("/todos", headers=who)).json() for who in (ann, ben)]
    world.script.follow = lambda request: '    return 200, get_all("todos")\n'
    entry = (await world.api.post("/backend/shared/compile", json={"route": "GET /todos"})).json()
    assert (entry["standing"], entry["reason"], entry["evidence"]["journaled"]) == ("live", "", 2)
    assert entry["source"].startswith("def handle(title, user):")
    num_asked = len(world.script.requests)
    again = [(await site.get("/todos", headers=who, params={"fresh": "1"})).json() for who in (ann, ben)]
    assert again == before
    assert [[todo["user"] for todo in todos] for todos in again] == [["ann", "ann"], ["ben"]]
    assert len(world.script.requests) == num_asked
