import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client, StdioServerParameters

ROOT = Path(__file__).parents[3]
HUSH = "hush-hush-4711"


class Python:
    """The driver as any MCP client starts it, without llmos and its walls."""

    def __init__(self, client):
        self.client = client

    async def call(self, tool, process=None, **arguments):
        return await self.client.call_tool(tool, arguments, meta={"llmos/process": process} if process else None)

    async def run(self, code, process=None):
        """What a run that works says."""
        result = await self.call("run", process, code=code)
        assert not result.is_error, result.content[0].text
        return result.content[0].text

    async def fails(self, code, process=None):
        """What a run that does not work says."""
        result = await self.call("run", process, code=code)
        assert result.is_error, result.content[0].text
        return result.content[0].text

    async def says(self, code, process=None):
        """What a run says, whatever comes of it."""
        return (await self.call("run", process, code=code)).content[0].text

    async def shell(self, command, process=None):
        return (await self.call("shell", process, command=command)).content[0].text

    async def calculate(self, expression):
        return (await self.call("calculate", expression=expression)).content[0].text


@asynccontextmanager
async def started(temporary, **environment):
    """A driver whose sessions lie in the folder `temporary`."""
    own = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "TMPDIR": str(temporary), "SECRET_TOKEN": HUSH}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "drivers.python"], env={**own, **environment}, cwd=ROOT
    )
    ready, done = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def live():
        async with Client(server) as client:
            ready.set_result(client)
            await done.wait()

    living = asyncio.create_task(live())  # MCP wants its client opened and closed by one task
    try:
        yield Python(await asyncio.wait_for(ready, 60))
    finally:
        done.set()
        await living


@pytest.fixture(scope="session")
def temporary(tmp_path_factory):
    return tmp_path_factory.mktemp("driver")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def python(temporary):
    """One running driver for most tests."""
    async with started(temporary) as driver:
        yield driver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hasty(temporary):
    """A driver whose calls may take 3 s."""
    async with started(temporary, LLMOS_RUN_SECONDS="3") as driver:
        yield driver


def living(mark):
    """The processes whose command line holds `mark`."""
    found = subprocess.run(["pgrep", "-f", "--", mark], capture_output=True, text=True)
    return found.stdout.split()
