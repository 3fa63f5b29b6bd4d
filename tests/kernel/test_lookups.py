"""What an app may have looked up: tools that change nothing, and that it was granted."""

import pytest

from llmos.errors import Denied, ToolFailed
from llmos.kernel.app import find_app, load_app
from llmos.kernel.calling import look_up
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.paths import bundle_root
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import write_app


@pytest.fixture
async def ask(boot, tmp_path):
    """Look a tool up for an app with these rights."""
    kernel = await boot(ScriptedEngine([]))

    async def ask(tool, arguments, tools=(), ask=()):
        write_app(tmp_path, tools=tools, ask=ask)
        return await look_up(kernel, kernel.service("test"), find_app(tmp_path, "helper"), tool, arguments)

    return ask


async def test_a_tool_that_changes_nothing_is_asked(ask):
    assert await ask("toy.add", {"a": 2, "b": 3}, tools=["toy.add"]) == {"sum": 5}


async def test_a_tool_that_was_not_granted_is_not_asked(ask):
    with pytest.raises(Denied, match=r"may not use toy\.add"):
        await ask("toy.add", {"a": 2, "b": 3}, tools=["toy.recite"])


async def test_a_tool_that_a_person_must_agree_to_is_not_asked(ask):
    with pytest.raises(Denied, match="would ask a person"):
        await ask("toy.add", {"a": 2, "b": 3}, ask=["toy.add"])


@pytest.mark.parametrize("tool", ["toy.send", "toy.erase"])
async def test_a_tool_that_may_change_something_is_not_asked(ask, tool):
    with pytest.raises(Denied, match="may change something"):
        await ask(tool, {"to": "Ann", "text": "x", "what": "x"}, tools=[tool])


async def test_a_tool_or_driver_that_is_not_there_is_named(ask):
    for tool in ("toy.nothing", "nothing.add"):
        with pytest.raises(Denied, match=tool.removeprefix("toy.").removesuffix(".add")):
            await ask(tool, {}, tools=[tool])


async def test_the_chess_app_is_told_the_rules_by_its_driver(boot, tmp_path):
    kernel = await boot(ScriptedEngine([]))
    kernel.drivers = host = DriverHost({"chess": shipped_drivers()["chess"]}, tmp_path / "logs")
    app, pid = load_app(bundle_root() / "apps" / "chess"), kernel.service("test")
    fen = app.state_schema["properties"]["games"]["additionalProperties"]["properties"]["fen"]["default"]
    try:
        played = await look_up(kernel, pid, app, "chess.play", {"fen": fen, "move": "g1f3"})
        assert (played["legal"], played["turn"]) == (True, "black")
        with pytest.raises(ToolFailed, match="is no position of chess"):
            await look_up(kernel, pid, app, "chess.moves", {"fen": "none"})
    finally:
        await host.close()
