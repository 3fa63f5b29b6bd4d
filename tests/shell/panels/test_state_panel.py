"""The panel of apps' states, before a real kernel."""

from tests.shell.panels.hosted import HOSTILE


async def into(seat, app="guestbook"):
    await seat.sees("all apps", app)
    await seat.until(lambda: app in seat.panel._held)
    while seat.panel.rows.key != app:
        await seat.press("down")
    await seat.press("enter")
    await seat.sees(f"all apps › {app}")


async def test_one_looks_from_the_apps_into_a_document_and_back(sit, commit):
    commit("Ada", "Bo")
    async with sit("state") as seat:
        await into(seat)
        await seat.sees("entries", "2 documents", "version 2")
        await seat.press("right")
        await seat.sees("guestbook › entries", '"name": "Ada"')
        await seat.press("down")
        await seat.sees('"name": "Bo"', "/entries/2")
        await seat.press("left")
        await seat.loses("› entries")
        await seat.press("backspace")
        await seat.sees("changed")
        assert seat.panel.rows.key == "guestbook"


async def test_what_is_stored_meanwhile_comes_by_itself(sit, commit):
    async with sit("state") as seat:
        await into(seat)
        await seat.press("enter")
        await seat.sees("No documents yet.")
        commit("Ada")
        await seat.sees('"name": "Ada"', "version 1")


async def test_the_log_shows_who_changed_what(sit, commit):
    commit("Ada")
    commit("Bo", cause={"pid": 7, "intent": 3})
    async with sit("state") as seat:
        await into(seat)
        await seat.press("l")
        await seat.sees("guestbook › log", "process 7", "POST /entries", "+ /entries/2  added", '+   "name": "Bo"')
        await seat.press("down")
        await seat.sees("+ /entries/1  added")


async def test_a_commit_is_undone_only_after_its_diff_was_agreed_to(sit, commit, world):
    commit("Ada")
    async with sit("state") as seat:
        await into(seat)
        assert "Undo" not in seat.keys
        await seat.press("l")
        await seat.sees("› log", "+ /entries/1  added")
        await seat.press("u")
        await seat.sees("Undo version 1? This will be committed:", "- /entries/1  removed", '-   "name": "Ada"')
        await seat.press("n", "u", "y")
        await seat.sees("✓ Version 1 is undone by version 2.", "undo of version 1")
        assert world.kernel.state(world.kernel.find_app("guestbook")).get("/entries") == {}
        await seat.press("down", "u", "y")
        await seat.sees("✗ Version 1 of guestbook cannot be undone")


async def test_a_state_is_seen_as_it_was_and_says_so(sit, commit):
    commit("Ada", "Bo")
    async with sit("state") as seat:
        await into(seat)
        await seat.press("l")
        await seat.sees("› log")
        await seat.press("down", "v")
        await seat.sees("at version 1; t shows it as it is now", "1 documents")
        await seat.press("enter")
        await seat.sees('"name": "Ada"', "at version 1")
        assert "Bo" not in seat.screen
        await seat.press("t")
        await seat.sees('"name": "Bo"', "version 2")


async def test_a_large_collection_is_shown_page_by_page(sit, world):
    state = world.kernel.state(world.kernel.find_app("guestbook"))
    document = {"name": "Ada", "message": "Hi", "created": "2026-01-01T00:00:00Z"}
    state.commit(
        [{"op": "add", "path": f"/entries/{n}", "value": {"id": n, **document}} for n in range(1, 251)],
        cause={"method": "POST", "path": "/entries"},
    )
    async with sit("state") as seat:
        await into(seat)
        await seat.press("enter")
        await seat.sees("200 documents, more below")
        await seat.press("end", "enter")
        await seat.sees("250 documents")
        await seat.press("end")
        await seat.sees('"id": 250')


async def test_what_is_stored_can_do_nothing_to_the_screen(sit, commit):
    commit(HOSTILE[:80], cause={"method": HOSTILE, "path": HOSTILE})
    async with sit("state") as seat:
        await into(seat)
        await seat.press("enter")
        await seat.sees("[bold red]mark[/]", "<script>x</script> ⟨U+202E⟩gnp.exe")
        seat.holds_its_layout()
        await seat.press("l")
        await seat.sees("› log", "+ /entries/1  added")
        seat.holds_its_layout()
