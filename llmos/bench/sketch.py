"""`llmos bench sketch`: from photographs of sketches to rendered sites, and how much of each sketch is on its site."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

from llmos import paths
from llmos.bench.browser import chromium, visit
from llmos.bench.contact_sheet import contact_sheet
from llmos.bench.dom import COLLECT, Shown, Wanted, missing, shown
from llmos.contracts import Attachment, Engine, Json, Usage
from llmos.errors import UsageError
from llmos.kernel.app import App, load_app
from llmos.pages.built import built
from llmos.pages.finish import finish
from llmos.pages.site import build_site
from llmos.pages.write import request

if TYPE_CHECKING:
    from playwright.async_api import Browser

TEXTS = Path(__file__).with_name("sketch_texts.json")
Call = Callable[[str, dict[str, Json]], Awaitable[Json]]


@dataclass(frozen=True)
class Share:
    """How many of so many things are on the page, and which are not."""

    found: int
    of: int
    missing: tuple[str, ...]

    @property
    def share(self) -> float:
        return self.found / self.of if self.of else 1.0


@dataclass(frozen=True)
class Result:
    image: str
    labelled: Share
    seen: Share
    see_seconds: float
    write_seconds: float
    prompt_tokens: int
    completion_tokens: int


async def bench_sketch(folder: Path, out: Path, call: Call, engine: Engine) -> Json:
    """Make a site of the captures in `folder` whose words are transcribed: the first one of each design.

    `folder` holds labels.json and images/; `out` gets the sites, their pictures, results.json and contact.png.
    """
    rows = _prepare(folder, out)
    app = load_app(paths.bundle_root() / "apps" / "sketch-to-website")
    texts = json.loads(TEXTS.read_text("utf-8"))
    async with chromium() as browser:
        bench = _Bench(folder, out, call, engine, browser, app)
        results = [await bench.run(row, texts[row["image"]]) for row in rows if row["image"] in texts]
    report = _report(results)
    (out / "results.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), "utf-8")
    contact_sheet([bench.pair(result) for result in results], out / "contact.png")
    return report


def _prepare(folder: Path, out: Path) -> list[Json]:
    """Read the labels, and clear away an earlier run's sites."""
    if paths.is_checkout() and out.resolve().is_relative_to(paths.CHECKOUT):
        raise UsageError(f"{out} lies in the repository; name a folder outside of it: the sketches are not published.")
    labels = folder / "labels.json"
    if not labels.is_file():
        raise UsageError(f"{labels} does not exist; name a folder with labels.json and images/.")
    shutil.rmtree(out / "apps", ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    rows: list[Json] = json.loads(labels.read_text("utf-8"))
    return rows


@dataclass(frozen=True)
class _Bench:
    folder: Path
    out: Path
    call: Call
    engine: Engine
    browser: Browser
    app: App

    async def run(self, row: Json, texts: list[Json]) -> Result:
        name = row["image"].removesuffix(".jpg")
        picture = Attachment((self.folder / "images" / row["image"]).read_bytes(), "image/jpeg", row["image"])
        started = time.perf_counter()
        seen = await self.call("image.see", {"image": picture.data_url()})
        saw = time.perf_counter()
        html, usage = await self._write(seen, picture)
        wrote = time.perf_counter()
        page = await self._visit(name, seen, html)
        return Result(
            row["image"],
            _share(_labelled(row, texts), page),
            _share([_wanted(element) for element in built(seen)["elements"]], page),
            round(saw - started, 2),
            round(wrote - saw, 2),
            usage.prompt_tokens,
            usage.completion_tokens,
        )

    async def _write(self, seen: Json, picture: Attachment) -> tuple[str, Usage]:
        asked = request(self.app, seen, picture, "", await self.engine.info())
        text, usage = "", Usage()
        async for chunk in self.engine.stream(asked):
            text += chunk.text
            usage = chunk.usage or usage
        return text, usage

    async def _visit(self, name: str, seen: Json, html: str) -> list[Shown]:
        (self.out / f"{name}.json").write_text(json.dumps({"seen": seen, "html": html}, ensure_ascii=False), "utf-8")
        site = build_site(finish(html, seen), self.out / "apps" / f"{name}-site", self.app.web)
        return shown(await visit(self.browser, site / "web", COLLECT, self.out / f"{name}.png"))

    def pair(self, result: Result) -> tuple[str, Path, Path]:
        caption = f"{result.image}  labelled {result.labelled.share:.0%}  seen {result.seen.share:.0%}"
        screenshot = self.out / result.image.replace(".jpg", ".png")
        return caption, self.folder / "images" / result.image, screenshot


def _labelled(row: Json, texts: list[Json]) -> list[Wanted]:
    """The labels with their transcriptions; null stands for a label that repeats another one."""
    wanted = []
    for label, text in zip(row["elements"], texts, strict=True):
        if isinstance(text, dict):
            wanted.append(Wanted((label["class"], text["or"]), text["text"]))
        elif text is not None:
            wanted.append(Wanted((label["class"],), text))
    return wanted


def _wanted(element: Json) -> Wanted:
    return Wanted((element["class"],), element["text"])


def _share(wanted: list[Wanted], page: list[Shown]) -> Share:
    absent = missing(wanted, page)
    return Share(len(wanted) - len(absent), len(wanted), tuple(f"{thing.kinds[0]} {thing.text}" for thing in absent))


def _report(results: list[Result]) -> Json:
    means = {
        "labelled": mean(result.labelled.share for result in results),
        "seen": mean(result.seen.share for result in results),
        "see_seconds": mean(result.see_seconds for result in results),
        "write_seconds": mean(result.write_seconds for result in results),
        "completion_tokens": mean(result.completion_tokens for result in results),
    }
    return {"mean": {name: round(value, 3) for name, value in means.items()}, "designs": [asdict(r) for r in results]}
