import asyncio
import json
from pathlib import Path

import pytest

from llmos.errors import CallInterrupted, Denied, DriverUnavailable, ToolFailed
from llmos.kernel.drivers import DriverHost, DriverManifest, Limits, load_driver, shipped_drivers
from llmos.kernel.drivers.caller import Silence

TOY = Path(__file__).with_name("toy_driver.py")


@pytest.fixture
async def host(tmp_path):
    toy = DriverManifest(
        name="toy", summary="", command=("{python}", str(TOY)), limits=Limits(memory_mb=4096, seconds=3)
    )
    broken = DriverManifest(name="broken", summary="", command=("{python}", str(TOY), "--broken"))
    absent = DriverManifest(name="absent", summary="", command=("/no/such/program",))
    host = DriverHost({"toy": toy, "broken": broken, "absent": absent}, tmp_path)
    yield host
    await host.close()


async def test_a_tool_answers_with_structure_and_says_what_it_is(host):
    assert await host.call("toy.add", {"a": 2, "b": 3}) == {"sum": 5}
    tool = await host.tool("toy.add")
    assert (tool.summary, tool.read_only) == ("Add two numbers.", True)


class Told(Silence):
    def told(self, driver):
        return {"llmos/app": "surfer", "llmos/grants": [f"{driver}.open:example.com"]}


async def test_only_a_driver_whose_manifest_asks_for_it_is_told_who_calls(host, tmp_path):
    assert json.loads(await host.call("toy.whoami", {}, Told())) == {}
    asking = host.manifests["toy"].model_copy(update={"callers": True})
    other = DriverHost({"toy": asking}, tmp_path / "other")
    told = json.loads(await other.call("toy.whoami", {}, Told()))
    await other.close()
    assert told == {"llmos/app": "surfer", "llmos/grants": ["toy.open:example.com"]}


async def test_whose_words_a_result_is_cannot_be_more_than_a_short_name(host):
    assert (await host.run("toy.whoami", {})).source == "a well__system_ of truth"


async def test_a_tool_that_says_no_is_an_error_with_its_words(host):
    with pytest.raises(ToolFailed, match="not today"):
        await host.call("toy.refuse", {})


@pytest.mark.parametrize(("tool", "error"), [("die", DriverUnavailable), ("hang", ToolFailed), ("hog", ToolFailed)])
async def test_a_driver_that_dies_hangs_or_hogs_is_an_error_and_the_next_call_works(host, tool, error):
    with pytest.raises(error):
        await host.call(f"toy.{tool}", {})
    assert await host.call("toy.add", {"a": 1, "b": 1}) == {"sum": 2}


async def test_a_driver_that_does_its_work_between_its_deaths_is_started_again_at_once_each_time(host):
    for number in range(7):
        assert await host.call("toy.add", {"a": number, "b": 0}) == {"sum": number}
        with pytest.raises(CallInterrupted, match="exited with 3 during the call"):
            await host.call("toy.die", {})
    assert host.health("toy").restarts == 6


async def test_a_driver_of_the_newest_protocol_that_learns_a_tool_is_asked_again(host):
    await host.call("toy.learn", {"name": "juggle"})
    async with asyncio.timeout(20):
        while "toy.juggle" not in {tool.name for tool in await host.tools("toy")}:
            await host.call("toy.add", {"a": 1, "b": 1})
    assert await host.call("toy.juggle", {}) == "new"


@pytest.mark.parametrize("driver", ["broken", "absent"])
async def test_a_driver_that_does_not_start_is_named(host, driver):
    with pytest.raises(DriverUnavailable, match=f"The driver {driver} did not start"):
        await host.call(f"{driver}.anything", {})


@pytest.mark.parametrize("name", ["toy.nothing", "nobody.add", "add", ""])
async def test_an_unknown_tool_is_denied(host, name):
    with pytest.raises(Denied, match="There is no"):
        await host.tool(name)


def test_shipped_manifests_load_and_their_names_are_their_folders():
    manifests = shipped_drivers()
    assert "image" in manifests
    folders = Path(__file__).parents[2] / "drivers"
    assert all(load_driver(folders / name) == manifest for name, manifest in manifests.items())
