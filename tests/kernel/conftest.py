"""A kernel on an empty state folder, with an app, a scripted engine and a toy driver."""

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


def write_app(home, name="helper", tools=(), budget="steps = 4", prompt="You help."):
    folder = home / "apps" / name
    folder.mkdir(parents=True, exist_ok=True)
    listed = ", ".join(f'"{tool}"' for tool in tools)
    manifest = f'name = "{name}"\ntitle = "T"\nkind = "chat"\n[budget]\n{budget}\n[capabilities]\ntools = [{listed}]\n'
    (folder / "app.toml").write_text(manifest)
    (folder / "prompt.md").write_text(prompt)


@pytest.fixture
async def boot(tmp_path):
    """Start a kernel on `tmp_path` with an engine; called again, it is the next kernel of the same folder."""
    running = []

    async def start(engine):
        while running:
            await running.pop().close()
        kernel = Kernel(tmp_path, engine, DriverHost({"toy": TOY}, tmp_path / "logs"), {"chat": run_chat})
        running.append(kernel)
        kernel.start()
        return kernel

    yield start
    for kernel in running:
        await kernel.close()


@pytest.fixture
def finished():
    """Wait until a process has ended and return it."""

    async def wait(kernel, pid):
        async for event in kernel.journal.follow(pid):
            if event.kind in ("process.done", "process.failed", "process.killed"):
                return kernel.process(pid)
        raise AssertionError("the journal ended")

    return wait
