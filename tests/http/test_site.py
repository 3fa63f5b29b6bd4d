import asyncio
import json
import socket

LIST = {"status": 200, "body": {"ref": "/entries"}}


async def test_the_front_end_comes_with_a_policy_that_lets_nothing_else_in(world):
    site = await world.serve()
    home = await site.get("/")
    assert home.status_code == 200
    assert "default-src 'self'" in home.headers["content-security-policy"]
    assert home.headers["x-content-type-options"] == "nosniff"
    assert "Guestbook" in home.text


async def test_health_tells_the_version(world, signed):
    site = await world.serve()
    world.script.say(signed(1))
    assert (await site.get("/health")).json()["version"] == 0
    await site.post("/entries", json={"name": "Ada"})
    assert (await site.get("/health")).json() == {"app": "guestbook", "version": 1, "status": "ok"}


async def test_a_read_of_the_same_version_is_answered_without_the_model(world, signed):
    site = await world.serve()
    world.script.say(signed(1), LIST)
    await site.post("/entries", json={"name": "Ada"})
    first, again = await site.get("/entries"), await site.get("/entries")
    assert first.json() == again.json()
    assert len(world.script.requests) == 2


async def test_a_form_without_script_gets_the_page_back(world, signed):
    site = await world.serve()
    world.script.say(signed(1))
    answer = await site.post("/entries", data={"name": "Ada", "stars": "5"}, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    stored = (await world.api.get("/state/guestbook", params={"pointer": "/entries/1"})).json()["value"]
    assert (stored["name"], stored["stars"]) == ("Ada", 5)


async def test_commits_are_followed_as_they_happen(world, signed):
    site = await world.serve()
    world.script.say(signed(1))
    async with site.stream("GET", "/events") as events:
        await site.post("/entries", json={"name": "Ada"})
        async for line in events.aiter_lines():
            if line.startswith("data:"):
                assert json.loads(line[5:])["version"] == 1
                return


async def test_a_huge_body_is_refused_before_it_is_read(world):
    site = await world.serve()

    async def endless():
        for _ in range(1000):
            yield b"x" * 65536

    answer = await site.post("/entries", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert world.script.requests == []


async def test_writes_at_once_are_all_kept(world, signed):
    site = await world.serve()
    world.script.say(*[signed(key) for key in range(1, 9)])
    answers = await asyncio.gather(*[site.post("/entries", json={"name": f"n{n}"}) for n in range(8)])
    assert [answer.status_code for answer in answers] == [201] * 8
    state = (await world.api.get("/state/guestbook")).json()
    assert (state["version"], len(state["value"]["entries"])) == (8, 8)


async def test_an_open_site_is_open_again_after_a_restart_with_its_state(world, signed):
    site = await world.serve()
    world.script.say(signed(1), LIST)
    await site.post("/entries", json={"name": "Ada"})
    await world.boot()
    entries = (await site.get("/entries")).json()
    assert [entry["name"] for entry in (entries.values() if isinstance(entries, dict) else entries)] == ["Ada"]


async def test_a_closed_site_stays_closed(world):
    await world.serve()
    await world.api.delete("/sites/guestbook")
    await world.boot()
    assert (await world.api.get("/status")).json()["sites"] == []


async def test_a_site_that_cannot_move_stays_where_it_is(world):
    site = await world.serve()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = await world.api.post("/sites", json={"app": "guestbook", "port": port})
    assert refused.status_code == 409
    assert (await site.get("/health")).status_code == 200


async def test_a_site_is_served_anew_at_the_same_place(world):
    site = await world.serve()
    again = await world.api.post("/sites", json={"app": "guestbook", "port": site.base_url.port})
    assert again.status_code == 200
    assert (await site.get("/health")).status_code == 200
    assert len((await world.api.get("/status")).json()["sites"]) == 1
