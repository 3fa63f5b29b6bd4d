"""One running driver for all tests, as any MCP client meets it: the client says which folders are granted."""

import asyncio
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client, StdioServerParameters
from mcp import types as mcp_types

ROOT = Path(__file__).parents[3]
SECRET = "the key to the house"


class Driver:
    """Calls tools; `roots` are what the client grants."""

    def __init__(self):
        self.client = None
        self.roots = []

    async def tell_roots(self, context):
        return mcp_types.ListRootsResult(roots=[mcp_types.Root(uri=path.as_uri()) for path in self.roots])

    async def result(self, tool, **arguments):
        return await asyncio.wait_for(self.client.call_tool(tool, arguments), 50)

    async def __call__(self, tool, **arguments):
        """What a call that succeeds says."""
        result = await self.result(tool, **arguments)
        assert not result.is_error, result.content[0].text
        return result.content[0].text

    async def refused(self, tool, **arguments):
        """What a call that is refused says: one sentence."""
        result = await self.result(tool, **arguments)
        text = result.content[0].text
        assert result.is_error, text
        assert text.endswith(".") and "\n" not in text, text
        return text


def parameters(*arguments):
    return StdioServerParameters(
        command=sys.executable, args=["-m", "drivers.files", *arguments], env={"PYTHONPATH": str(ROOT)}, cwd=ROOT
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running():
    """Its client is opened and closed in a task of its own, as MCP demands."""
    driver = Driver()
    ready, done = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def run():
        async with Client(parameters(), list_roots_callback=driver.tell_roots) as driver.client:
            ready.set_result(driver)
            await done.wait()

    task = asyncio.create_task(run())
    yield await asyncio.wait_for(ready, 60)
    done.set()
    await task


@pytest.fixture
def files(running, notes):
    running.roots = [notes]
    return running


@pytest.fixture
def notes(tmp_path):
    """The granted folder; beside it lies what is not granted."""
    folder = tmp_path / "notes"
    (folder / "drafts").mkdir(parents=True)
    (folder / "todo.txt").write_text("milk\nplums\n")
    (folder / "drafts" / "a.md").write_text("# A\n")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(SECRET)
    return folder


@pytest.fixture
def outside(notes):
    return notes.parent / "outside"
