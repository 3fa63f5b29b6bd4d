"""A driver's process and the pipe to it: one JSON-RPC message a line, within limits.

The SDK's own stdio transport joins a long line again with each piece that arrives, which stalls the kernel for a result
of 50 MB, and reads a flood for ever.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp import types as mcp_types
from mcp.shared.message import SessionMessage

from llmos.kernel.drivers.tools import mend

EXIT_SECONDS = 2.0
MAX_MESSAGES = 10_000
READ_BYTES = 2**18

Inward = MemoryObjectReceiveStream[SessionMessage | Exception]
Outward = MemoryObjectSendStream[SessionMessage]


class Broken(Exception):
    """The driver broke the protocol; the message says how."""


class Meter:
    """Counts what a driver sends. `reset` with each call."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.reset()

    def reset(self) -> None:
        self._num_bytes = self._num_messages = 0

    def take(self, num_bytes: int, num_messages: int = 0) -> None:
        """Raises Broken when it is too much."""
        self._num_bytes += num_bytes
        self._num_messages += num_messages
        if self._num_bytes > self._max_bytes:
            raise Broken(f"sent more than {self._max_bytes / 2**20:.0f} MB for one call")
        if self._num_messages > MAX_MESSAGES:
            raise Broken(f"sent more than {MAX_MESSAGES} messages for one call")


class Pipe:
    """An MCP transport: entered, it starts the process; left, it ends it. `broken` says why it was cut off."""

    def __init__(
        self, command: Sequence[str], environment: dict[str, str], folder: Path, log: BinaryIO, meter: Meter
    ) -> None:
        self._command, self._environment, self._folder, self._log = command, environment, folder, log
        self._meter = meter
        self.broken = ""
        self.pid: int | None = None
        self.left = asyncio.Event()

    async def __aenter__(self) -> tuple[Inward, Outward]:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
            env=self._environment,
            cwd=self._folder,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self._to_kernel, inward = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        outward, self._to_driver = anyio.create_memory_object_stream[SessionMessage](0)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._write())]
        return inward, outward

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        if not self.broken:
            await self._exited(EXIT_SECONDS)
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.returncode is None or number is signal.SIGKILL:
                self._signal(signal.SIGKILL if self.broken else number)
                await self._exited(EXIT_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._process._transport.close()  # type: ignore[attr-defined]  # a grandchild may hold the pipe open

    def cut(self, why: str) -> None:
        """End it now; whoever waits for an answer is told `why`."""
        self.broken = self.broken or why
        self._signal(signal.SIGKILL)
        self._to_kernel.close()
        self.left.set()

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = getattr(getattr(self, "_process", None), "returncode", None)
        if self.broken or code is None:
            return self.broken or "closed its output"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"

    async def _exited(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), seconds)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def _read(self) -> None:
        try:
            await self._read_lines()
        except Broken as error:
            self.cut(str(error))
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # the session is gone
        finally:
            await self._exited(EXIT_SECONDS)
            self._to_kernel.close()
            self.left.set()

    async def _read_lines(self) -> None:
        assert self._process.stdout is not None
        pieces: list[bytes] = []
        while chunk := await self._process.stdout.read(READ_BYTES):
            self._meter.take(len(chunk))
            *ended, rest = chunk.split(b"\n")
            for line in ended:
                await self._deliver(b"".join([*pieces, line]))
                pieces.clear()
            pieces.append(rest)

    async def _deliver(self, line: bytes) -> None:
        """Pass a message on. What is none is noise, and goes to the log, unless it claims to be one."""
        self._meter.take(0, 1)
        try:
            message = mcp_types.jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError as error:
            if b'"jsonrpc"' in line:
                raise Broken(f"sent what is not JSON-RPC: {line[:80].decode('utf-8', 'replace')}") from error
            self._log.write(line[:1000] + b"\n")
            return
        if isinstance(message, mcp_types.JSONRPCResponse):
            mend(message.result)
        await self._to_kernel.send(SessionMessage(message))

    async def _write(self) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, anyio.ClosedResourceError):
            async for sent in self._to_driver:
                line = sent.message.model_dump_json(by_alias=True, exclude_unset=True)
                self._process.stdin.write(line.encode("utf-8", "replace") + b"\n")
                await self._process.stdin.drain()
