"""The shell's line to the kernel of one state folder: requests, and events that go on after a kernel was lost.

A kernel that crashed is started again; one that was stopped in order stays down until something is asked of it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from enum import StrEnum
from pathlib import Path

import httpx2

from llmos.contracts import Json
from llmos.errors import KernelUnavailable
from llmos.http import client
from llmos.http.address import announced

TICK_SECONDS = 0.25
FINAL = ("process.done", "process.failed", "process.killed")


class LinkState(StrEnum):
    STARTING = "starting"
    UP = "up"
    LOST = "lost"


class Link:
    """The shell's line to the kernel of one state folder. `on_state` hears each change of `state`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.state = LinkState.STARTING
        self.on_state: Callable[[LinkState], None] = lambda state: None
        self._http: httpx2.AsyncClient | None = None
        self._dead: list[httpx2.AsyncClient] = []  # others may still be reading from one
        self._connecting = asyncio.Lock()

    async def connect(self) -> None:
        """Reach the kernel, started when there is none. Raises KernelUnavailable with its last words."""
        async with self._connecting:
            if self._http is None:
                self._become(LinkState.STARTING)
                await asyncio.to_thread(client.connect, self.home)
                self._open()

    async def get(self, path: str, **query: Json) -> Json:
        """Raises LlmosError with the kernel's own sentence."""
        given = {key: value for key, value in query.items() if value is not None}
        return (await self._send("GET", path, params=given)).json()

    async def post(self, path: str, body: Json = None) -> Json:
        return (await self._send("POST", path, json=body)).json()

    async def delete(self, path: str, **query: Json) -> Json:
        return (await self._send("DELETE", path, params=query)).json()

    async def blob(self, sha256: str) -> bytes:
        """The bytes of an attachment or of a long result."""
        return (await self._send("GET", f"/blobs/{sha256}")).content

    async def follow(self, pid: int, after: int = 0) -> AsyncGenerator[Json]:
        """Events of a process from `after` on, with streamed text (`seq` 0), until the process ends."""
        async with aclosing(self._events(f"/processes/{pid}/events", after)) as events:
            async for event in events:
                yield event
                if event["kind"] in FINAL:
                    return

    async def watch(self, after: int | None = None) -> AsyncGenerator[Json]:
        """Events of all processes as they happen, from now or from `after` on, with streamed text."""
        async with aclosing(self._events("/events", after)) as events:
            async for event in events:
                yield event

    async def close(self) -> None:
        for http in (*self._dead, self._http):
            if http is not None:
                await http.aclose()
        self._http = None

    async def _events(self, path: str, after: int | None) -> AsyncGenerator[Json]:
        while True:
            http = await self._reached()
            try:
                async with aclosing(_stream(http, path, after)) as events:
                    async for event in events:
                        after = event["data"]["after"] if event["kind"] == "watch.begun" else event["seq"] or after
                        yield event
            except httpx2.HTTPError:
                pass
            self._lose(http)

    async def _send(self, method: str, path: str, **arguments: Json) -> httpx2.Response:
        if self._http is None:
            await self.connect()
        http = self._http
        assert http is not None
        try:
            response = await http.request(method, path, **arguments)
        except httpx2.HTTPError as error:
            self._lose(http)
            raise KernelUnavailable(
                "The kernel does not answer; it is started again, then try it once more."
            ) from error
        if response.is_error:
            raise client.told_error(response)
        return response

    async def _reached(self) -> httpx2.AsyncClient:
        """The line, when there is one again. A kernel that left its address behind has crashed: it is started."""
        while self._http is None:
            if announced(self.home) is not None:
                try:
                    await self.connect()
                    continue
                except KernelUnavailable:
                    self._become(LinkState.LOST)
            await asyncio.sleep(TICK_SECONDS)
        return self._http

    def _lose(self, http: httpx2.AsyncClient) -> None:
        if self._http is http:
            self._http = None
            self._dead.append(http)
            self._become(LinkState.LOST)

    def _open(self) -> None:
        address = announced(self.home)
        if address is None:
            raise KernelUnavailable("The kernel was stopped; `llmos up` starts it.")
        headers = {"Authorization": f"Bearer {address.token}"}
        timeout, limits = httpx2.Timeout(60, read=None, pool=None), httpx2.Limits(max_connections=None)
        self._http = httpx2.AsyncClient(
            base_url=f"{address.url}/v0", headers=headers, timeout=timeout, limits=limits, trust_env=False
        )
        self._become(LinkState.UP)

    def _become(self, state: LinkState) -> None:
        if state != self.state:
            self.state = state
            self.on_state(state)


async def _stream(http: httpx2.AsyncClient, path: str, after: int | None) -> AsyncGenerator[Json]:
    query = {} if after is None else {"after": after}
    async with http.stream("GET", path, params=query) as response:
        if response.is_error:
            await response.aread()
            raise client.told_error(response)
        async for line in response.aiter_lines():
            if line.startswith("data:"):
                yield json.loads(line[5:])
