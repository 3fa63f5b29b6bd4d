"""A driver at a URL: MCP's Streamable HTTP, within the same limits as a process on a pipe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from types import TracebackType

import anyio
import httpx2
from mcp import types as mcp_types
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage

from llmos.kernel.drivers.pipe import Broken, Meter
from llmos.kernel.drivers.tools import mend

CONNECT_SECONDS = 10.0
FORGOTTEN = "has forgotten the session"


class Remote:
    """An MCP transport. `broken` says why it was cut off."""

    def __init__(self, url: str, headers: dict[str, str], seconds: float, max_bytes: int, meter: Meter) -> None:
        self._url, self._headers, self._seconds, self._max_bytes = url, headers, seconds, max_bytes
        self._meter = meter
        self.broken = ""
        self.pid: int | None = None
        self.left = anyio.Event()

    async def __aenter__(self) -> tuple[ReadStream[SessionMessage | Exception], WriteStream[SessionMessage]]:
        self._stack = AsyncExitStack()
        timeout = httpx2.Timeout(CONNECT_SECONDS, read=self._seconds + CONNECT_SECONDS)
        client = httpx2.AsyncClient(headers=self._headers, timeout=timeout, transport=_Bounded(self))
        await self._stack.enter_async_context(client)
        opened = streamable_http_client(self._url, http_client=client, max_sse_event_size=self._max_bytes)
        inward, outward = await self._stack.enter_async_context(opened)
        return _Mended(inward), outward

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.left.set()
        await self._stack.__aexit__(kind, error, trace)

    def cut(self, why: str) -> None:
        """Give it up; whoever waits for an answer is told `why`."""
        self.broken = self.broken or why
        self.left.set()

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        return self.broken or f"at {self._url} ended the connection"

    def take(self, num_bytes: int) -> None:
        try:
            self._meter.take(num_bytes)
        except Broken as error:
            self.cut(str(error))
            raise httpx2.ReadError(str(error)) from error


class _Bounded(httpx2.AsyncHTTPTransport):
    """Counts what arrives."""

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self._remote = remote

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if response.status_code == 404 and "mcp-session-id" in request.headers and request.method == "POST":
            self._remote.cut(FORGOTTEN)  # by the protocol, it has not looked at the request
        response.stream = _Counted(response.stream, self._remote)  # type: ignore[arg-type]
        return response


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, remote: Remote) -> None:
        self._stream, self._remote = stream, remote

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._remote.take(len(chunk))
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Mended:
    """The stream that comes in, with each message as the kernel can read it."""

    def __init__(self, stream: ReadStream[SessionMessage | Exception]) -> None:
        self._stream = stream

    @property
    def last_context(self) -> object:
        """The SDK asks for it: the context of the task that sent the message."""
        return getattr(self._stream, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        received = await self._stream.receive()
        if isinstance(received, SessionMessage) and isinstance(received.message, mcp_types.JSONRPCResponse):
            mend(received.message.result)
        return received

    async def aclose(self) -> None:
        await self._stream.aclose()

    def __aiter__(self) -> _Mended:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> _Mended:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._stream.__aexit__(kind, error, trace)
