"""An app's state over the API: its parts, pages of documents, and what each commit changed."""


async def sign(world, site, signed, name):
    world.script.say(signed(1))
    assert (await site.post("/entries", json={"name": name})).status_code == 201


async def test_states_are_listed_with_their_version_and_size(world, signed):
    await sign(world, await world.serve(), signed, "Ada")
    rows = {row["app"]: row for row in (await world.api.get("/state")).json()}
    assert (rows["guestbook"]["version"], rows["guestbook"]["documents"]) == (1, 1)
    assert rows["guestbook"]["at"] > 0
    assert (rows["todo"]["version"], rows["todo"]["at"]) == (0, None)
    assert "assistant" not in rows


async def test_a_state_is_looked_into_part_by_part(world, signed):
    await sign(world, await world.serve(), signed, "Ada")
    parts = (await world.api.get("/state/guestbook/parts")).json()
    assert {"name": "entries", "documents": 1} in parts["collections"]
    page = (await world.api.get("/state/guestbook/documents/entries?limit=1")).json()
    assert page["documents"]["1"]["name"] == "Ada"
    assert (await world.api.get("/state/guestbook/documents/entries?after=1")).json()["documents"] == {}
    assert (await world.api.get("/state/guestbook/documents/nothing")).status_code == 422


async def test_a_commit_is_told_as_before_and_after(world, signed):
    await sign(world, await world.serve(), signed, "Ada")
    await world.api.post("/state/guestbook/undo", json={"version": 1})
    [added] = (await world.api.get("/state/guestbook/changes/1")).json()["changes"]
    assert (added["path"], added["what"], added["before"]) == ("/entries/1", "added", None)
    assert added["after"]["name"] == "Ada"
    undone = (await world.api.get("/state/guestbook/changes/2")).json()
    assert undone["cause"] == {"undo": 1}
    assert [(change["what"], change["before"]["name"]) for change in undone["changes"]] == [("removed", "Ada")]
    assert (await world.api.get("/state/guestbook/changes/3")).status_code == 422


async def test_a_part_of_the_state_as_it_was_is_shown_alone(world, signed):
    await sign(world, await world.serve(), signed, "Ada")
    await world.api.post("/state/guestbook/undo", json={"version": 1})
    shown = (await world.api.get("/state/guestbook?at=1&pointer=/entries/1/name")).json()
    assert shown == {"version": 1, "value": "Ada"}
    assert (await world.api.get("/state/guestbook?at=2&pointer=/entries/1")).status_code == 422


async def test_drivers_are_started_and_stopped(world):
    assert (await world.api.post("/drivers/chess")).json()["state"] == "running"
    assert (await world.api.delete("/drivers/chess")).json()["state"] == "idle"
    assert (await world.api.delete("/drivers/nobody")).status_code == 422
