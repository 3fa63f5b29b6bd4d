"""The driver host: starts MCP servers on first use, calls their tools. A crash is an error, never the kernel's end."""

import asyncio
import sys
import tomllib
from pathlib import Path
from typing import Any

from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp import types as mcp_types
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llmos import paths
from llmos.contracts import Json, ToolInfo
from llmos.errors import AppError, CallInterrupted, Denied, DriverUnavailable, ToolFailed

START_SECONDS = 30.0
BROKEN_OFF = (mcp_types.CONNECTION_CLOSED, mcp_types.REQUEST_TIMEOUT)


class Limits(BaseModel):
    """What one driver process may use."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    memory_mb: int = Field(4096, ge=64, description="Address space of the driver's process.")
    seconds: float = Field(60, gt=0, description="Time one call may take.")


class DriverManifest(BaseModel):
    """`driver.toml`. In `command`, {python} is the interpreter that runs llmos."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    summary: str
    command: tuple[str, ...] = Field(min_length=1)
    limits: Limits = Limits()


def load_driver(folder: Path) -> DriverManifest:
    try:
        return DriverManifest(**tomllib.loads((folder / "driver.toml").read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise AppError(f"{folder / 'driver.toml'} is not a driver manifest: {error}.") from error


def shipped_drivers() -> dict[str, DriverManifest]:
    """The manifests of all drivers that ship with llmos, by name."""
    folders = sorted(path.parent for path in (paths.bundle_root() / "drivers").glob("*/driver.toml"))
    return {manifest.name: manifest for manifest in map(load_driver, folders)}


def known_drivers(home: Path) -> dict[str, DriverManifest]:
    """The shipped drivers and those in the state folder's `drivers/`, which hide shipped ones of the same name."""
    folders = sorted(path.parent for path in (home / "drivers").glob("*/driver.toml"))
    return shipped_drivers() | {manifest.name: manifest for manifest in map(load_driver, folders)}


class DriverHost:
    """Owns one process per driver in use."""

    def __init__(self, manifests: dict[str, DriverManifest], logs: Path) -> None:
        self.manifests = manifests
        self._logs = logs
        self._running: dict[str, _Driver] = {}

    async def tools(self, driver: str) -> list[ToolInfo]:
        """What a driver offers, as it says itself. Starts it."""
        return (await self._driver(driver)).tools

    async def tool(self, name: str) -> ToolInfo:
        """One tool by its full name, `driver.tool`. Raises Denied when there is none."""
        for tool in await self.tools(name.partition(".")[0]):
            if tool.name == name:
                return tool
        raise Denied(f"There is no tool called {name}; `llmos drivers` lists them.")

    async def call(self, name: str, arguments: dict[str, Json]) -> Json:
        """Run `driver.tool` and return its structured result.

        Raises ToolFailed (the tool said no, or took too long), DriverUnavailable (it died or would not start).
        """
        driver, _, tool = name.partition(".")
        return await (await self._driver(driver)).call(tool, arguments)

    async def close(self) -> None:
        running, self._running = self._running, {}
        for driver in running.values():
            await driver.stop()

    async def _driver(self, name: str) -> "_Driver":
        if name not in self.manifests:
            raise Denied(f"There is no driver called {name}; there are: {', '.join(self.manifests) or 'none'}.")
        driver = self._running.get(name)
        if driver is None or not driver.alive:
            driver = self._running[name] = _Driver(self.manifests[name], self._logs / f"driver-{name}.log")
        await driver.started()
        return driver


class _Driver:
    """One running driver. Its MCP client lives in a task of its own, which must both open and close it."""

    def __init__(self, manifest: DriverManifest, log: Path) -> None:
        self._manifest = manifest
        self._log = log
        self._ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._stopping = asyncio.Event()
        self.tools: list[ToolInfo] = []
        self._task = asyncio.create_task(self._run(), name=f"driver {manifest.name}")

    @property
    def alive(self) -> bool:
        return not self._task.done()

    async def started(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.shield(self._ready)
        except TimeoutError as error:
            await self.stop()
            raise self._unavailable(f"did not start within {START_SECONDS:.0f} s") from error

    async def call(self, tool: str, arguments: dict[str, Json]) -> Json:
        client = await self._ready
        seconds = self._manifest.limits.seconds
        call = asyncio.ensure_future(client.call_tool(tool, arguments, read_timeout_seconds=seconds + 5))
        try:
            await asyncio.wait({call, self._task}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                died = self._task.done()
                await self.stop()
                raise self._interrupted("died during the call") if died else self._too_slow(tool)
            return _content(self._manifest.name, tool, call.result())
        except MCPError as error:
            if error.code not in BROKEN_OFF:
                raise ToolFailed(f"{self._manifest.name}.{tool} refused the call: {_first_line(error)}.") from error
            await self.stop()
            raise self._interrupted(f"broke off the call ({error})") from error
        finally:
            call.cancel()

    async def stop(self) -> None:
        self._stopping.set()
        await asyncio.wait({self._task}, timeout=10)
        self._task.cancel()

    async def _run(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("a", encoding="utf-8") as errlog:
            try:
                async with Client(stdio_client(self._parameters(), errlog=errlog)) as client:
                    self.tools = await self._list_tools(client)
                    self._ready.set_result(client)
                    await self._stopping.wait()
            except Exception as error:  # noqa: BLE001 - whatever ends a driver is told to whoever waits for it
                if not self._ready.done():
                    self._ready.set_exception(self._unavailable(f"did not start ({_first_line(error)})"))

    def _parameters(self) -> StdioServerParameters:
        command = [sys.executable if part == "{python}" else part for part in self._manifest.command]
        limits = ["--memory-mb", str(self._manifest.limits.memory_mb), "--", *command]
        launcher = str(Path(__file__).with_name("launch.py"))
        environment = {"PYTHONPATH": str(paths.bundle_root()), "PYTHONUNBUFFERED": "1"}
        return StdioServerParameters(command=sys.executable, args=["-P", launcher, *limits], env=environment)

    async def _list_tools(self, client: Client) -> list[ToolInfo]:
        listed = await client.list_tools()
        return [_tool_info(self._manifest.name, tool) for tool in listed.tools]

    def _unavailable(self, what: str) -> DriverUnavailable:
        return DriverUnavailable(f"The driver {self._manifest.name} {what}; try again, its log is {self._log}.")

    def _interrupted(self, what: str) -> CallInterrupted:
        return CallInterrupted(f"The driver {self._manifest.name} {what}; its log is {self._log}.")

    def _too_slow(self, tool: str) -> ToolFailed:
        seconds = self._manifest.limits.seconds
        return ToolFailed(f"{self._manifest.name}.{tool} took longer than {seconds:.0f} s and was stopped; try less.")


def _tool_info(driver: str, tool: mcp_types.Tool) -> ToolInfo:
    hints = tool.annotations
    return ToolInfo(
        name=f"{driver}.{tool.name}",
        summary=tool.description or "",
        schema=tool.input_schema,
        read_only=bool(hints and hints.read_only_hint),
        idempotent=bool(hints and hints.idempotent_hint),
    )


def _content(driver: str, tool: str, result: mcp_types.CallToolResult) -> Json:
    text = "\n".join(part.text for part in result.content if isinstance(part, mcp_types.TextContent))
    if result.is_error:
        raise ToolFailed(text or f"{driver}.{tool} failed and did not say why.")
    structured: Any = result.structured_content
    return text if structured is None else structured


def _first_line(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return (str(error).splitlines() or [type(error).__name__])[0]
