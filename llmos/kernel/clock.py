"""How long a process may work. Waiting for a person, a message, another process or a timer is not work."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from llmos.errors import BudgetSpent


class Clocks:
    """One clock for each answer under way, by pid. Seconds are of the event loop's monotonic clock."""

    def __init__(self) -> None:
        self._running: dict[int, asyncio.Timeout] = {}

    @asynccontextmanager
    async def limit(self, pid: int, seconds: float) -> AsyncIterator[None]:
        """Limit the work done inside. Raises BudgetSpent."""
        try:
            async with asyncio.timeout(max(0.0, seconds)) as self._running[pid]:
                yield
        except TimeoutError as error:
            raise BudgetSpent(
                "The process ran out of its time; give it more in [budget] seconds of app.toml."
            ) from error
        finally:
            self._running.pop(pid, None)

    @contextmanager
    def paused(self, pid: int) -> Iterator[None]:
        """What is done inside costs no time."""
        clock, loop = self._running.get(pid), asyncio.get_running_loop()
        due = clock.when() if clock else None
        if clock is None or due is None or clock.expired():
            yield
            return
        left = due - loop.time()
        clock.reschedule(None)
        try:
            yield
        finally:
            if not clock.expired():
                clock.reschedule(loop.time() + left)

    def is_paused(self, pid: int) -> bool:
        return pid in self._running and self._running[pid].when() is None
