"""The engines a kernel thinks with: the system's own, and one for each model that an app's manifest names."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from llmos.contracts import ChatRequest, Chunk, Engine, EngineInfo
from llmos.errors import AppError
from llmos.kernel.scheduler import Scheduler


@dataclass(frozen=True)
class Seat:
    """An engine, and who may use it next."""

    engine: Engine
    scheduler: Scheduler


@dataclass
class _InUse:
    engine: Engine
    num_users: int = 0


class Switched:
    """An engine that may be replaced while it is in use: what runs ends where it began, what comes uses the new one."""

    def __init__(self, engine: Engine) -> None:
        self._now = _InUse(engine)
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def inner(self) -> Engine:
        """The one that the next call uses."""
        return self._now.engine

    def replace(self, engine: Engine) -> None:
        """Use another from now on. The one before is closed as soon as nobody uses it."""
        before, self._now = self._now, _InUse(engine)
        self._close_unused(before)

    async def info(self) -> EngineInfo:
        async with self._using() as engine:
            return await engine.info()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        async with self._using() as engine, aclosing(engine.stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def count_tokens(self, text: str) -> int:
        async with self._using() as engine:
            return await engine.count_tokens(text)

    async def healthy(self) -> bool:
        async with self._using() as engine:
            return await engine.healthy()

    async def close(self) -> None:
        await asyncio.gather(self.inner.close(), *self._closing)

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[Engine]:
        used = self._now
        used.num_users += 1
        try:
            yield used.engine
        finally:
            used.num_users -= 1
            self._close_unused(used)

    def _close_unused(self, used: _InUse) -> None:
        if used is not self._now and not used.num_users:
            task = asyncio.create_task(used.engine.close(), name="close the engine before")
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


class Engines:
    """`open_engine` makes the engine of a model by its name, once, when an app first needs it."""

    def __init__(self, own: Engine, slots: int, open_engine: Callable[[str], Engine] | None = None) -> None:
        self._own = Switched(own)
        self.own = Seat(self._own, Scheduler(slots))
        self._slots = slots
        self._open_engine = open_engine
        self._named: dict[str, Seat] = {}
        self._switching = asyncio.Lock()

    @property
    def own_engine(self) -> Engine:
        """The system's own, as it is now."""
        return self._own.inner

    def seat(self, model: str) -> Seat:
        """Raises AppError when the model is not the system's own and no other can be opened, ModelError."""
        if not model:
            return self.own
        if model not in self._named:
            self._named[model] = Seat(self._open(model), Scheduler(self._slots))
        return self._named[model]

    def opened(self, model: str) -> Engine | None:
        """The engine of a model where there is one already."""
        seat = self._named.get(model) if model else self.own
        return seat.engine if seat else None

    async def switch(self, model: str) -> EngineInfo:
        """Make another model the system's own once it is loaded. Raises AppError, ModelError, EngineUnavailable.

        Where it cannot be loaded, all stays as it was.
        """
        async with self._switching:
            engine = self._open(model)
            try:
                info = await engine.info()
            except BaseException:
                await engine.close()
                raise
            self._own.replace(engine)
            return info

    async def close(self) -> None:
        for seat in (self.own, *self._named.values()):
            await seat.engine.close()

    def _open(self, model: str) -> Engine:
        if self._open_engine is None:
            raise AppError(f"No engine for the model {model} can be opened here; take it out of the app's manifest.")
        return self._open_engine(model)
