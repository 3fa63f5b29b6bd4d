"""Many clients at once at compiled backends: nothing is lost, nothing is done twice, and nothing goes wrong."""

import asyncio
import random

import httpx2
import pytest

from tests.http.compiled import serve_compiled, state_of


@pytest.fixture
async def bank(world):
    """Ten accounts of 100 each."""
    site = await serve_compiled(world, "bank")
    for number in range(10):
        assert (await site.post("/accounts", json={"owner": f"o{number}", "balance": 100})).status_code == 201
    return site


@pytest.fixture
async def todo(world):
    return await serve_compiled(world, "todo")


def crowd(site):
    """A client that opens as many connections as it has requests."""
    limits = httpx2.Limits(max_connections=64)
    return httpx2.AsyncClient(base_url=site.base_url, trust_env=False, timeout=60, limits=limits)


async def test_two_hundred_transfers_at_once_make_and_lose_no_money(world, bank):
    chance = random.Random(4)
    moves = [(*chance.sample(range(1, 11), 2), chance.randint(1, 60)) for _ in range(200)]
    async with crowd(bank) as clients:
        asked = [clients.post("/transfers", json={"from": a, "to": b, "amount": n}) for a, b, n in moves]
        statuses = [answer.status_code for answer in await asyncio.gather(*asked)]
    assert set(statuses) == {201, 409}
    state = await state_of(world, "bank")
    balances = {account["id"]: account["balance"] for account in state["accounts"].values()}
    assert sum(balances.values()) == 1000
    done = [(t["from"], t["to"], t["amount"]) for t in state["transfers"].values()]
    assert sorted(done) == sorted(move for move, status in zip(moves, statuses, strict=True) if status == 201)
    for id, balance in balances.items():
        assert balance == 100 - sum(n for a, _, n in done if a == id) + sum(n for _, b, n in done if b == id) >= 0
    assert world.script.requests == []


async def test_one_transfer_sent_twenty_times_at_once_is_made_once(world, bank):
    sent = {"json": {"from": 1, "to": 2, "amount": 60}, "headers": {"Idempotency-Key": "rent"}}
    async with crowd(bank) as clients:
        answers = await asyncio.gather(*[clients.post("/transfers", **sent) for _ in range(20)])
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    accounts = (await state_of(world, "bank"))["accounts"]
    assert (accounts["1"]["balance"], accounts["2"]["balance"]) == (40, 160)


async def test_changes_of_different_fields_at_once_are_all_kept(world, todo):
    for _ in range(20):
        await todo.post("/todos", json={"title": "old"})
    changes = [{"title": "new"}, {"completed": True}, {"order": 7}]
    async with crowd(todo) as clients:
        asked = [clients.patch(f"/todos/{id}", json=change) for id in range(1, 21) for change in changes]
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
    todos = (await state_of(world, "todo"))["todos"].values()
    assert {(todo["title"], todo["completed"], todo["order"]) for todo in todos} == {("new", True, 7)}


async def test_of_writers_that_read_the_same_version_one_wins(world, todo):
    made = await todo.post("/todos", json={"title": "old"})
    sent = {"If-Match": made.headers["etag"]}
    async with crowd(todo) as clients:
        asked = [clients.patch("/todos/1", json={"title": f"by {n}"}, headers=sent) for n in range(8)]
        answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]
    [winner] = [answer.json()["title"] for answer in answers if answer.status_code == 200]
    assert (await state_of(world, "todo"))["todos"]["1"]["title"] == winner


async def test_a_hundred_documents_made_at_once_have_a_hundred_ids(world, todo):
    async with crowd(todo) as clients:
        made = await asyncio.gather(*[clients.post("/todos", json={"title": f"t{n}"}) for n in range(100)])
    assert sorted(answer.json()["id"] for answer in made) == list(range(1, 101))
    assert len((await state_of(world, "todo"))["todos"]) == 100
