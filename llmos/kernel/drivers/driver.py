"""One driver at work: its connection, its tools, the calls under way."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from mcp import Client, MCPError
from mcp import types as mcp_types
from mcp.types import Implementation
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from llmos import __version__
from llmos.contracts import Json, ToolInfo
from llmos.errors import CallInterrupted, Denied, DriverUnavailable, ToolFailed
from llmos.kernel.drivers.answering import Answering, CallUnderWay
from llmos.kernel.drivers.caller import Caller
from llmos.kernel.drivers.content import ToolResult, read_result
from llmos.kernel.drivers.folders import Folders
from llmos.kernel.drivers.listed import ToolLists
from llmos.kernel.drivers.manifest import DriverManifest
from llmos.kernel.drivers.pipe import Meter, Pipe
from llmos.kernel.drivers.remote import FORGOTTEN, Remote
from llmos.kernel.drivers.start import environment_of, launched
from llmos.kernel.drivers.tools import tool_infos

START_SECONDS = 30.0
MAX_TOOL_PAGES = 100
MODE = "auto"
BROKEN_OFF = (mcp_types.CONNECTION_CLOSED, mcp_types.REQUEST_TIMEOUT)


class Forgotten(DriverUnavailable):
    """The server was started again since; what was asked did not happen."""


class Driver:
    """Its MCP client lives in a task of its own, which must both open and close it.

    `died` is why it ended although nobody stopped it, `served` whether it has answered a call.
    """

    def __init__(self, manifest: DriverManifest, log: Path, granted: Folders, lists: ToolLists) -> None:
        self.manifest = manifest
        self._granted = granted
        self._lists = lists
        self.since = time.time()
        self.died = ""
        self.served = False
        self._log = log
        self._meter = Meter(manifest.limits.result_mb * 2**20)
        self._answering = Answering(manifest)
        self._link: Pipe | Remote | None = None
        self._ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._stopping = asyncio.Event()
        self._tools: dict[str, tuple[ToolInfo, str]] = {}
        self._stale = False
        self._task = asyncio.create_task(self._run(), name=f"driver {manifest.name}")

    @property
    def alive(self) -> bool:
        return not self._task.done() and not self.died

    @property
    def ready(self) -> bool:
        return self._ready.done() and self.alive

    @property
    def busy(self) -> bool:
        return bool(self._answering.calls)

    @property
    def pid(self) -> int | None:
        return self._link.pid if self._link else None

    async def started(self) -> None:
        """Wait until it can be called. Raises DriverUnavailable."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.shield(self._ready)
        except TimeoutError as error:
            self._end(f"did not start within {START_SECONDS:.0f} s")
            await self.stop()
            raise self._unavailable(self.died) from error

    async def tools(self) -> list[ToolInfo]:
        """What it offers now; listed again when it has said that this changed."""
        if self._stale:
            self._stale = False
            try:
                await self._list_tools(await self._ready)
            except (MCPError, ValidationError) as error:
                raise ToolFailed(f"{self.manifest.name} cannot list its tools: {first_line(error)}.") from error
        return [tool for tool, _ in self._tools.values()]

    async def call(self, tool: str, arguments: dict[str, Json], caller: Caller) -> ToolResult:
        """Call a tool by the kernel's name for it. Cancelled, it tells the driver so."""
        client = await self._ready
        name = f"{self.manifest.name}.{tool}"
        if tool not in self._tools:
            raise Denied(f"There is no tool called {name}; `llmos drivers` lists them.")
        if not self._answering.calls:
            self._meter.reset()
        try:
            async with asyncio.timeout(self.manifest.limits.seconds) as limit:
                with self._answering.during(CallUnderWay(name, caller, limit)):
                    result = await self._ask(client, name, self._tools[tool][1], arguments, caller)
        except TimeoutError as error:
            self._end("took too long", died=False)
            await self.stop()
            raise self._too_slow(name) from error
        self.served = True
        return read_result(name, result)

    async def stop(self) -> None:
        self._stopping.set()
        await asyncio.wait({self._task}, timeout=10)
        self._task.cancel()

    async def _ask(
        self, client: Client, name: str, listed: str, arguments: dict[str, Json], caller: Caller
    ) -> mcp_types.CallToolResult:
        async def hear(progress: float, total: float | None, message: str | None) -> None:
            caller.progress(name, progress, total, message or "")

        try:
            told = caller.told(self.manifest.name) if self.manifest.callers else {}
            meta = mcp_types.RequestParamsMeta(**told) if told else None  # type: ignore[typeddict-item]
            return await client.call_tool(listed, arguments, progress_callback=hear, meta=meta)
        except MCPError as error:
            if error.code not in BROKEN_OFF and not (self._link and self._link.broken):
                raise ToolFailed(f"{name} refused the call: {first_line(error)}.") from error
            await self.stop()
            if self._ending() == FORGOTTEN:
                raise Forgotten(f"The driver {self.manifest.name} {FORGOTTEN}; try again.") from error
            raise self._interrupted(self.died or self._ending()) from error
        except (ValidationError, RuntimeError) as error:
            raise ToolFailed(f"{name} answered what MCP does not allow: {first_line(error)}.") from error

    async def _run(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f"llmos-{self.manifest.name}-"))
        try:
            with self._log.open("ab", buffering=0) as log:
                await self._serve(log, scratch)
        except Exception as error:  # noqa: BLE001 - whatever ends a driver is told to whoever waits for it
            self._end(self._ending() if self._ready.done() else f"did not start ({self._reason(error)})")
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            if not self._ready.done():
                self._ready.set_exception(self._unavailable(self.died or "was stopped"))
                self._ready.exception()  # whoever waits has been told

    async def _serve(self, log: BinaryIO, scratch: Path) -> None:
        link = self._link = self._connection(log, scratch)
        answering = self._answering
        client = Client(
            link,
            client_info=Implementation(name="llmos", version=__version__),
            message_handler=self._hear,
            list_roots_callback=answering.roots,
            elicitation_callback=answering.elicit,
            sampling_callback=answering.sample if self.manifest.sampling else None,
            cache=None,
            mode=MODE,
        )
        async with client:
            await self._list_tools(client)
            following = asyncio.create_task(self._follow_tools(client))
            self._ready.set_result(client)
            try:
                await self._until_over(link)
            finally:
                following.cancel()
        if link.broken or not self._stopping.is_set():
            self._end(self._ending())

    async def _until_over(self, link: Pipe | Remote) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (self._stopping, link.left)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if link.left.is_set() and not self._stopping.is_set():
            self._end(self._ending())

    def _connection(self, log: BinaryIO, scratch: Path) -> Pipe | Remote:
        manifest, limits = self.manifest, self.manifest.limits
        if manifest.url:
            headers, max_bytes = manifest.filled(manifest.headers), limits.result_mb * 2**20
            return Remote(manifest.url, headers, limits.seconds, max_bytes, self._meter)
        return Pipe(
            launched(manifest, scratch, self._granted), environment_of(manifest, scratch), scratch, log, self._meter
        )

    async def _list_tools(self, client: Client) -> None:
        listed: list[mcp_types.Tool] = []
        cursor: str | None = None
        for _ in range(MAX_TOOL_PAGES):
            page = await client.list_tools(cursor=cursor)
            listed += page.tools
            cursor = page.next_cursor
            if not cursor:
                break
        self._tools = tool_infos(self.manifest, listed)
        self._lists.keep(self.manifest, [tool for tool, _ in self._tools.values()])

    async def _follow_tools(self, client: Client) -> None:
        """Since 2026-07-28 a server says that its tools changed only to who listens; an older one just says it."""
        offered = client.server_capabilities.tools
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS or not offered or not offered.list_changed:
            return
        with suppress(MCPError, RuntimeError, TimeoutError):  # the list as it is will do
            async with client.listen(tools_list_changed=True) as changes:
                self._stale = True  # what changed between the list and now was not said
                async for _ in changes:
                    self._stale = True

    async def _hear(self, message: object) -> None:
        if isinstance(message, mcp_types.ToolListChangedNotification):
            self._stale = True

    def _end(self, why: str, *, died: bool = True) -> None:
        if died:
            self.died = self.died or why
        if self._link is not None:
            with suppress(AttributeError):  # its process was never started
                self._link.cut(why)

    def _ending(self) -> str:
        return self._link.ending if self._link else "could not be started"

    def _reason(self, error: BaseException) -> str:
        """Why it did not start: how its process ended and its last words, or the error."""
        if not isinstance(self._link, Pipe) or not self._link.left.is_set():
            return first_line(error)
        words = last_line(self._log)
        return f"{self._link.ending}: {words}" if words else self._link.ending

    def _unavailable(self, what: str) -> DriverUnavailable:
        return DriverUnavailable(f"The driver {self.manifest.name} {what}; try again, its log is {self._log}.")

    def _interrupted(self, what: str) -> CallInterrupted:
        return CallInterrupted(f"The driver {self.manifest.name} {what} during the call; its log is {self._log}.")

    def _too_slow(self, name: str) -> ToolFailed:
        seconds = self.manifest.limits.seconds
        return ToolFailed(f"{name} took longer than {seconds:.0f} s and was stopped; try less.")


def first_line(error: BaseException) -> str:
    """What a person needs of an error, however deep a task group has wrapped it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def last_line(log: Path) -> str:
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - 2000))
        lines = file.read().decode("utf-8", "replace").split("\n")
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")
    return ""
