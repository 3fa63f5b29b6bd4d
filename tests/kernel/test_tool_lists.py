"""What drivers offer is known before they are started, and never trusted over what they say once they are."""

import json
import shutil
from dataclasses import replace

import pytest

from llmos.kernel.drivers import DriverHost, DriverManifest, shipped_drivers
from llmos.kernel.drivers.listed import ToolLists, key_of
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat
from llmos.testing import ScriptedEngine

from .conftest import call, write_app
from .test_drivers import TOY

SHIPPED = shipped_drivers()


@pytest.fixture
def program(tmp_path):
    return shutil.copy(TOY, tmp_path / "toy.py")


@pytest.fixture
def manifest(program):
    return DriverManifest(name="toy", command=("{python}", str(program)))


@pytest.fixture
async def hosts(tmp_path):
    """A host; called again, it is the next one that keeps its lists in the same folder."""
    started = []

    def start(manifest):
        started.append(DriverHost({"toy": manifest}, tmp_path / "logs", tmp_path / "lists"))
        return started[-1]

    yield start
    for host in started:
        await host.close()


async def test_a_tool_is_known_again_without_a_start(hosts, manifest):
    known = await hosts(manifest).listed("toy.erase")
    again = hosts(manifest)
    assert await again.listed("toy.erase") == known and known.destructive
    assert again.health("toy").state == "idle"


async def test_a_driver_whose_program_changed_is_started_to_say_what_it_offers(hosts, manifest, program):
    await hosts(manifest).listed("toy.add")
    program.write_text(program.read_text().replace("Add two numbers.", "Add them."))
    again = hosts(manifest)
    assert (await again.listed("toy.add")).summary == "Add them."
    assert again.health("toy").state == "running"


async def test_a_driver_whose_manifest_changed_is_started_to_say_what_it_offers(hosts, manifest):
    await hosts(manifest).listed("toy.add")
    again = hosts(manifest.model_copy(update={"env": {"A": "b"}}))
    await again.listed("toy.add")
    assert again.health("toy").state == "running"


@pytest.mark.parametrize("spoilt", [b"", b"[]", b"{}", b'{"key": 1, "tools": 2}', b"\xff"])
async def test_a_list_that_cannot_be_read_is_none(hosts, manifest, tmp_path, spoilt):
    await hosts(manifest).listed("toy.add")
    (tmp_path / "lists" / "toy.json").write_bytes(spoilt)
    assert (await hosts(manifest).listed("toy.add")).summary == "Add two numbers."


async def test_a_tool_that_a_driver_learns_at_work_is_in_the_next_list(hosts, manifest):
    host = hosts(manifest)
    await host.call("toy.learn", {"name": "new"})
    assert (await host.listed("toy.new")).name == "toy.new"
    again = hosts(manifest)
    assert (await again.listed("toy.new")).name == "toy.new" and again.health("toy").state == "idle"


async def test_a_folder_that_cannot_be_written_costs_only_time(manifest, tmp_path):
    (tmp_path / "lists").write_text("in the way")
    host = DriverHost({"toy": manifest}, tmp_path / "logs", tmp_path / "lists")
    assert (await host.listed("toy.add")).summary == "Add two numbers."
    await host.close()


def test_every_shipped_drivers_key_follows_its_own_sources(tmp_path, monkeypatch):
    monkeypatch.setattr("llmos.paths.bundle_root", lambda: tmp_path)
    for name, manifest in SHIPPED.items():
        source = tmp_path / "drivers" / name / "deep" / "server.py"
        source.parent.mkdir(parents=True)
        source.write_text("1")
        before = key_of(manifest)
        assert key_of(manifest) == before
        source.write_text("22")
        assert key_of(manifest) != before


class TestAStaleList:
    """The list says that `erase` is harmless and that `add` takes one number; the driver has changed since."""

    @pytest.fixture
    async def kernel(self, hosts, manifest, tmp_path):
        host = hosts(manifest)
        tools = {tool.name: tool for tool in await host.tools("toy")}
        stale = [
            replace(tools["toy.erase"], destructive=False),
            replace(tools["toy.add"], schema={"type": "object", "properties": {"a": {"type": "integer"}}}),
            replace(tools["toy.add"], name="toy.gone"),
        ]
        ToolLists(tmp_path / "lists").keep(manifest, stale)
        kernels = []

        def start(answers, tools):
            write_app(tmp_path / "home", tools=tools)
            kernels.append(Kernel(tmp_path / "home", ScriptedEngine(answers), hosts(manifest), {"chat": run_chat}))
            return kernels[-1]

        yield start
        for kernel in kernels:
            await kernel.close()

    async def test_a_tool_that_destroys_asks_whatever_the_list_said(self, kernel, happens, finished):
        kernel = kernel([call("toy.erase", what="all"), "Done."], ["toy.erase"])
        pid = kernel.spawn("helper", "Go.").pid
        asked = await happens(kernel, pid, "question.asked")
        assert asked.data["grant"] == "toy.erase"
        kernel.answer(asked.seq, "no")
        assert (await finished(kernel, pid)).result == {"text": "Done."}
        assert "syscall.intent" not in [event.kind for event in kernel.journal.events(pid)]

    async def test_the_model_is_told_what_the_tool_takes_now(self, kernel, finished):
        kernel = kernel([call("toy.add", a=1), call("toy.add", a=1, b=2), "Done."], ["toy.add"])
        pid = kernel.spawn("helper", "Go.").pid
        await finished(kernel, pid)
        first, second = [event.data for event in kernel.journal.events(pid) if event.kind == "syscall.result"]
        assert "'b' is a required property" in first["error"] and second["result"] == {"sum": 3}

    async def test_a_tool_that_is_gone_is_an_error_that_the_model_is_told(self, kernel, finished, tmp_path):
        kernel = kernel([call("toy.gone", a=1, b=2), "Done."], ["toy.gone"])
        pid = kernel.spawn("helper", "Go.").pid
        assert (await finished(kernel, pid)).result == {"text": "Done."}
        assert "no tool called toy.gone" in kernel.journal.last(pid, ("syscall.result",)).data["error"]
        listed = json.loads((tmp_path / "lists" / "toy.json").read_text())["tools"]
        assert "toy.gone" not in [tool["name"] for tool in listed]
