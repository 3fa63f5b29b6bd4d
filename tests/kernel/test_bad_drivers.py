"""Servers that break every rule, as real child processes: one clear sentence each, and the kernel lives on."""

import asyncio
import os
from pathlib import Path

import pytest

from llmos.errors import CallInterrupted, DriverUnavailable, ToolFailed
from llmos.kernel.drivers import DriverHost, DriverManifest, Limits, Sandbox

BAD = str(Path(__file__).with_name("raw_driver.py"))


@pytest.fixture
async def bad(tmp_path):
    hosts = []

    def host(fault, *arguments, **settings):
        settings.setdefault("limits", Limits(seconds=20))
        manifest = DriverManifest(name="bad", command=("{python}", BAD, fault, *map(str, arguments)), **settings)
        hosts.append(DriverHost({"bad": manifest}, tmp_path / "logs"))
        return hosts[-1]

    yield host
    for started in hosts:
        await started.close()


async def test_a_driver_that_exits_at_once_is_quoted_and_left_alone_after_the_fifth_time(bad, monkeypatch):
    host = bad("exits")
    clock = iter(range(10_000))
    for slot in host._slots.values():
        slot.backoff._clock, slot.backoff._first_seconds = lambda: next(clock) / 1000, 0.001
    for _ in range(5):
        with pytest.raises(DriverUnavailable, match=r"did not start \(exited with 1: I cannot work like this\)"):
            await host.call("bad.plain", {})
    with pytest.raises(DriverUnavailable, match="keeps failing"):
        await host.call("bad.plain", {})
    health = host.health("bad")
    assert (health.state, health.restarts, health.pid) == ("failing", 4, None)
    assert "I cannot work like this" in health.last_error


async def test_a_driver_that_was_never_called_is_idle_and_one_at_work_has_a_pid(bad):
    host = bad("none")
    assert host.health("bad").state == "idle"
    await host.call("bad.plain", {})
    assert (host.health("bad").state, host.health("bad").pid is None) == ("running", False)


async def test_fifty_megabytes_of_text_arrive_while_the_kernel_goes_on(bad):
    host = bad("huge")
    await host.tools("bad")
    beats = 0

    async def beat():
        nonlocal beats
        while True:
            await asyncio.sleep(0)
            beats += 1

    heart = asyncio.create_task(beat())
    text = await host.call("bad.plain", {"mb": 50})
    heart.cancel()
    assert len(text) == 50 * 2**20
    assert beats > 100


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("line_without_end", "sent more than 4 MB for one call"),
        ("flood", "sent more than 10000 messages for one call"),
        ("not_jsonrpc", "sent what is not JSON-RPC"),
    ],
)
async def test_a_driver_that_breaks_the_protocol_is_cut_off_and_the_next_call_restarts_it(bad, fault, sentence):
    host = bad(fault, limits=Limits(seconds=20, result_mb=4))
    for restarts in (0, 1):
        with pytest.raises(CallInterrupted, match=sentence):
            await host.call("bad.plain", {})
        assert host.health("bad").restarts == restarts


async def test_a_result_beyond_the_limit_is_refused_and_a_smaller_one_is_not(bad):
    host = bad("huge", limits=Limits(seconds=20, result_mb=2))
    with pytest.raises(CallInterrupted, match="more than 2 MB"):
        await host.call("bad.plain", {"mb": 3})
    assert len(await host.call("bad.plain", {"mb": 1})) == 2**20


async def test_what_a_driver_prints_beside_the_protocol_goes_to_its_log(bad, tmp_path):
    assert await bad("noise").call("bad.plain", {}) == "quiet again"
    assert "loading..." in (tmp_path / "logs" / "driver-bad.log").read_text()


async def test_a_result_that_mcp_does_not_allow_fails_that_call_alone(bad):
    host = bad("no_result")
    with pytest.raises(ToolFailed, match="answered what MCP does not allow"):
        await host.call("bad.plain", {})
    assert host.health("bad").state == "running"


async def test_tools_get_names_that_the_grammar_can_spell_and_schemas_that_can_be_checked(bad):
    tools = {tool.name: tool for tool in await bad("none").tools("bad")}
    assert sorted(name[:17] for name in tools) == [
        "bad.fs_read_file_",
        "bad.fs_read_file_",
        "bad.plain",
        "bad.xxxxxxxxxxxxx",
    ]
    assert all(len(name) <= len("bad.") + 64 for name in tools)
    assert all(tool.schema == {"type": "object"} for tool in tools.values())


async def test_a_tool_is_called_by_the_name_that_its_server_knows(bad):
    host = bad("pages")
    assert [tool.name for tool in await host.tools("bad")] == [f"bad.tool-{page}" for page in range(4)]
    assert await host.call("bad.tool-3", {}) == "tool-3"


async def test_a_driver_that_says_its_tools_changed_is_asked_again(bad):
    host = bad("changes")
    await host.call("bad.plain", {})
    assert [tool.name for tool in await host.tools("bad")] == ["bad.new"]


async def test_a_call_that_is_given_up_is_cancelled_at_the_driver(bad, tmp_path):
    file = tmp_path / "heard"
    os.mkfifo(file)
    host = bad("cancelled", file, sandbox=Sandbox(write=(str(file),)))
    call = asyncio.create_task(host.call("bad.plain", {"file": str(file)}))
    assert await asyncio.to_thread(file.read_text) == "called"
    call.cancel()
    assert await asyncio.to_thread(file.read_text) == "cancelled"
    assert host.health("bad").state == "running"
