"""A driver served over HTTP, as clients want it that have no pipes."""

import asyncio
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def served(name, *arguments):
    """The address of a driver that serves over HTTP."""
    command = (sys.executable, "-m", f"drivers.{name}", "--http", "0", *arguments)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    async with asyncio.timeout(30):
        while not (found := re.search(rb"running on (http://127.0.0.1:\d+)", await process.stderr.readline())):
            assert process.returncode is None
    yield f"{found[1].decode()}/mcp"
    process.terminate()
    await process.wait()


@pytest.fixture
async def url(tmp_path):
    (tmp_path / "todo.txt").write_text("milk\n")
    async with served("files", str(tmp_path)) as address:
        yield address


@pytest.mark.parametrize("name", ["browser", "chess", "image", "python", "speech"])
async def test_every_driver_offers_over_http_the_tools_that_it_offers_on_a_pipe(name):
    on_a_pipe = StdioServerParameters(command=sys.executable, args=["-m", f"drivers.{name}"], cwd=ROOT)
    async with served(name) as address, Client(address) as client, Client(stdio_client(on_a_pipe)) as other:
        over_http, piped = await client.list_tools(), await other.list_tools()
    assert over_http.tools == piped.tools != []


async def test_over_http_a_client_cannot_grant_itself_folders():
    command = (sys.executable, "-m", "drivers.files", "--http", "0")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 2 and b"name the granted folders" in said


async def test_a_driver_answers_over_http_on_loopback_and_no_page_of_another_site(url):
    async with Client(url) as client:
        result = await client.call_tool("read", {"path": "todo.txt"})
        assert result.content[0].text == "milk\n[lines 1-1 of 1]"
        outside = await client.call_tool("read", {"path": "/etc/passwd"})
        assert outside.is_error
    port = int(url.split(":")[2].split("/")[0])
    for headers in ({"Host": f"evil.example:{port}"}, {"Origin": "https://evil.example"}):
        async with httpx2.AsyncClient() as other:
            assert (await other.post(url, headers=headers, json={})).status_code in (403, 421)
