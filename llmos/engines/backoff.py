"""How long to wait before a thing that keeps dying is started again, and when to stop trying."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable


class Backoff:
    """The first death costs no wait, each further one within `window_seconds` twice the one before."""

    def __init__(
        self,
        limit: int = 5,
        window_seconds: float = 60.0,
        first_seconds: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._window_seconds = window_seconds
        self._first_seconds = first_seconds
        self._clock = clock
        self._deaths: deque[float] = deque()

    def died(self) -> None:
        self._deaths.append(self._clock())

    def delay_seconds(self) -> float | None:
        """Seconds to wait now, or None once it died `limit` times within the window."""
        while self._deaths and self._clock() - self._deaths[0] > self._window_seconds:
            self._deaths.popleft()
        if len(self._deaths) >= self._limit:
            return None
        repeats = len(self._deaths) - 1
        return self._first_seconds * 2 ** (repeats - 1) if repeats > 0 else 0.0
