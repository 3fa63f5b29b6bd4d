"""The only way out of the browser: a proxy that admits granted hosts and connects to the addresses it checked.

Covers everything that Chromium sends: pages, frames, redirects, scripts, pictures, fetch, WebSockets.
Does not cover: what goes to a granted host, nor reading inside TLS.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from drivers.browser.addresses import Resolve, admit, host_granted, resolve, spelled
from drivers.browser.errors import BrowserError

HEAD_BYTES = 2**16
CONNECT_SECONDS = 10.0
MAX_NOTED = 50
HOP_BY_HOP = (b"proxy-", b"connection:", b"keep-alive:")


class Proxy:
    """Serves one session on a listening socket. `grants` is asked anew for each connection."""

    def __init__(self, grants: Callable[[], Sequence[str]], find: Resolve = resolve) -> None:
        self._grants, self._find = grants, find
        self._server: asyncio.Server | None = None
        self.refused: dict[str, str] = {}
        self._open: dict[asyncio.Task[None], str] = {}

    async def start(self, listening: socket.socket) -> None:
        self._server = await asyncio.start_server(self._accept, sock=listening.dup(), limit=HEAD_BYTES)

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in self._open:
            task.cancel()

    def recheck(self) -> None:
        """End connections to hosts that are no longer granted."""
        for task, host in self._open.items():
            if host and not host_granted(host, self._grants()):
                task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = ""
        try:
            await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass  # one connection that broke off
        finally:
            self._open.pop(task, None)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(CONNECT_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
        if method != "CONNECT" and parts.scheme != "http":
            return
        onward = await self._connect(parts.hostname or "", parts.port or 80)
        if onward is None:
            return  # without an answer, which a page could not tell from one of the host
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _both_ways(reader, writer, *onward)
            return
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        onward[1].write(_alone(head, f"{method} {path} HTTP/1.1"))
        await _both_ways(reader, writer, *onward, ends=lambda: _pass_head(onward[0], writer))

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to a checked address; None after it was noted why there is none."""
        if task := asyncio.current_task():
            self._open[task] = host
        try:
            addresses = await admit(host, port, self._grants(), self._find)
            async with asyncio.timeout(CONNECT_SECONDS):
                return await _first_that_answers(addresses, port)
        except BrowserError as error:
            self._note(spelled(host), str(error))
        except (OSError, TimeoutError):
            self._note(spelled(host), f"{spelled(host)} does not answer on port {port}.")
        return None

    def _note(self, host: str, why: str) -> None:
        if len(self.refused) < MAX_NOTED:
            self.refused[host] = why


async def _first_that_answers(addresses: Sequence[str], port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return await asyncio.open_connection(address, port)
    return await asyncio.open_connection(addresses[-1], port)


def _alone(head: bytes, first: str) -> bytes:
    """A head whose connection is for this one message: a second one might be for another host."""
    lines = head[:-4].split(b"\r\n")[1:]
    upgrades = any(line.lower().startswith(b"upgrade:") for line in lines)
    kept = [line for line in lines if not line.lower().startswith(HOP_BY_HOP)]
    ending = b"Connection: Upgrade" if upgrades else b"Connection: close"
    return b"\r\n".join([first.encode("latin-1"), *kept, ending]) + b"\r\n\r\n"


async def _pass_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The head of the answer, so that the browser does not send a second request after it."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        first = head.split(b"\r\n", 1)[0].decode("latin-1")
        writer.write(_alone(head, first))
        if not re.match(r"HTTP/1\.\d 1(?!01)", first):
            return


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
    ends: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Pass bytes on until the far end has said all. `ends` passes on what comes first from there."""
    there = asyncio.create_task(_pump(reader, far_writer))
    try:
        if ends:
            await ends()
        await _pump(far_reader, writer)
    finally:
        there.cancel()
        far_writer.close()
        await asyncio.gather(there, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(2**16):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
