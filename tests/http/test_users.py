"""Users of a served app, over real sockets."""

import asyncio
import hashlib
import json
import os

import httpx2
import pytest
from click.testing import CliRunner

from llmos.cli import main
from llmos.http.address import Address, announce
from llmos.http.commits import Commits
from tests.backend.shared_app import STATE, shared_app
from tests.http.served_shared import LIST, add, added, by, install


@pytest.fixture
async def site(world):
    install(world.home)
    return await world.serve("shared")


@pytest.fixture
async def ann(world, site):
    return by(await add(world, "ann"))


@pytest.fixture
async def ben(world, site):
    return by(await add(world, "ben"))


async def test_the_rules_answer_users_and_each_of_them_what_is_theirs(world, site, ann, ben):
    world.script.say(LIST, LIST)
    mine, bens = await site.get("/todos", headers=ann), await site.get("/todos", headers=ben)
    assert [[todo["id"] for todo in answer.json()] for answer in (mine, bens)] == [[1, 2], [3]]
    assert (await site.get("/todos/3", headers=ann)).status_code == 404
    assert mine.headers["vary"] == "Authorization"


async def test_without_a_token_nothing_is_answered_and_what_is_open_stays_open(world, site):
    for method, path in (("GET", "/todos"), ("DELETE", "/todos"), ("GET", "/nothing"), ("GET", "/events")):
        refused = await site.request(method, path)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert refused.headers["content-type"] == "application/problem+json"
    for path in ("/", "/health", "/docs", "/docs/docs.js", "/openapi.json"):
        assert (await site.get(path)).status_code == 200
    assert world.script.requests == []


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "Bearer",
        "Bearer ,",
        "{token}",
        "Basic {token}",
        "Bearer {token},",
        "Bearer {token}x",
        "Bearer  {token}",
        "Bearer \t{token}",
        "Bearer {token},Bearer {token}",
        "Bearer {digest}",
        "Bearer ann",
        "Bearer é",
        "Bearer " + "x" * 20_000,
    ],
)
async def test_an_odd_token_opens_nothing(world, site, sent):
    token = await add(world, "ann")
    digest = hashlib.sha256(token.encode()).hexdigest()
    sent = sent.replace("{token}", token).replace("{digest}", digest)
    assert (await site.get("/todos/1", headers={"authorization": sent.encode()})).status_code == 401


async def test_two_tokens_at_once_open_nothing(world, site, ann, ben):
    for both in ([ann, ben], [ben, ann], [ann, ann]):
        headers = [("Authorization", one["Authorization"]) for one in both]
        assert (await site.get("/todos/1", headers=headers)).status_code == 401


async def test_a_token_opens_its_own_app_only_and_until_its_user_is_removed(world, site, ann):
    install(world.home, "other")
    other = by(await add(world, "ann", "other"))
    assert (await site.get("/todos/9", headers=other)).status_code == 401
    assert (await site.get("/todos/9", headers=ann)).status_code == 404
    assert (await world.api.delete("/users/shared", params={"name": "ann"})).status_code == 200
    assert (await site.get("/todos/9", headers=ann)).status_code == 401


async def test_a_token_is_written_down_nowhere(world, site):
    token = await add(world, "ann")
    await site.get("/todos/9", headers=by(token))
    await world.shutdown()
    holding = [path for path in world.home.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
    assert holding == []


async def test_who_was_added_and_removed_is_in_the_journal(world, site):
    await add(world, "ann")
    await world.api.delete("/users/shared", params={"name": "ann"})
    told = [(event.kind, event.data) for event in world.kernel.journal.events() if event.kind.startswith("user.")]
    who = {"app": "shared", "user": "ann"}
    assert told == [("user.added", who), ("user.removed", who)]


async def test_an_app_without_users_has_none_to_list(world):
    refused = await world.api.get("/users/guestbook")
    assert refused.status_code == 400
    assert "users = true" in refused.json()["detail"]


# beyond loopback


async def beyond_loopback(world):
    opened = (await world.api.post("/sites", json={"app": "shared", "host": "0.0.0.0", "port": 0})).json()
    port = opened["url"].rstrip("/").rpartition(":")[2]
    return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60), by(opened["token"])


async def test_beyond_loopback_a_users_token_is_let_in_and_the_operators_is_no_users(world, site, ann):
    there, operator = await beyond_loopback(world)
    assert (await there.get("/todos/9", headers=ann)).status_code == 404
    assert (await there.get("/", headers=ann)).status_code == 200
    for path in ("/", "/health", "/todos/9"):
        assert (await there.get(path)).status_code == 401
        assert (await there.get(path, headers=by("made-up"))).status_code == 401
    assert (await there.get("/health", headers=operator)).status_code == 200
    assert (await there.get("/todos/9", headers=operator)).status_code == 401
    assert (await there.get("/metrics", headers=operator)).status_code == 200
    assert (await there.get("/metrics", headers=ann)).status_code == 401


