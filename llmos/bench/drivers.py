"""What the shipped drivers cost: the time to their first list of tools and first call, and their memory while idle."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median

from llmos.contracts import Attachment, Json, ToolInfo
from llmos.errors import DriverError
from llmos.kernel.calling import Person
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.paths import bundle_root

CHESS_START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"
HEAVY = ("av", "ctranslate2", "cv2", "matplotlib", "numpy", "onnxruntime", "pandas", "scipy", "torch")
BINARY = re.compile(r"/(?:site|dist)-packages/(\w+?)(?:\.libs)?/\S*\.so")


def first_calls() -> dict[str, tuple[str, dict[str, Json]]]:
    """A small piece of each driver's real work."""
    sketch = bundle_root() / "apps" / "sketch-to-website" / "examples" / "guestbook.jpg"
    picture = Attachment(sketch.read_bytes(), "image/jpeg").data_url()
    return {
        "browser": ("tab", {}),
        "chess": ("moves", {"fen": CHESS_START}),
        "files": ("list", {}),
        "imagine": ("picture", {"prompt": "A plum."}),
        "image": ("ocr", {"image": picture}),
        "python": ("run", {"code": "print(1)"}),
        "speech": ("speak", {"text": "Hello."}),
    }


async def bench_drivers(folder: Path, times: int, progress: Callable[[str], None]) -> Json:
    """A row a driver, of the medians of so many starts; `folder` is where logs go and what `files` may list."""
    rows = {}
    for name in shipped_drivers():
        runs = []
        for number in range(times):
            progress(f"{name}, {number + 1} of {times}")
            runs.append(await _measured(name, folder))
        rows[name] = {key: _middle([run[key] for run in runs]) for key in runs[0]}
    return {"times": times, "drivers": rows}


async def _measured(name: str, folder: Path) -> dict[str, Json]:
    host = DriverHost({name: shipped_drivers()[name]}, folder / "logs")
    tool, arguments = first_calls()[name]
    try:
        begun = time.monotonic()
        # started as for the call, so that it is the process that serves it
        person = Person(ToolInfo(f"{name}.{tool}", "", {}, read_only=True), [str(folder)])
        num_tools = len(await host.tools(name, person))
        listed = time.monotonic()
        pid = host.health(name).pid or 0
        idle = {"idle_mb": _rss_mb(pid), "loaded_idle": _heavy(pid)}
        failed = await _failure(host, f"{name}.{tool}", arguments, person)
        called = time.monotonic()
        after = {"after_mb": _rss_mb(pid), "loaded_after": _heavy(pid)}
    finally:
        await host.close()
    seconds = {"list_seconds": round(listed - begun, 2), "call_seconds": round(called - listed, 2)}
    return {"tools": num_tools, **seconds, **idle, **after, "call": tool, "failed": failed}


async def _failure(host: DriverHost, name: str, arguments: dict[str, Json], person: Person) -> str:
    """Why the call could not be made here, where something it needs is not installed."""
    try:
        await host.run(name, arguments, person)
    except DriverError as error:
        return str(error)
    return ""


def _middle(values: list[Json]) -> Json:
    return round(median(values), 2) if all(isinstance(value, int | float) for value in values) else values[0]


def _family(pid: int) -> Iterator[int]:
    """A process and all that it has started."""
    yield pid
    with suppress(OSError):
        for child in (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text().split():
            yield from _family(int(child))


def _rss_mb(pid: int) -> float | None:
    """What the driver and its children have in memory; shared pages count for each. None where there is no /proc."""
    pages = 0
    for one in _family(pid):
        with suppress(OSError):
            pages += int((Path("/proc") / str(one) / "statm").read_text().split()[1])
    return round(pages * 4096 / 2**20, 1) if pages else None


def _heavy(pid: int) -> list[str]:
    """The large libraries that the driver and its children have loaded."""
    found: set[str] = set()
    for one in _family(pid):
        with suppress(OSError):
            found |= set(BINARY.findall((Path("/proc") / str(one) / "maps").read_text()))
    return sorted(found & {*HEAVY})
