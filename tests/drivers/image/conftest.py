import asyncio
import base64
import io
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client, StdioServerParameters
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "apps" / "sketch-to-website" / "examples"


def base64_of(data):
    return base64.b64encode(data).decode()


def encoded(image, format="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def drawn_form():
    """A clean wireframe: a label over a field, and a button."""
    page = Image.new("RGB", (800, 600), "white")
    pen = ImageDraw.Draw(page)
    pen.text((100, 80), "Your name", fill="black", font_size=36)
    pen.rectangle((100, 140, 600, 200), outline="black", width=4)
    pen.rectangle((100, 300, 340, 380), outline="black", width=4)
    pen.text((170, 318), "Send", fill="black", font_size=36)
    return page


@pytest.fixture(scope="session")
def server():
    return StdioServerParameters(
        command=sys.executable, args=["-m", "drivers.image"], env={"PYTHONPATH": str(ROOT)}, cwd=ROOT
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def driver(server):
    """One running driver for all tests; its client is opened and closed in a task of its own, as MCP demands."""
    ready, done = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def run():
        async with Client(server) as client:
            ready.set_result(client)
            await done.wait()

    running = asyncio.create_task(run())
    yield await asyncio.wait_for(ready, 60)
    done.set()
    await running