async def test_the_limit_is_each_users(world):
    install(world.home, more="requests_per_minute = 2\n")
    site = await world.serve("shared")
    ann, ben = by(await add(world, "ann")), by(await add(world, "ben"))
    for _ in range(2):
        assert (await site.get("/todos/9", headers=ann)).status_code == 404
    assert (await site.get("/todos/9", headers=ann)).status_code == 429
    assert (await site.get("/todos/9", headers=ben)).status_code == 404


async def test_a_page_of_another_site_can_read_why_it_was_refused_and_asks_first_without_a_token(world):
    install(world.home, more='cors = ["https://shop.example"]\n')
    site = await world.serve("shared")
    cross = {"Origin": "https://shop.example"}
    refused = await site.get("/todos", headers=cross)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://shop.example")
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "Authorization"}
    assert (await site.options("/todos", headers=cross | asked)).status_code == 200


# events


async def heard(site, headers, happen):
    """What /events tells a user while `happen` goes on, which ends with a notice of theirs that says "end"."""
    told = []
    async with site.stream("GET", "/events", headers=headers) as events:
        assert events.status_code == 200
        happening = asyncio.create_task(happen())
        async for line in events.aiter_lines():
            if line.startswith("data:"):
                told.append(json.loads(line[5:]))
                if "end" in line:
                    break
        await happening
    return told


async def test_events_tell_a_user_nothing_of_what_is_anothers(world, site, ann, ben):
    async def happen():
        world.script.say(added(4), added(5), added(2, "notices"), added(3, "notices"))
        await site.post("/todos", json={"title": "Ben's other secret"}, headers=ben)
        await site.post("/todos", json={"title": "my own"}, headers=ann)
        await site.post("/notices", json={"text": "Hi", "author": "b"}, headers=ben)
        await site.post("/notices", json={"text": "end"}, headers=ann)

    own, shared, end = await heard(site, ann, happen)
    assert (own["version"], own["path"], own["user"]) == (3, "/todos", "ann")
    notice = {"id": 2, "text": "Hi", "author": "b"}
    assert shared == {"version": 4, "patch": [{"op": "add", "path": "/notices/2", "value": notice}]}
    assert end["version"] == 5


async def test_events_tell_that_the_operator_changed_something_and_not_whose(world, site, ann):
    async def happen():
        moved = {"todos": {"3": {**STATE["todos"]["3"], "title": "hush"}}}
        await world.api.post("/state/shared/import", json={"text": json.dumps(moved)})
        world.script.say(added(2, "notices"))
        await site.post("/notices", json={"text": "end"}, headers=ann)

    assert (await heard(site, ann, happen))[0] == {"version": 2, "patch": []}


async def test_events_end_for_a_user_who_was_removed(world, site, ann, ben):
    async with site.stream("GET", "/events", headers=ann) as events:
        await world.api.delete("/users/shared", params={"name": "ann"})
        world.script.say(added(2, "notices"))
        await site.post("/notices", json={"text": "Hi"}, headers=ben)
        assert [line async for line in events.aiter_lines() if line.startswith("data:")] == []


@pytest.mark.parametrize("path", ["", "/todos", "/todos/3", "/todos/3/title"])
def test_a_part_of_a_patch_that_comes_from_what_is_private_is_not_told(tmp_path, path):
    commit = {"version": 2, "patch": [{"op": "copy", "from": path, "path": "/motto"}], "user": "ben", "path": "/try"}
    assert Commits(shared_app(tmp_path)).told(commit, "ann") is None
    assert Commits(shared_app(tmp_path)).told(commit, "ben") == commit


# the command line


@pytest.fixture
def llmos(world):
    announce(world.home, Address(world.control.url, "t", os.getpid()))

    async def run(*arguments):
        environment = {"LLMOS_HOME": str(world.home)}
        return await asyncio.to_thread(CliRunner().invoke, main, ["backend", "users", *arguments], env=environment)

    return run


async def test_users_are_added_listed_and_removed_from_the_command_line(world, site, llmos):
    assert (await llmos("shared")).output.startswith("there are no users")
    token = (await llmos("shared", "--add", "ann@example.net")).output.split()[-1]
    assert (await site.get("/todos/9", headers=by(token))).status_code == 404
    listed = await llmos("shared")
    assert "ann@example.net" in listed.output and token not in listed.output
    assert json.loads((await llmos("shared", "--json")).output)[0].keys() == {"name", "created"}
    assert (await llmos("shared", "--add", "ann@example.net")).exit_code == 1
    assert (await llmos("shared", "--remove", "ann@example.net")).exit_code == 0
    assert (await site.get("/todos/9", headers=by(token))).status_code == 401


async def test_what_cannot_be_a_user_is_said(site, llmos):
    assert (await llmos("shared", "--add", "a", "--remove", "b")).exit_code == 2
    for wrong in (["shared", "--add", ""], ["shared", "--add", "a b"], ["shared", "--remove", "../x"], ["guestbook"]):
        refused = await llmos(*wrong)
        assert (refused.exit_code, refused.output[:7]) == (1, "llmos: ")
