"""The driver as a process that speaks MCP, and sites on loopback: one that is granted, one that is not."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client, StdioServerParameters

from .site import Site

ROOT = Path(__file__).parents[3]


def server(*arguments):
    return StdioServerParameters(
        command=sys.executable, args=["-m", "drivers.browser", *arguments], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    )


class Browser:
    """Calls tools as one app's process, with its grants, the way the kernel does."""

    def __init__(self, client, app="tests", process="1", grants=("browser.open:127.0.0.1",)):
        self.client, self.app, self.process, self.grants = client, app, process, list(grants)

    async def result(self, tool, grant="", **arguments):
        meta = {"llmos/app": self.app, "llmos/process": self.process, "llmos/grants": self.grants, "llmos/grant": grant}
        return await self.client.call_tool(tool, arguments, meta=meta)

    async def __call__(self, tool, grant="", **arguments):
        result = await self.result(tool, grant, **arguments)
        assert not result.is_error, text_of(result)
        return text_of(result)

    async def refused(self, tool, grant="", **arguments):
        """What the tool says when it fails."""
        result = await self.result(tool, grant, **arguments)
        assert result.is_error, text_of(result)
        said = text_of(result)
        assert said.endswith("."), "a sentence"
        assert "Traceback" not in said and len(said) < 500
        return said

    async def show(self, site, html, path="/"):
        """Open a page that holds this, and return what is seen."""
        site.pages[path] = html
        return await self("open", url=site.url + path)


def text_of(result):
    return "\n".join(part.text for part in result.content if part.type == "text")


@pytest.fixture(scope="session")
def site():
    made = Site()
    yield made
    made.close()


@pytest.fixture(scope="session")
def outside():
    """A site that no grant names."""
    made = Site("127.0.0.2")
    made.pages["/"] = "<h1>outside</h1>"
    yield made
    made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client():
    """One running driver; its client is opened and closed in a task of its own, as MCP demands."""
    ready, done = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def run():
        async with Client(server("--download-mb", "1", "--memory-mb", "400")) as client:
            ready.set_result(client)
            await done.wait()

    running = asyncio.create_task(run())
    yield await asyncio.wait_for(ready, 60)
    done.set()
    await running


@pytest.fixture
def browser(client, site, outside):
    site.pages.clear()
    site.asked.clear()
    outside.asked.clear()
    return Browser(client)


@pytest.fixture(scope="session")
def tls_site(tmp_path_factory):
    """A site whose certificate nobody vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    subprocess.run(["openssl", *made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    site = Site(tls=(certificate, key))
    yield site
    site.close()
