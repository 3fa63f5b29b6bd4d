"""The driver host: starts MCP servers on first use, again when they died, and calls their tools."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from llmos.contracts import Json, ToolInfo
from llmos.engines.backoff import Backoff
from llmos.errors import Denied, DriverUnavailable
from llmos.kernel.drivers.caller import Caller, Silence
from llmos.kernel.drivers.content import ToolResult
from llmos.kernel.drivers.driver import Driver, Forgotten
from llmos.kernel.drivers.folders import NONE
from llmos.kernel.drivers.listed import ToolLists
from llmos.kernel.drivers.manifest import DriverManifest
from llmos.kernel.drivers.start import describe_walls

MAX_PROCESSES = 4  # of one driver
SETTLED_SECONDS = 10.0  # who was just asked for may be about to be called


@dataclass(frozen=True)
class Health:
    """How a driver is. `since` is when its process started; `walls` is what keeps it in."""

    state: Literal["idle", "starting", "running", "failing"]
    pid: int | None
    since: float | None
    restarts: int
    last_error: str
    walls: str


@dataclass
class _Slot:
    """The place of one driver: the one at work, when it was last asked for, and what became of those before it."""

    driver: Driver | None = None
    backoff: Backoff = field(default_factory=Backoff)
    starts: int = 0
    last_error: str = ""
    used: float = 0.0
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)


class DriverHost:
    """Owns one connection per driver in use. A driver's crash is an error, never the kernel's end.

    A driver that may use granted folders is started for each set of them, so that its walls are those of one app.
    """

    def __init__(self, manifests: Mapping[str, DriverManifest], logs: Path, lists: Path | None = None) -> None:
        """`lists` is where what drivers offer is kept from one start to the next; without it, it is not."""
        self.manifests = dict(manifests)
        self._logs = logs
        self._lists = ToolLists(lists)
        self._slots = {(name, NONE): _Slot() for name in manifests}

    async def tools(self, driver: str, caller: Caller | None = None) -> list[ToolInfo]:
        """What a driver offers, as it says itself. Starts it."""
        return await (await self._driver(driver, caller or Silence())).tools()

    async def tool(self, name: str, caller: Caller | None = None) -> ToolInfo:
        """One tool by its full name, `driver.tool`. Raises Denied when there is none."""
        for tool in await self.tools(name.partition(".")[0], caller):
            if tool.name == name:
                return tool
        raise _no_such_tool(name)

    async def listed(self, name: str, caller: Caller | None = None) -> ToolInfo:
        """One tool as it was when its driver last ran, which this starts only when that is not known.

        Judge a call by `tool`, never by this: the driver may have changed since.
        """
        driver = name.partition(".")[0]
        self._require(driver)
        running = next((slot.driver for slot in self._slots_of(driver) if slot.driver and slot.driver.ready), None)
        known = await running.tools() if running else self._lists.get(self.manifests[driver])
        for tool in known or await self.tools(driver, caller):
            if tool.name == name:
                return tool
        raise _no_such_tool(name)

    async def call(self, name: str, arguments: dict[str, Json], caller: Caller | None = None) -> Json:
        """Run `driver.tool` and return what it says, without the bytes that came beside it. Raises as `run` does."""
        return (await self.run(name, arguments, caller)).value

    async def run(self, name: str, arguments: dict[str, Json], caller: Caller | None = None) -> ToolResult:
        """Run `driver.tool`.

        Raises ToolFailed (the tool said no, or took too long), DriverUnavailable (it would not start),
        CallInterrupted (it died at work, and the call may have happened).
        """
        driver, _, tool = name.partition(".")
        caller = caller or Silence()
        try:
            return await (await self._driver(driver, caller)).call(tool, arguments, caller)
        except Forgotten:
            return await (await self._driver(driver, caller)).call(tool, arguments, caller)

    async def stop(self, name: str) -> None:
        """End every process of a driver; the next call starts it again. Raises Denied when there is none."""
        self._require(name)
        for slot in self._slots_of(name):
            driver, slot.driver = slot.driver, None
            if driver is not None:
                await driver.stop()

    def health(self, name: str) -> Health:
        manifest, slots = self.manifests[name], self._slots_of(name)
        for slot in slots:
            self._bury(slot)
        slot = max(slots, key=lambda slot: (slot.driver is not None, slot.used))
        driver = slot.driver
        restarts = sum(max(0, slot.starts - 1) for slot in slots)
        walls = describe_walls(manifest)
        if driver is None:
            return Health("failing" if slot.last_error else "idle", None, None, restarts, slot.last_error, walls)
        state: Literal["starting", "running"] = "running" if driver.ready else "starting"
        return Health(state, driver.pid, driver.since, restarts, slot.last_error, walls)

    async def close(self) -> None:
        drivers = [slot.driver for slot in self._slots.values() if slot.driver is not None]
        await asyncio.gather(*(driver.stop() for driver in drivers))

    async def _driver(self, name: str, caller: Caller) -> Driver:
        self._require(name)
        granted = caller.folders(name) if self.manifests[name].sandbox.granted else NONE
        slot = self._slots.setdefault((name, granted), _Slot())
        slot.used = time.monotonic()
        async with slot.starting:
            if slot.driver is None or not slot.driver.alive:
                await self._make_room(name)
                await self._wait_its_turn(name, slot)
                slot.driver = Driver(self.manifests[name], self._logs / f"driver-{name}.log", granted, self._lists)
                slot.starts += 1
        await slot.driver.started()
        return slot.driver

    def _require(self, name: str) -> None:
        if name not in self.manifests:
            raise Denied(f"There is no driver called {name}; there are: {', '.join(self.manifests) or 'none'}.")

    async def _make_room(self, name: str) -> None:
        """Stop the processes of a driver that were not asked for the longest, until one more may start."""
        slots = sorted(self._slots_of(name), key=lambda slot: slot.used)
        running = [slot.driver for slot in slots if slot.driver is not None and slot.driver.alive]
        long_ago = time.monotonic() - SETTLED_SECONDS
        idle = [slot for slot in slots if slot.driver in running and slot.used < long_ago and not slot.driver.busy]
        for slot in idle[: max(0, len(running) + 1 - MAX_PROCESSES)]:
            assert slot.driver is not None
            await slot.driver.stop()
            slot.driver = None

    def _slots_of(self, name: str) -> list[_Slot]:
        return [slot for (driver, _), slot in self._slots.items() if driver == name]

    async def _wait_its_turn(self, name: str, slot: _Slot) -> None:
        """Wait before a driver that keeps dying is started again. Raises DriverUnavailable once it died too often."""
        self._bury(slot)
        seconds = slot.backoff.delay_seconds()
        if seconds is None:
            raise DriverUnavailable(
                f"The driver {name} keeps failing: it {slot.last_error}. Look into"
                f" {self._logs / f'driver-{name}.log'}, then try again in a minute."
            )
        await asyncio.sleep(seconds)

    def _bury(self, slot: _Slot) -> None:
        """Take note of how the last one died."""
        if slot.driver is not None and not slot.driver.alive:
            if slot.driver.died:
                slot.last_error = slot.driver.died
                if slot.driver.served:
                    slot.backoff = Backoff()
                slot.backoff.died()
            slot.driver = None


def _no_such_tool(name: str) -> Denied:
    return Denied(f"There is no tool called {name}; `llmos drivers` lists them.")
