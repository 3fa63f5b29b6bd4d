"""A kernel on an empty state folder, with an app, a scripted engine and a toy driver."""

import asyncio
import json
from pathlib import Path

import pytest

from llmos.kernel.drivers import DriverHost, DriverManifest, Limits
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat

TOY = DriverManifest(
    name="toy",
    summary="",
    command=("{python}", str(Path(__file__).with_name("toy_driver.py"))),
    limits=Limits(seconds=10),
)


def write_app(home, name="helper", tools=(), budget="steps = 4", prompt="You help.", ask=(), schema=None):
    folder = home / "apps" / name
    folder.mkdir(parents=True, exist_ok=True)
    rights = f"tools = {json.dumps(tools)}\nask = {json.dumps(ask)}\n"
    manifest = f'name = "{name}"\ntitle = "T"\nkind = "chat"\n[budget]\n{budget}\n[capabilities]\n{rights}'
    (folder / "app.toml").write_text(manifest)
    if schema is not None:
        (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "prompt.md").write_text(prompt)


@pytest.fixture
async def boot(tmp_path):
    """Start a kernel on `tmp_path` with an engine; called again, it is the next kernel of the same folder."""
    running = []

    async def start(engine, **options):
        while running:
            await running.pop().close()
        kernel = Kernel(tmp_path, engine, DriverHost({"toy": TOY}, tmp_path / "logs"), {"chat": run_chat}, **options)
        running.append(kernel)
        kernel.start()
        return kernel

    yield start
    for kernel in running:
        await kernel.close()


def call(tool, **arguments):
    return json.dumps({"call": tool, "arguments": arguments})


def kinds(kernel, pid):
    return [event.kind for event in kernel.journal.events(pid)]


@pytest.fixture
def happens():
    """Wait until an event of this kind is in the process's journal and return it."""

    async def wait(kernel, pid, kind, after=0):
        async with asyncio.timeout(20):
            async for event in kernel.journal.follow(pid, after):
                if event.kind == kind:
                    return event
        raise AssertionError("the journal ended")

    return wait


@pytest.fixture
def finished():
    """Wait until a process has ended and return it."""

    async def wait(kernel, pid):
        async with asyncio.timeout(60):
            async for event in kernel.journal.follow(pid):
                if event.kind in ("process.done", "process.failed", "process.killed"):
                    return kernel.process(pid)
        raise AssertionError("the journal ended")

    return wait
