"""Each shipped driver killed, hung and cut off in the middle of a call: one clear sentence, and the next call works."""

import asyncio
import os
import re
import signal

import pytest

from llmos.bench.drivers import CHESS_START
from llmos.errors import CallInterrupted, ToolFailed
from llmos.kernel.drivers import DriverHost, shipped_drivers

# a small call of each, and words of what it comes to
CALLS = {
    "browser": ("read", {}, "No page is open"),
    "chess": ("moves", {"fen": CHESS_START}, "a2a4"),
    "files": ("list", {}, "No folder is granted"),
    "imagine": ("picture", {"prompt": ""}, "\\w"),
    "image": ("ocr", {"image": "data:image/png;base64,AAAA"}, "picture"),
    "python": ("calculate", {"expression": "6 * 7"}, "42"),
    "speech": ("listen", {"audio": "data:audio/wav;base64,AAAA"}, "recording|sound|audio"),
}


def test_every_shipped_driver_is_here():
    assert {*CALLS} == {*shipped_drivers()}


@pytest.fixture(params=sorted(CALLS))
async def driver(request, tmp_path):
    """A running driver, its name, and a way to make its small call."""
    name = request.param
    tool, arguments, words = CALLS[name]
    manifest = shipped_drivers()[name]
    limits = manifest.limits.model_copy(update={"seconds": 20})
    host = DriverHost({name: manifest.model_copy(update={"limits": limits})}, tmp_path / "logs")

    async def call():
        return await host.run(f"{name}.{tool}", arguments)

    async def goes_on():
        try:
            said = str((await call()).value)
        except ToolFailed as error:
            said = str(error)
        assert re.search(words, said), said

    await host.tools(name)
    yield host, name, call, goes_on
    await host.close()


def of(host, name):
    [slot] = host._slots_of(name)
    return slot.driver


async def test_killed(driver):
    host, name, call, goes_on = driver
    os.kill(of(host, name).pid, signal.SIGSTOP)
    calling = asyncio.create_task(call())
    async with asyncio.timeout(20):
        while not of(host, name).busy:  # noqa: ASYNC110 - a driver tells nobody that a call began
            await asyncio.sleep(0)
    os.kill(of(host, name).pid, signal.SIGKILL)
    with pytest.raises(CallInterrupted, match=f"The driver {name} was ended by SIGKILL during the call"):
        await calling
    await goes_on()


async def test_hung(driver):
    host, name, call, goes_on = driver
    running = of(host, name)
    limits = running.manifest.limits.model_copy(update={"seconds": 0.2})
    running.manifest = running.manifest.model_copy(update={"limits": limits})
    os.kill(running.pid, signal.SIGSTOP)
    with pytest.raises(ToolFailed, match=rf"{name}\.\w+ took longer than 0 s and was stopped; try less"):
        await call()
    await goes_on()


async def test_flooding(driver):
    host, name, call, goes_on = driver
    of(host, name)._meter._max_bytes = 10  # whatever it says now is too much
    with pytest.raises(CallInterrupted, match=f"The driver {name} sent more than 0 MB for one call during the call"):
        await call()
    await goes_on()
