"""The drivers: how each is, what it offers, and what keeps it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content

from llmos.contracts import Json
from llmos.shell.link import Link
from llmos.shell.panels.figures import Told, cell, clock, figure, headed, size
from llmos.shell.panels.panel import Panel
from llmos.shell.panels.rows import Column, Row
from llmos.shell.text import clean, one_line

NO_LIMIT_MB = 2**20
MARKS = {"idle": "○", "starting": "◌", "running": "●", "failing": "✗"}


class DriversPanel(Panel):
    title = "Drivers"
    key = "drivers"
    empty = "No driver is installed. A folder with a driver.toml in the state folder's drivers/ will be listed here."
    columns = (
        Column("driver", 14),
        Column("state", 10),
        Column("restarts", 8, 90, at_right=True),
        Column("what it is for"),
    )
    concerns = ("syscall.",)
    refresh_seconds = 1.0
    BINDINGS: ClassVar[list[BindingType]] = [Binding("s", "start", "Start"), Binding("x", "stop", "Stop")]

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._drivers: dict[str, dict[str, Json]] = {}
        self._tools: dict[tuple[str, Json], list[dict[str, Json]]] = {}

    async def load(self) -> Sequence[Row]:
        self._drivers = {driver["name"]: driver for driver in await self.link.get("/drivers")}
        running = sum(driver["health"]["state"] == "running" for driver in self._drivers.values())
        self.border_subtitle = f"{running} running"
        return [_row(driver) for driver in self._drivers.values()]

    async def detail(self, key: str) -> Told:
        driver = self._drivers[key]
        return about(driver, await self._tools_of(driver))

    async def _tools_of(self, driver: dict[str, Json]) -> list[dict[str, Json]] | None:
        """None while it does not run: to look is no reason to start it."""
        health = driver["health"]
        if health["state"] != "running":
            return None
        life = (driver["name"], health["since"])
        if life not in self._tools:
            self._tools[life] = await self.link.get(f"/drivers/{driver['name']}")
        return self._tools[life]

    @property
    def _state(self) -> str:
        driver = self._drivers.get(self.rows.key or "")
        return driver["health"]["state"] if driver else ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "start":
            return self._state in ("idle", "failing")
        return self._state in ("running", "starting") if action == "stop" else True

    @work(group="act")
    async def action_start(self) -> None:
        if name := self.rows.key:
            self.say(f"{name} is being started …")
            async with self.telling():
                health = await self.link.post(f"/drivers/{name}")
                self.say(f"{MARKS[health['state']]} {name} is {health['state']}")
            await self.reload()

    @work(group="act")
    async def action_stop(self) -> None:
        name = self.rows.key
        body = Content("A call that is under way is interrupted. The next call starts the driver again.")
        if name and await self.confirmed(f"Stop the driver {name}?", body, "stop it"):
            async with self.telling():
                health = await self.link.delete(f"/drivers/{name}")
                self.say(f"{MARKS[health['state']]} {name} is {health['state']}")
            await self.reload()


def _row(driver: dict[str, Json]) -> Row:
    state = driver["health"]["state"]
    return Row(
        driver["name"],
        (
            cell(driver["name"]),
            cell(f"{MARKS[state]} {state}"),
            figure(str(driver["health"]["restarts"] or "")),
            cell(driver["summary"], "dim"),
        ),
    )


def about(driver: dict[str, Json], tools: list[dict[str, Json]] | None) -> Told:
    """`tools` is None where they are not known."""
    health, sandbox = driver["health"], driver["sandbox"]
    told = [
        ("driver", f"{driver['name']}  {one_line(driver['summary'], 200)}"),
        ("state", f"{MARKS[health['state']]} {health['state']}"),
        ("runs as", f"process {health['pid']} since {clock(health['since'])}" if health["pid"] else ""),
        ("reached", one_line(driver["url"], 200)),
        ("starts", one_line(" ".join(driver["command"]).replace("{python}", "python"), 200)),
        ("walls", one_line(health["walls"], 300)),
        ("network", "yes" if sandbox["network"] else "no"),
        ("reads", one_line(", ".join(sandbox["read"]), 300)),
        ("writes", one_line(", ".join(sandbox["write"]), 300)),
        ("folders", "those granted to the app that calls" if sandbox["granted"] else ""),
        (
            "limits",
            _limits(driver["limits"]),
        ),
        ("restarts", str(health["restarts"] or "")),
        ("last error", one_line(health["last_error"], 300)),
    ]
    return Told(told, headed("Tools", "Start it (s) to see its tools." if tools is None else _tools(tools)))


def _limits(limits: dict[str, Json]) -> str:
    memory = f", {size(limits['memory_mb'] * 2**20)} of memory" if limits["memory_mb"] < NO_LIMIT_MB else ""
    return f"{limits['seconds']:g} s a call{memory}"


def _tools(tools: list[dict[str, Json]]) -> Content:
    listed = [
        Content.assemble(
            (one_line(tool["name"], 60), "bold"), (_nature(tool), "dim"), "\n  ", _summary(tool["summary"])
        )
        for tool in tools
    ]
    return Content("\n").join(listed)


def _nature(tool: dict[str, Json]) -> str:
    natures = [word for word in ("read_only", "idempotent", "destructive") if tool[word]]
    return f"  {', '.join(natures).replace('_', ' ')}" if natures else ""


def _summary(text: str) -> str:
    return one_line(clean(text), 300)
