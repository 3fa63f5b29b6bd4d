"""A world of its own for each test, and what makes processes call, ask and store."""

import json

import pytest

from tests.http.conftest import signed, world  # noqa: F401 - fixtures
from tests.shell.panels.hosted import seated


@pytest.fixture
def sit(world):  # noqa: F811
    """`async with sit("processes") as seat`: a person before this panel."""
    return lambda key, size=(80, 24): seated(world, key, size)


@pytest.fixture
def start(world):  # noqa: F811
    async def start(app="assistant", text="hello", *, ends=False, **more):
        body = {"app": app, "text": text, **more}
        pid = (await world.api.post("/processes", json=body)).json()["pid"]
        if ends:
            await world.kernel.until(pid, lambda: world.kernel.process(pid).state.final or None)
        return pid

    return start


@pytest.fixture
def waiter(world):  # noqa: F811
    """An app that asks before it waits; what its model says is put into the script."""
    folder = world.home / "apps" / "waiter"
    folder.mkdir(parents=True)
    (folder / "app.toml").write_text(
        'name = "waiter"\ntitle = "W"\nkind = "chat"\n[capabilities]\nask = ["timer.wait"]\n'
    )
    (folder / "prompt.md").write_text("You wait.")
    return json.dumps({"call": "timer.wait", "arguments": {"seconds": 0}})


@pytest.fixture
def commit(world):  # noqa: F811
    """Store documents of the guestbook, one commit each."""

    def commit(*names, cause=None):
        state = world.kernel.state(world.kernel.find_app("guestbook"))
        pid = world.kernel.service("state")
        for name in names:
            key = state.next_id("entries")
            document = {"id": int(key), "name": name, "message": "Hi", "created": "2026-01-01T00:00:00Z"}
            patch = [{"op": "add", "path": f"/entries/{key}", "value": document}]
            with world.kernel.journal.transaction():
                state.commit(patch, cause=cause or {"method": "POST", "path": "/entries"})
                world.kernel.record(pid, "state.commit", {"app": "guestbook", "version": state.version, "patch": patch})

    return commit
