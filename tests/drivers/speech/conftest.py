import asyncio
import base64
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from mcp import Client, StdioServerParameters

from llmos import paths
from tests.drivers.speech.recordings import base64_of, samples_of

ROOT = Path(__file__).parents[3]
TINY = "whisper-tiny.en"
SENTENCE = "Ask not what your country can do for you, ask what you can do for your country."

LECTURE = """The river rises in the mountains and flows through seven valleys to the sea. People have fished here for a
thousand years. In spring the water is cold and clear, and the boats stay in the harbour. Every summer the children
swim under the old stone bridge. A mill stood on the left bank until the great flood took it away. The miller's
daughter became a teacher and wrote a book about birds. Today the school carries her name above the door. Visitors
come by train from the city and walk along the path. They buy bread, cheese and apples at the market. When evening
falls, the lamps are lit one after another."""


def server_for(models, path=ROOT):
    environment = {"PYTHONPATH": f"{path}:{ROOT}", "HF_HUB_OFFLINE": "1"}
    return StdioServerParameters(
        command=sys.executable, args=["-m", "drivers.speech", str(models)], env=environment, cwd=ROOT
    )


class Driver:
    """The driver as any MCP client meets it."""

    def __init__(self, client):
        self.client = client

    async def listen(self, data, *, progress=None, model=TINY, **arguments):
        result = await self.client.call_tool(
            "listen", {"audio": base64_of(data), "model": model, **arguments}, progress_callback=progress
        )
        assert not result.is_error, result.content
        return result.structured_content

    async def speak(self, text, *, progress=None, **arguments):
        result = await self.client.call_tool("speak", {"text": text, **arguments}, progress_callback=progress)
        assert not result.is_error, result.content
        _, sound = result.content
        return base64.b64decode(sound.data), result.structured_content

    async def refused(self, tool, arguments):
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error, result.structured_content
        (content,) = result.content
        assert content.text.endswith((".", "`.")) and content.text.count(". ") == 0, "one sentence"
        return content.text

    def memory_mb(self):
        return self._process().memory_info().rss / 2**20

    def cpu_seconds(self):
        times = self._process().cpu_times()
        return times.user + times.system

    def _process(self):
        """Of all that this process has started, the driver that has worked most."""
        children = psutil.Process().children(recursive=True)
        living = [child for child in children if child.status() != psutil.STATUS_ZOMBIE]
        drivers = [child for child in living if "drivers.speech" in child.cmdline()]
        return max(drivers, key=lambda child: child.cpu_times().user)


@asynccontextmanager
async def running(models):
    """A driver with this folder of models; its client is opened and closed in a task of its own, as MCP demands."""
    ready, done = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def run():
        async with Client(server_for(models)) as client:
            ready.set_result(client)
            await done.wait()

    task = asyncio.create_task(run())
    yield Driver(await asyncio.wait_for(ready, 60))
    done.set()
    await task


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def driver():
    """One running driver for all tests."""
    async with running(paths.models()) as driver:
        yield driver


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def recording(driver):
    """SENTENCE as a WAV of 24 kHz."""
    data, _ = await driver.speak(SENTENCE)
    return data


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lecture(driver):
    """Some 40 seconds of different sentences, as samples of 16 kHz."""
    data, _ = await driver.speak(LECTURE)
    return samples_of(data)


@pytest.fixture
def words():
    """What two texts that say the same have in common."""

    def of(text):
        return "".join(char for char in text.lower() if char.isalnum() or char.isspace()).split()

    return of
