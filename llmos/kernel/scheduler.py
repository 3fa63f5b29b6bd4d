"""Who may use the engine next. Interactive requests go before others; too many waiting are refused at the door."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum

from llmos.errors import EngineUnavailable

MAX_WAITING = 64


class Priority(IntEnum):
    INTERACTIVE = 0
    REQUEST = 1
    BACKGROUND = 2


class Scheduler:
    """Admits at most `slots` requests at once, the most urgent first, in order of arrival within a class."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._arrivals = 0
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []

    @property
    def num_waiting(self) -> int:
        return sum(not ticket.done() for _, _, ticket in self._waiting)

    @asynccontextmanager
    async def slot(self, priority: Priority) -> AsyncIterator[None]:
        """Hold one slot. Raises EngineUnavailable when the queue is full."""
        await self._admit(priority)
        try:
            yield
        finally:
            self._release()

    async def _admit(self, priority: Priority) -> None:
        if self._free > 0:
            self._free -= 1
            return
        if self.num_waiting >= MAX_WAITING:
            raise EngineUnavailable(f"{MAX_WAITING} requests are waiting for the engine; try again in a minute.")
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arrivals += 1
        heapq.heappush(self._waiting, (priority, self._arrivals, ticket))
        try:
            await ticket
        except asyncio.CancelledError:
            if ticket.done() and not ticket.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        while self._waiting:
            _, _, ticket = heapq.heappop(self._waiting)
            if not ticket.done():
                ticket.set_result(None)
                return
        self._free += 1
