"""Word problems in two ways on the same engine: by a program that the app compute runs, and by reasoning in words.

Both are apps on one kernel, asked the same item after each other; several items may be asked at a time. An answer is
right when its last number equals the last number of the item's own answer. What an app fails to answer is wrong.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path

from llmos.contracts import Engine, Json
from llmos.errors import UsageError
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat

CODE, WORDS = "compute", "reason"
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?|-?\.\d+")
ENDED = ("process.done", "process.failed", "process.killed")
REASON = """Solve the problem. Think step by step, in short sentences with every calculation written out.
End with a line of its own: The answer is NUMBER."""
MANIFEST = f'name = "{WORDS}"\ntitle = "Reason"\nkind = "chat"\n[model]\nmax_tokens = 600\n'


@dataclass(frozen=True)
class Item:
    question: str
    answer: str


@dataclass(frozen=True)
class Solved:
    """One item in one way. `code_ran` counts the calls of the driver that worked."""

    way: str
    said: str
    right: bool
    tokens: int
    seconds: float
    code_ran: int


def load_items(folder: Path) -> list[Item]:
    """The items of every *.jsonl of a folder: `question` and `answer`. Raises UsageError when there are none."""
    try:
        lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
        items = [Item(str(row["question"]), str(row["answer"])) for row in map(json.loads, filter(None, lines))]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{folder} holds a line that is no problem ({error}); each needs question and answer."
        ) from error
    if not items:
        raise UsageError(f"There is no problem in {folder}; name a folder with a .jsonl file of question and answer.")
    return items


async def bench_math(
    items: Sequence[Item],
    engine: Engine,
    home: Path,
    out: Path,
    progress: Callable[[str], None],
    at_a_time: int = 1,
) -> dict[str, Json]:
    """Ask every item in both ways, `at_a_time` items together, for which the engine should have as many slots.

    `out` is written after each, so it holds what is done when this is cancelled. Takes the engine over and closes it.
    """
    _install_reasoning(home)
    slots = max(2, at_a_time)
    kernel = Kernel(home, engine, DriverHost(shipped_drivers(), home / "logs"), {"chat": run_chat}, slots)
    kernel.start()
    rows: dict[int, dict[str, Json]] = {}
    places, began = asyncio.Semaphore(at_a_time), time.monotonic()
    try:
        report: dict[str, Json] = {"model": (await kernel.engine.info()).model, "at_a_time": at_a_time}

        async def ask(number: int, item: Item) -> None:
            async with places:
                done = [rows[place] for place in sorted(rows)]
                right = f"right by code {_right(done, CODE)}, by words {_right(done, WORDS)}"
                progress(f"{number} of {len(items)}; {right}")
                solved = [await _solve(kernel, way, item) for way in (CODE, WORDS)]
                rows[number] = {**asdict(item), "ways": [asdict(one) for one in solved]}
                done = [rows[place] for place in sorted(rows)]
                ways = {way: _sums(done, way) for way in (CODE, WORDS)}
                report.update(items=len(done), seconds=round(time.monotonic() - began, 1), ways=ways)
                _write(out, {**report, "rows": done})

        await asyncio.gather(*(ask(number, item) for number, item in enumerate(items, 1)))
        return {**report, "answers": str(out)}
    finally:
        await kernel.close()


def _write(path: Path, value: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


def last_number(text: str) -> Fraction | None:
    """The last number that is written in a text."""
    found = NUMBER.findall(text)
    return Fraction(found[-1].replace(",", "")) if found else None


async def _solve(kernel: Kernel, way: str, item: Item) -> Solved:
    begun = time.monotonic()
    pid = kernel.spawn(way, item.question).pid
    async for event in kernel.journal.follow(pid):
        if event.kind in ENDED:
            break
    seconds = time.monotonic() - begun
    events = kernel.journal.events(pid)
    said = str((kernel.process(pid).result or {}).get("text", ""))
    right = last_number(said) is not None and last_number(said) == last_number(item.answer)
    tokens = sum(event.data["tokens"] for event in events if event.kind == "engine.answer")
    ran = [event for event in events if event.kind == "syscall.result" and "error" not in event.data]
    return Solved(way, said, right, tokens, round(seconds, 2), len(ran))


def _sums(rows: Sequence[Json], way: str) -> dict[str, Json]:
    of = [one for row in rows for one in row["ways"] if one["way"] == way]
    return {
        "right": sum(one["right"] for one in of),
        "accuracy": round(sum(one["right"] for one in of) / len(of), 3),
        "tokens_an_item": round(sum(one["tokens"] for one in of) / len(of), 1),
        "seconds_an_item": round(sum(one["seconds"] for one in of) / len(of), 2),
        "code_ran": sum(one["code_ran"] > 0 for one in of),
    }


def _right(rows: Sequence[Json], way: str) -> int:
    return sum(one["right"] for row in rows for one in row["ways"] if one["way"] == way)


def _install_reasoning(home: Path) -> None:
    folder = home / "apps" / WORDS
    folder.mkdir(parents=True)
    (folder / "app.toml").write_text(MANIFEST, "utf-8")
    (folder / "prompt.md").write_text(REASON, "utf-8")
