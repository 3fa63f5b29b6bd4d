"""Who may use the engine next: submit, admit, preempt, finish.

Three classes, the most urgent first; within a class the app that holds the fewest slots, then who came first. A class
that was passed over PATIENCE times goes next, so that none starves: a waiting request gets at least one admission in 5,
a waiting background call one in 13. Background calls stop while an interactive one runs. Too many are refused.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum

from llmos.errors import EngineBusy

MAX_WAITING = 64
MAX_WAITING_PER_APP = 32
QUEUE_SECONDS = 120.0  # how long a request waits where its caller sets no deadline


class Priority(IntEnum):
    INTERACTIVE = 0
    REQUEST = 1
    BACKGROUND = 2


PATIENCE = {Priority.INTERACTIVE: 0, Priority.REQUEST: 4, Priority.BACKGROUND: 12}


@dataclass(eq=False)
class Lease:
    """One call's place at the engine. Who sees `preempted` set gives it back soon."""

    priority: Priority
    app: str
    preemptible: bool
    arrival: int = 0
    preempted: asyncio.Event = field(default_factory=asyncio.Event)
    admitted: asyncio.Future[None] | None = None
    admitted_at: float = 0.0


class Scheduler:
    """Admits at most `slots` calls at once. All times are of the monotonic clock."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._arrivals = 0
        self._running: list[Lease] = []
        self._waiting: list[Lease] = []
        self._passed_over: Counter[Priority] = Counter()
        self._mean_seconds = 5.0

    @property
    def num_waiting(self) -> int:
        return len(self._waiting)

    @property
    def num_running(self) -> int:
        return len(self._running)

    @asynccontextmanager
    async def slot(
        self, priority: Priority, app: str = "", deadline: float | None = None, *, preemptible: bool = True
    ) -> AsyncIterator[Lease]:
        """Hold one slot. Raises EngineBusy when the queue or the app's part of it is full, or `deadline` passes."""
        lease = Lease(priority, app, preemptible and priority is Priority.BACKGROUND)
        await self._submit(lease, deadline)
        try:
            yield lease
        finally:
            self._finish(lease)

    async def _submit(self, lease: Lease, deadline: float | None) -> None:
        self._require_room(lease)
        self._arrivals += 1
        lease.arrival = self._arrivals
        lease.admitted = asyncio.get_running_loop().create_future()
        self._waiting.append(lease)
        self._admit()
        if lease.priority is Priority.INTERACTIVE:
            self._preempt()
        try:
            async with asyncio.timeout_at(_on_loop_clock(_deadline(lease, deadline))):
                await lease.admitted
        except TimeoutError as error:
            self._withdraw(lease)
            raise self._busy("The engine did not come free in time") from error
        except asyncio.CancelledError:
            self._withdraw(lease)
            raise

    def _admit(self) -> None:
        while len(self._running) < self._slots and (lease := self._next()) is not None:
            assert lease.admitted is not None
            self._waiting.remove(lease)
            self._running.append(lease)
            for waiting in {other.priority for other in self._waiting if other.priority > lease.priority}:
                self._passed_over[waiting] += 1
            self._passed_over[lease.priority] = 0
            lease.admitted_at = time.monotonic()
            if not lease.admitted.done():
                lease.admitted.set_result(None)
        assert len(self._running) <= self._slots

    def _next(self) -> Lease | None:
        """Whose turn it is among those who wait; None while only background calls wait and an interactive one runs."""
        if not self._waiting:
            return None
        overdue = [lease for lease in self._waiting if self._is_overdue(lease.priority)]
        interactive = any(lease.priority is Priority.INTERACTIVE for lease in self._running)
        able = [lease for lease in self._waiting if not (interactive and lease.priority is Priority.BACKGROUND)]
        held = Counter(lease.app for lease in self._running)
        return min(overdue or able, key=lambda lease: (lease.priority, held[lease.app], lease.arrival), default=None)

    def _is_overdue(self, priority: Priority) -> bool:
        return priority is not Priority.INTERACTIVE and self._passed_over[priority] >= PATIENCE[priority]

    def _preempt(self) -> None:
        """Ask every background call that may be interrupted to give its slot back."""
        for lease in self._running:
            if lease.preemptible:
                lease.preempted.set()

    def _finish(self, lease: Lease) -> None:
        self._running.remove(lease)
        self._mean_seconds += (time.monotonic() - lease.admitted_at - self._mean_seconds) / 8
        self._admit()

    def _withdraw(self, lease: Lease) -> None:
        """Leave the queue, or give back a slot that came at the very moment of giving up."""
        if lease in self._waiting:
            self._waiting.remove(lease)
            self._admit()
        elif lease in self._running:
            self._finish(lease)

    def _require_room(self, lease: Lease) -> None:
        if len(self._waiting) >= MAX_WAITING:
            raise self._busy(f"{MAX_WAITING} calls are waiting for the engine")
        if lease.app and sum(other.app == lease.app for other in self._waiting) >= MAX_WAITING_PER_APP:
            raise self._busy(f"{MAX_WAITING_PER_APP} calls of {lease.app} are waiting for the engine")

    def _busy(self, why: str) -> EngineBusy:
        seconds = min(600, max(1, math.ceil(self._mean_seconds * (len(self._waiting) + 1) / self._slots)))
        return EngineBusy(f"{why}; try again in {seconds} s.", seconds)


def _deadline(lease: Lease, deadline: float | None) -> float | None:
    if deadline is None and lease.priority is Priority.REQUEST:
        return time.monotonic() + QUEUE_SECONDS
    return deadline


def _on_loop_clock(deadline: float | None) -> float | None:
    return None if deadline is None else asyncio.get_running_loop().time() + deadline - time.monotonic()
