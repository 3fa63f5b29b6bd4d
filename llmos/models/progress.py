"""What a pull tells while it runs, as plain values, and how a console shows it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from rich import progress as bars
from rich.console import Console
from rich.filesize import decimal

Phase = Literal["wait", "fetch", "verify", "done"]


@dataclass(frozen=True)
class Progress:
    """A pull at one moment. `note`, where set, is a sentence to show once (why a source was left)."""

    model: str
    phase: Phase
    source: str
    done_bytes: int
    total_bytes: int
    bytes_per_second: float
    note: str = ""

    @property
    def seconds_left(self) -> float | None:
        if not self.bytes_per_second:
            return None
        return (self.total_bytes - self.done_bytes) / self.bytes_per_second


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None: ...


class Meter:
    """Turns bytes into reports, about ten a second, with the speed of the last few seconds."""

    interval_s = 0.1
    window_s = 5.0

    def __init__(self, model: str, total_bytes: int, report: Report) -> None:
        self.source = ""
        self._model, self._total_bytes, self._report = model, total_bytes, report
        self._seen: deque[tuple[float, int]] = deque()
        self._phase: Phase = "fetch"
        self._done_bytes = 0
        self._last_report = 0.0

    def at(self, phase: Phase, done_bytes: int) -> None:
        """`done_bytes` of the model are there. A pull that steps back (a source was wrong) measures anew."""
        if phase != self._phase or done_bytes < self._done_bytes:
            self._seen.clear()
            self._last_report = 0.0
        self._phase, self._done_bytes = phase, done_bytes
        now = time.monotonic()
        if now - self._last_report < self.interval_s:
            return
        self._last_report = now
        self._seen.append((now, done_bytes))
        while now - self._seen[0][0] > self.window_s:
            self._seen.popleft()
        self._emit()

    def verifying(self, before_bytes: int) -> Callable[[int], None]:
        """A function to call with the bytes hashed so far of a file that `before_bytes` of others precede."""
        return lambda hashed_bytes: self.at("verify", before_bytes + hashed_bytes)

    def finish(self) -> None:
        self._phase, self._done_bytes = "done", self._total_bytes
        self._emit()

    def note(self, sentence: str) -> None:
        self._emit(sentence)

    def _emit(self, note: str = "") -> None:
        done, total, speed = self._done_bytes, self._total_bytes, self._speed()
        self._report(Progress(self._model, self._phase, self.source, done, total, speed, note))

    def _speed(self) -> float:
        if len(self._seen) < 2:
            return 0.0
        (start, first_bytes), (end, last_bytes) = self._seen[0], self._seen[-1]
        return (last_bytes - first_bytes) / (end - start) if end > start else 0.0


@contextmanager
def show_progress(console: Console) -> Iterator[Report]:
    """A report that draws a bar on `console`, or, where it is not a terminal, prints a line every 10 %."""
    if console.is_terminal:
        with _bar(console) as display:
            yield _Bar(display)
    else:
        yield _Lines(console)


def _bar(console: Console) -> bars.Progress:
    return bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TextColumn("{task.percentage:>3.0f}%"),
        bars.DownloadColumn(),
        bars.TextColumn("{task.fields[speed]}"),
        bars.TextColumn("{task.fields[left]}"),
        console=console,
    )


class _Bar:
    def __init__(self, display: bars.Progress) -> None:
        self._display = display
        self._task = display.add_task("", total=None, speed="", left="")

    def __call__(self, progress: Progress) -> None:
        if progress.note:
            self._display.console.print(progress.note, markup=False, highlight=False)
        self._display.update(
            self._task,
            description=_describe(progress),
            completed=progress.done_bytes,
            total=progress.total_bytes,
            speed=_speed(progress),
            left=_left(progress),
        )


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: tuple[str, int] | None = None

    def __call__(self, progress: Progress) -> None:
        if progress.note:
            self._console.print(progress.note, markup=False, highlight=False, soft_wrap=True)
            return
        tenth = 10 * progress.done_bytes // progress.total_bytes
        if (progress.phase, tenth) == self._last:
            return
        self._last = (progress.phase, tenth)
        done, total = decimal(progress.done_bytes), decimal(progress.total_bytes)
        facts = [f"{_describe(progress)}: {done} of {total} ({10 * tenth} %)", _speed(progress), _left(progress)]
        self._console.print(", ".join(filter(None, facts)), highlight=False, soft_wrap=True)


def _describe(progress: Progress) -> str:
    match progress.phase:
        case "wait":
            return f"{progress.model} is being pulled by another process"
        case "fetch":
            return f"{progress.model} from {progress.source}"
        case "verify":
            return f"{progress.model}: checking the digest"
        case "done":
            return f"{progress.model} is there"


def _speed(progress: Progress) -> str:
    if progress.phase != "fetch" or not progress.bytes_per_second:
        return ""
    return f"{decimal(int(progress.bytes_per_second))}/s"


def _left(progress: Progress) -> str:
    if progress.phase != "fetch" or progress.seconds_left is None:
        return ""
    minutes, seconds = divmod(round(progress.seconds_left), 60)
    return f"{minutes}:{seconds:02} left"
