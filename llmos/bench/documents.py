"""Receipts read by the app receipts: how many dates and totals it gets exactly right.

A folder holds pictures and, beside each, a .json that says `date` and `total`. A total is right when it is the same
amount to the cent, whatever the currency sign; a date when it is the same day, or written the same. `as_written`
counts those that are the very characters of the label, but for spaces and upper or lower case.
"""

from __future__ import annotations

import json
import mimetypes
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from llmos.bench.see import PICTURES
from llmos.contracts import Attachment, Engine, Json
from llmos.errors import UsageError
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat

APP = "receipts"
ENDED = ("process.done", "process.failed", "process.killed")
ENGINE_SECONDS = ("seconds", "queued_seconds")
DAYS_FIRST = ("%d/%m/%Y", "%d/%m/%y", "%Y/%m/%d", "%d/%b/%Y", "%d/%b/%y", "%b/%d/%Y", "%d/%B/%Y", "%B/%d/%Y")


@dataclass(frozen=True)
class Receipt:
    """A picture and what is written on it."""

    picture: Path
    date: str
    total: str


@dataclass(frozen=True)
class Read:
    """What the app said of one receipt. `reading_seconds` is the driver's share of `seconds`."""

    name: str
    date: str
    total: str
    date_right: bool
    total_right: bool
    as_written: bool
    seconds: float
    reading_seconds: float


def load_receipts(folder: Path) -> list[Receipt]:
    """Raises UsageError when the folder has none, or a label that says neither date nor total."""
    try:
        found = [_receipt(path) for path in sorted(folder.glob("*.json"))]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder} holds a label that is none ({error}); each is a JSON of date and total.") from error
    if not found:
        raise UsageError(
            f"There is no labelled receipt in {folder}; name a folder with pictures and a .json beside each."
        )
    return found


def _receipt(label: Path) -> Receipt:
    said = json.loads(label.read_text("utf-8"))
    pictures = [path for path in sorted(label.parent.glob(f"{label.stem}.*")) if path.suffix.lower() in PICTURES]
    if not pictures:
        raise UsageError(f"There is no picture beside {label}; put one of the same name there.")
    return Receipt(pictures[0], str(said["date"]), str(said["total"]))


async def bench_documents(
    receipts: Sequence[Receipt], engine: Engine, home: Path, out: Path, progress: Callable[[str], None]
) -> dict[str, Json]:
    """Ask the app for each; `out` is written after each, so it holds what is done when this is cancelled.

    Takes the engine over and closes it.
    """
    kernel = Kernel(home, engine, DriverHost(shipped_drivers(), home / "logs"), {"chat": run_chat})
    kernel.start()
    rows: list[Read] = []
    try:
        model = (await kernel.engine.info()).model
        for number, receipt in enumerate(receipts, 1):
            progress(
                f"{number} of {len(receipts)}; both right {sum(row.date_right and row.total_right for row in rows)}"
            )
            rows.append(await _ask(kernel, receipt))
            report = {"model": model, **_sums(rows)}
            _write(out, {**report, "rows": [asdict(row) for row in rows]})
        return {**report, "answers": str(out), "wrong": [*_wrong(receipts, rows)]}
    finally:
        await kernel.close()


def _write(path: Path, value: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


async def _ask(kernel: Kernel, receipt: Receipt) -> Read:
    begun = time.monotonic()
    media_type = mimetypes.guess_type(receipt.picture.name)[0] or "application/octet-stream"
    picture = Attachment(receipt.picture.read_bytes(), media_type, receipt.picture.name)
    pid = kernel.spawn(APP, "", [picture]).pid
    async for event in kernel.journal.follow(pid):
        if event.kind in ENDED:
            break
    seconds = time.monotonic() - begun
    thought = [event.data for event in kernel.journal.events(pid) if event.kind == "engine.answer"]
    thinking = sum(float(data[name]) for data in thought for name in ENGINE_SECONDS)
    said = answer_of(str((kernel.process(pid).result or {}).get("text", "")))
    return Read(
        receipt.picture.name,
        **said,
        date_right=same_day(said["date"], receipt.date),
        total_right=same_amount(said["total"], receipt.total),
        as_written=_plain(said["date"]) == _plain(receipt.date) and _plain(said["total"]) == _plain(receipt.total),
        seconds=round(seconds, 2),
        reading_seconds=round(seconds - thinking, 2),
    )


def answer_of(text: str) -> dict[str, str]:
    """`date` and `total` of an answer; empty for what is not there."""
    try:
        said = json.loads(text)
    except ValueError:
        said = {}
    return {name: str(said.get(name, "")) if isinstance(said, dict) else "" for name in ("date", "total")}


def same_amount(said: str, label: str) -> bool:
    one, other = _amount(said), _amount(label)
    return one is not None and one == other


def _amount(text: str) -> Decimal | None:
    digits = re.sub(r"[^\d.,-]", "", text)
    digits = re.sub(r"[.,](?=\d{3}(\D|$))", "", digits).replace(",", ".")
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def same_day(said: str, label: str) -> bool:
    """The day comes first where a label leaves that open, as on the receipts this is measured on."""
    if _plain(said) == _plain(label):
        return bool(_plain(said))
    one, other = _day(said), _day(label)
    return one is not None and one == other


def _day(text: str) -> date | None:
    parts = "/".join(re.findall(r"\d+|[a-z]+", text.lower()))
    return next(_days(parts), None)


def _days(parts: str) -> Iterator[date]:
    for form in DAYS_FIRST:
        try:
            yield datetime.strptime(parts, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _sums(rows: Sequence[Read]) -> dict[str, Json]:
    return {
        "receipts": len(rows),
        "dates_right": sum(row.date_right for row in rows),
        "totals_right": sum(row.total_right for row in rows),
        "both_right": sum(row.date_right and row.total_right for row in rows),
        "as_written": sum(row.as_written for row in rows),
        "seconds": round(sum(row.seconds for row in rows) / len(rows), 2),
        "reading_seconds": round(sum(row.reading_seconds for row in rows) / len(rows), 2),
    }


def _wrong(receipts: Sequence[Receipt], rows: Sequence[Read]) -> Iterator[Json]:
    for receipt, row in zip(receipts, rows, strict=True):
        if not (row.date_right and row.total_right):
            said, right = {"date": row.date, "total": row.total}, {"date": receipt.date, "total": receipt.total}
            yield {"name": row.name, "said": said, "right": right}
