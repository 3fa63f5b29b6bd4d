"""changes: what is new, changed or gone since a mark that an earlier call gave.

What a folder held is remembered for the last few marks. A mark from before the driver was started again still tells the
time, so what changed since is found by the times that the disk keeps; only what is gone cannot be told then.
"""

from __future__ import annotations

import re
import stat
import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from drivers.files.refusal import Refused
from drivers.files.roots import Place
from drivers.files.walking import walk

MAX_MARKS = 16
MAX_FILES = 50_000
MAX_SHOWN = 100
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SLACK_NS = 20_000_000  # the disk's clock ticks slower than the program's

Facts = tuple[int, int, int, int]


@dataclass(frozen=True)
class Snapshot:
    place: Place
    files: dict[str, Facts]


class Marks:
    def __init__(self) -> None:
        self._snapshots: OrderedDict[str, Snapshot] = OrderedDict()
        self._lock = Lock()

    def changes(self, place: Place, since: str) -> str:
        began = time.time_ns()
        files = _files(place)
        mark = _mark(began)
        with self._lock:
            before = self._snapshots.get(since)
            while mark in self._snapshots:
                mark = _mark((_time(mark) or 0) + 1_000_000)
            self._snapshots[mark] = Snapshot(place, files)
            while len(self._snapshots) > MAX_MARKS:
                self._snapshots.popitem(last=False)
        if not since:
            return f"{len(files)} files in {place.label}. Ask again with since={mark} for what has changed by then."
        lines, note = _told(place, files, since, before)
        return "\n".join([*(lines or ["Nothing has changed."]), f"[{note}next time: since={mark}]"])


def _told(place: Place, files: dict[str, Facts], since: str, before: Snapshot | None) -> tuple[list[str], str]:
    if before is not None and before.place == place:
        lines = _differences(before.files, files)
        note = ""
    elif (moment := _time(since)) is not None:
        lines = [f"changed {name}" for name, facts in files.items() if facts[3] >= moment - SLACK_NS]
        note = "what is gone is not known, as the driver was started again; "
    else:
        raise Refused(f"{since[:20]!r} is no mark that changes gave: leave since out to get one.")
    if len(lines) > MAX_SHOWN:
        note = f"{len(lines) - MAX_SHOWN} more are not shown; {note}"
    return lines[:MAX_SHOWN], note


def _differences(before: dict[str, Facts], after: dict[str, Facts]) -> list[str]:
    new = [f"new {name}" for name in after if name not in before]
    changed = [f"changed {name}" for name, facts in after.items() if before.get(name, facts) != facts]
    gone = [f"gone {name}" for name in before if name not in after]
    return [*new, *changed, *gone]


def _files(place: Place) -> dict[str, Facts]:
    files: dict[str, Facts] = {}
    for found in walk(place):
        if len(files) == MAX_FILES:
            raise Refused(f"{place.label} holds more than {MAX_FILES} files: name a folder further down.")
        facts = found.facts
        files[found.place.label] = (facts.st_ino, facts.st_size, stat.S_IMODE(facts.st_mode), facts.st_ctime_ns)
    return files


def _mark(moment_ns: int) -> str:
    number, text = moment_ns // 1_000_000, ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return text


def _time(mark: str) -> int | None:
    return int(mark, len(DIGITS)) * 1_000_000 if re.fullmatch(r"[0-9a-z]{8}", mark) else None
