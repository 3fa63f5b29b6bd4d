"""The driver under a real kernel: a session for each process, which goes on whatever becomes of the driver."""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.syscalls import readable
from llmos.kernel.turn import run_chat
from llmos.testing import ScriptedEngine

APP = """
name = "worker"
title = "W"
kind = "chat"
[capabilities]
tools = ["python.run", "python.shell", "python.calculate"]
"""


def call(tool, **arguments):
    return json.dumps({"call": f"python.{tool}", "arguments": arguments})


@pytest.fixture
async def boot(tmp_path):
    """Start a kernel with a scripted engine, whose python driver has these limits."""
    folder = tmp_path / "apps" / "worker"
    folder.mkdir(parents=True)
    (folder / "app.toml").write_text(APP)
    (folder / "prompt.md").write_text("You work.")
    running = []

    async def start(answers, **limits):
        manifest = shipped_drivers()["python"]
        manifest = manifest.model_copy(update={"limits": manifest.limits.model_copy(update=limits)})
        host = DriverHost({"python": manifest}, tmp_path / "logs")
        running.append(Kernel(tmp_path, ScriptedEngine(answers), host, {"chat": run_chat}))
        running[-1].start()
        return running[-1]

    yield start
    for kernel in running:
        await kernel.close()


async def ended(kernel, pid):
    async with asyncio.timeout(60):
        async for event in kernel.journal.follow(pid):
            if event.kind in ("process.done", "process.failed", "process.killed"):
                return kernel.process(pid)
    raise AssertionError("the journal ended")


async def until(found):
    """What `found` finds, once it finds something. The system tells nobody when a process of another begins."""
    async with asyncio.timeout(30):
        while not (told := found()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        return told


def results(kernel, pid):
    told = [event.data for event in kernel.journal.events(pid) if event.kind == "syscall.result"]
    return [one.get("error") or readable(one["result"]) for one in told]


async def test_a_process_runs_code_behind_the_walls_of_its_driver_too(boot):
    kernel = await boot([call("run", code="x = 6"), call("run", code="x * 7"), call("shell", command="ls"), "42."])
    pid = kernel.spawn("worker", "six times seven").pid
    process = await ended(kernel, pid)
    assert process.result == {"text": "42."}
    assert results(kernel, pid)[:2] == ["x = 6", "42"]
    assert kernel.drivers.health("python").walls == "files, network"


async def test_two_processes_share_nothing(boot):
    def answer(request):
        step = sum(message.role == "assistant" for message in request.messages)
        mine = request.messages[1].text
        plan = [call("run", code=f"mine = {mine!r}"), call("run", code="mine"), f"{mine} done"]
        return plan[step]

    kernel = await boot(answer)
    pids = [kernel.spawn("worker", name).pid for name in ("ann", "bob")]
    for pid, name in zip(pids, ("ann", "bob"), strict=True):
        await ended(kernel, pid)
        assert results(kernel, pid)[1] == f"'{name}'"


async def test_a_picture_that_code_drew_lies_beside_the_journal(boot):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])"
    kernel = await boot([call("run", code=code), "Drawn."])
    pid = kernel.spawn("worker", "draw").pid
    await ended(kernel, pid)
    (told,) = [event.data for event in kernel.journal.events(pid) if event.kind == "syscall.result"]
    assert told["attachments"][0]["media_type"] == "image/png"
    assert kernel.blobs.get(told["attachments"][0]["sha256"]).startswith(b"\x89PNG")


async def test_a_driver_killed_at_work_is_started_again_and_the_call_repeated(boot):
    kernel = await boot([call("run", code="import time\ntime.sleep(2)\nprint('slept')"), "Done."])
    pid = kernel.spawn("worker", "sleep").pid
    await until(lambda: _sleeping(kernel))
    os.kill(kernel.drivers.health("python").pid, signal.SIGKILL)
    process = await ended(kernel, pid)
    assert process.result == {"text": "Done."}
    assert results(kernel, pid) == ["slept"]
    assert kernel.drivers.health("python").restarts == 1


async def test_a_driver_that_hangs_is_stopped_and_the_process_is_told(boot):
    kernel = await boot([call("run", code="while True: pass"), call("run", code="1 + 1"), "Two."], seconds=3)
    pid = kernel.spawn("worker", "hang").pid
    process = await ended(kernel, pid)
    assert process.result == {"text": "Two."}
    assert results(kernel, pid) == ["python.run took longer than 3 s and was stopped; try less.", "2"]


async def test_a_driver_whose_results_flood_is_cut_off_and_the_process_is_told(boot):
    draw = """
import sys, types
class Figure:
    def savefig(self, file, **options): file.write(b"\\x89PNG\\r\\n\\x1a\\n" + bytes(3 * 2**20))
sys.modules["matplotlib.pyplot"] = plots = types.ModuleType("plots")
plots.get_fignums, plots.figure, plots.close = lambda: [1], lambda n: Figure(), lambda which: None"""
    kernel = await boot([call("run", code=draw), call("run", code="1 + 1"), "Two."], result_mb=1)
    pid = kernel.spawn("worker", "flood").pid
    process = await ended(kernel, pid)
    assert process.result == {"text": "Two."}
    first, second = results(kernel, pid)
    assert "sent more than 1 MB for one call" in first and second == "2"


async def test_a_killed_process_ends_its_code(boot):
    kernel = await boot([call("run", code="import time\ntime.sleep(60)"), "Never."])
    pid = kernel.spawn("worker", "sleep").pid
    inside = await until(lambda: _sleeping(kernel))
    kernel.kill(pid)
    await until(lambda: all(_at_rest(one) for one in inside))


def _sleeping(kernel):
    """The interpreters below the driver that have begun."""
    driver = kernel.drivers.health("python").pid
    if driver is None:
        return []
    children = Path(f"/proc/{driver}/task")
    found = []
    for task in children.glob("*/children"):
        found += [int(pid) for pid in task.read_text().split()]
    return [pid for pid in found if b"interpreter.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _at_rest(pid):
    """Whether a process is stopped, or gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "TZX"
    except OSError:
        return True
