"""The MCP server: run Python, run a shell command, calculate."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated

import anyio
from anyio.to_thread import run_sync
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from drivers.python import walls

if TYPE_CHECKING:
    from drivers.python.sessions import Sessions
    from drivers.python.small import SmallPython

PROCESS = "llmos/process"  # the key under which llmos says which of its processes calls
MAX_CODE_BYTES = 100_000
# what they change is a session that nobody else has; they destroy nothing outside it, and reach nothing
RUNS = ToolAnnotations(read_only_hint=False, idempotent_hint=False, destructive_hint=False, open_world_hint=False)
READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False)

Code = Annotated[str, Field(description="Python. Variables are kept for the next run. Print the answer.")]
Command = Annotated[str, Field(description="A command for sh, in the folder of the session. No network.")]
Expression = Annotated[str, Field(description="Such as 15% of 80, 2^64, 3 km in miles, 2026-03-01 - 2026-01-15.")]


@dataclass
class Machine:
    """What the tools run on: sessions where there is a sandbox, small Pythons where there is none."""

    sessions: Sessions | None = None
    small: dict[str, SmallPython] = field(default_factory=dict)
    making: threading.Lock = field(default_factory=threading.Lock)

    def run(self, code: str, process: str, given_up: threading.Event) -> CallToolResult:
        if why := walls.missing():
            return self._small(process, why).run(code)
        from drivers.python.answers import of_run

        return of_run(self._sessions().of(process).run(code, given_up))

    def shell(self, command: str, process: str, given_up: threading.Event) -> CallToolResult:
        from drivers.python.answers import of_shell, refusal

        if why := walls.missing():
            return refusal(f"No shell can be run safely here, as {why}; use python.run.")
        return of_shell(self._sessions().of(process).shell(command, given_up))

    def close(self) -> None:
        if self.sessions is not None:
            self.sessions.close()
        for small in self.small.values():
            small.close()

    def _sessions(self) -> Sessions:
        from drivers.python.sessions import Sessions

        with self.making:
            self.sessions = self.sessions or Sessions()
            return self.sessions

    def _small(self, process: str, why: str) -> SmallPython:
        from drivers.python.small import SmallPython

        with self.making:
            while len(self.small) >= 8 and process not in self.small:
                self.small.pop(next(iter(self.small))).close()
            return self.small.setdefault(process, SmallPython(why))


@asynccontextmanager
async def _living(_: MCPServer) -> AsyncIterator[Machine]:
    machine = Machine()
    try:
        yield machine
    finally:
        machine.close()


server = MCPServer(
    "python", instructions="Runs Python and shell commands in a sandbox, and calculates.", lifespan=_living
)


@server.tool(annotations=RUNS, structured_output=False)
async def run(code: Code, context: Context) -> CallToolResult:
    """Run Python code and get what it prints. Use loops, not recursion. numpy, pandas, matplotlib are there."""
    return await _within("run", code, context)


@server.tool(annotations=RUNS, structured_output=False)
async def shell(command: Command, context: Context) -> CallToolResult:
    """Run a shell command and get what it prints, in the folder that Python's files are in."""
    return await _within("shell", command, context)


@server.tool(annotations=READS, structured_output=False)
def calculate(expression: Expression) -> CallToolResult:
    """Calculate exactly: numbers of any size, fractions, percent, powers, units, dates."""
    from drivers.python.answers import refusal
    from drivers.python.arithmetic import Refused
    from drivers.python.calculate import calculate as answer

    try:
        return CallToolResult(content=[TextContent(type="text", text=answer(expression))])
    except Refused as error:
        return refusal(str(error))


async def _within(tool: str, text: str, context: Context) -> CallToolResult:
    from drivers.python.answers import refusal

    if not text.strip():
        return refusal("There is nothing to run; send the code.")
    if len(text.encode("utf-8", "replace")) > MAX_CODE_BYTES:
        return refusal(f"That is more than {MAX_CODE_BYTES} bytes; run it in parts.")
    work, given_up = getattr(context.request_context.lifespan_context, tool), threading.Event()
    try:
        return await run_sync(partial(work, text, _process(context), given_up), abandon_on_cancel=True)
    except anyio.get_cancelled_exc_class():
        given_up.set()
        raise


def _process(context: Context) -> str:
    """Whose session: that of the process that llmos names, or the one of the connection."""
    named = (context.request_context.meta or {}).get(PROCESS)
    return str(named)[:100] if isinstance(named, str | int) else ""
