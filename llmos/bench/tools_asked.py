"""The app assistant asked for real, a few questions of each kind: whether its answer holds what it should."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from llmos.contracts import Attachment, Embedder, Engine, Json
from llmos.http.served_folder import served
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat
from llmos.paths import bundle_root

PAGE = "<!doctype html><title>Plum market</title><h1>Plum market</h1><p>A kilo of plums costs 3.40 euros today.</p>"
NOTE = "Monday: call Ben about the boat\nTuesday: buy twelve plums\n"


@dataclass(frozen=True)
class Asked:
    """`says` is what the answer must hold; `tool` the tool that must have worked, "" for none."""

    kind: str
    text: str
    says: str
    tool: str = ""
    picture: str = ""


def questions() -> tuple[Asked, ...]:
    today = date.today()
    return (
        Asked("plain", "What is the capital of France?", "Paris"),
        Asked("plain", "Who wrote Pride and Prejudice?", "Austen"),
        Asked("writing", "Write a haiku about autumn.", r"\w+"),
        Asked("writing", "Translate into French: Good morning.", "[Bb]onjour"),
        Asked("arithmetic", "What is the 50th Fibonacci number?", "12586269025", "python.run"),
        Asked("arithmetic", "What is 17 % of 2,340?", r"397\.8", "python.run"),
        Asked("time-date", "Which day of the week is it today?", today.strftime("%A"), "python.run"),
        Asked("time-date", "How many days are there between 3 March 2024 and 17 November 2026?", "989", "python.run"),
        Asked("picture-text", "Which word is written on the button?", "[Ss]ign", picture="guestbook.jpg"),
        Asked("file-reading", "What must I buy according to {notes}/week.txt?", "plum", "files.read"),
        Asked("file-changing", "Write the word hello to {notes}/new.txt.", r"\w+", "files.write"),
        Asked("web-page", "What do plums cost on {site}?", r"3\.40", "browser.open"),
    )


async def ask_model(
    engine: Engine, embedder: Embedder | None, app: str, folder: Path, progress: Callable[[str], None]
) -> Json:
    """Ask each in a process of its own; whatever it asks is answered with once. Closes the engine."""
    notes, site, home = folder / "notes", folder / "site", folder / "state"
    notes.mkdir(parents=True)
    site.mkdir()
    (site / "index.html").write_text(PAGE, "utf-8")
    (notes / "week.txt").write_text(NOTE, "utf-8")
    drivers = DriverHost(shipped_drivers(), home / "logs", home / "cache")
    kernel = Kernel(home, engine, drivers, {"chat": run_chat}, embedder=embedder)
    try:
        with served(site) as address:
            rows = []
            for number, asked in enumerate(questions(), 1):
                progress(f"{asked.kind}: {asked.text} ({number} of {len(questions())})")
                rows.append(await _ask(kernel, app, asked, {"notes": str(notes), "site": f"{address}/"}))
            return {"model": (await engine.info()).model, "right": sum(row["right"] for row in rows), "asked": rows}
    finally:
        await kernel.close()


async def _ask(kernel: Kernel, app: str, asked: Asked, places: dict[str, str]) -> dict[str, Json]:
    begun = time.monotonic()
    sketches = bundle_root() / "apps" / "sketch-to-website" / "examples"
    pictures = [Attachment((sketches / asked.picture).read_bytes(), "image/jpeg")] if asked.picture else []
    pid = kernel.spawn(app, asked.text.format(**places), pictures).pid
    calls: list[str] = []
    async for event in kernel.journal.follow(pid):
        if event.kind == "question.asked":
            kernel.answer(event.seq, "once")
        elif event.kind == "syscall.result" and event.data["by"] == "model" and "error" not in event.data:
            calls.append(event.data["tool"])
        elif event.kind in ("process.done", "process.failed"):
            break
    process = kernel.process(pid)
    said = process.result["text"] if isinstance(process.result, dict) else process.error
    right = bool(re.search(asked.says, said.replace(",", ""))) and (asked.tool in calls if asked.tool else not calls)
    seconds = round(time.monotonic() - begun, 1)
    return {"kind": asked.kind, "text": asked.text, "right": right, "calls": calls, "said": said, "seconds": seconds}
