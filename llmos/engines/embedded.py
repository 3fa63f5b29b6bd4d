"""An engine in a process of its own on this machine: started on demand, and again after each death."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import ClassVar, NamedTuple

from llmos.contracts import ChatRequest, Chunk, EngineInfo
from llmos.engines.backoff import Backoff
from llmos.engines.child import EngineProcess, EngineSettings
from llmos.engines.client import ChatClient
from llmos.engines.props import context_tokens_of, modalities_of
from llmos.errors import EngineUnavailable

DEATH_SECONDS = 2.0  # between a broken connection and the system's word that the process is dead


class Running(NamedTuple):
    process: EngineProcess
    client: ChatClient


class EmbeddedEngine:
    """`module` is what the process runs; it must speak as `llamacpp_server` does."""

    module: ClassVar[str]

    def __init__(self, settings: EngineSettings, log: Path | None) -> None:
        self._settings = settings
        self._name = Path(settings.model).stem
        self._log = log or Path(tempfile.mkdtemp(prefix="llmos-engine-")) / "engine.log"
        self._lock = asyncio.Lock()
        self._backoff = Backoff()
        self._process: EngineProcess | None = None
        self._running: Running | None = None

    def _check(self) -> None:
        """Raises EngineUnavailable for what would only fail later, and less clearly."""
        raise NotImplementedError

    async def info(self) -> EngineInfo:
        async with self._client() as client:
            props = await client.get(f"{client.root}/props")
        return EngineInfo(self._name, context_tokens_of(props), modalities_of(props), grammars=True)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        async with self._client() as client, aclosing(client.stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def count_tokens(self, text: str) -> int:
        async with self._client() as client:
            answer = await client.post(f"{client.root}/tokenize", {"content": text})
        return len(answer["tokens"])

    async def healthy(self) -> bool:
        """Whether the engine runs; false before its first request."""
        return self._running is not None and self._running.process.alive()

    async def close(self) -> None:
        async with self._lock:
            await self._forget()

    async def address(self) -> tuple[str, str]:
        """Where the engine listens, and the key it asks for."""
        return (await self._started()).client.root, self._settings.key

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[ChatClient]:
        running = await self._started()
        try:
            yield running.client
        except EngineUnavailable as error:
            how = await running.process.death(DEATH_SECONDS)
            if how is None:
                raise
            raise EngineUnavailable(
                f"The engine died ({how}); it starts again with the next request, so ask again."
            ) from error

    async def _started(self) -> Running:
        async with self._lock:
            if self._running and not self._running.process.alive():
                await self._bury()
            if self._running is None:
                self._running = await self._start()
            return self._running

    async def _start(self) -> Running:
        self._check()
        # a start that was cancelled left a process that is still loading
        self._process = self._process or await EngineProcess.start(self.module, self._settings, self._log)
        address = await self._process.address()
        if address is None:
            reason = self._process.first_error()
            await self._forget()
            raise EngineUnavailable(
                f"The engine cannot load {self._settings.model} ({reason}); "
                f"if the file is broken, delete it and fetch it again with `llmos pull` (log: {self._log})."
            )
        return Running(self._process, ChatClient(address, self._settings.key, self._name))

    async def _bury(self) -> None:
        await self._forget()
        self._backoff.died()
        delay = self._backoff.delay_seconds()
        if delay is None:
            raise EngineUnavailable(f"The engine keeps dying; read {self._log} and try again in a minute.")
        await asyncio.sleep(delay)

    async def _forget(self) -> None:
        running, self._running = self._running, None
        process, self._process = self._process, None
        if running:
            await running.client.close()
        if process:
            await process.stop()


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
