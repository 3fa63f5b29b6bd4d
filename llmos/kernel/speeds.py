"""How fast each process's answer comes just now, by the pieces streamed in the last seconds, a token each or nearly."""

import time
from collections import Counter, deque

WINDOW_SECONDS = 3.0
MIN_PIECES = 3


class Speeds:
    """Told of each piece as it is streamed. Times are of the monotonic clock."""

    def __init__(self) -> None:
        self._pieces: dict[int, deque[float]] = {}
        self._written: Counter[int] = Counter()

    def heard(self, pid: int) -> None:
        pieces = self._pieces.setdefault(pid, deque())
        pieces.append(time.monotonic())
        self._written[pid] += 1
        while pieces[-1] - pieces[0] > WINDOW_SECONDS:
            pieces.popleft()

    def ended(self, pid: int) -> None:
        self._pieces.pop(pid, None)
        self._written.pop(pid, None)

    def written(self, pid: int) -> int:
        """Tokens of the answer that is being written; 0 while none is."""
        return self._written[pid]

    def of(self, pid: int) -> float | None:
        """Tokens a second; None while nothing is streamed."""
        pieces = self._pieces.get(pid)
        if pieces is None or len(pieces) < MIN_PIECES:
            return None
        return round((len(pieces) - 1) / max(time.monotonic() - pieces[0], 0.001), 1)
