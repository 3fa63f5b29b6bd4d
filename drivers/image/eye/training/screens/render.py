"""Photographs pages in Chromium and writes down what is where on them.

    python -m drivers.image.eye.training.screens.render OUT --count 1500 --first 0
    python -m drivers.image.eye.training.screens.render OUT --pages FOLDER

The first makes its pages itself, the second takes the HTML files of a folder. What is in OUT already is left as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from drivers.browser.chromium import find_program
from drivers.browser.errors import BrowserError
from drivers.image.eye.training.page import Mark, Page
from drivers.image.eye.training.screens.site import View, html_of, view_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

MARKS = Path(__file__).with_name("marks.js")
SIDE = 512
LARGER = 2  # than the network's picture: a part of a screen is then still sharp
WINDOW = View(1280, 900, 0.0)  # for pages that were not made for one
SHARP = 600  # CSS pixels: narrower windows are phones, which have two points for each


@dataclass(frozen=True)
class Job:
    """`source` is HTML, or the file that holds it."""

    name: str
    source: str | Path
    view: View


class Camera:
    """One browser with a window for phones and one for all else."""

    def __init__(self, browser: Browser) -> None:
        self._windows = {sharp: browser.new_context(device_scale_factor=sharp).new_page() for sharp in (1, 2)}
        for window in self._windows.values():
            window.route("**/*", _only_what_is_here)
        self._marks = MARKS.read_text("utf-8")

    def shot(self, source: str | Path, view: View, side: int) -> Page:
        """The picture's longer side is `side` pixels."""
        window = self._windows[2 if view.width < SHARP else 1]
        window.set_viewport_size({"width": view.width, "height": view.height})
        if isinstance(source, Path):
            window.goto(source.resolve().as_uri(), wait_until="load")
        else:
            window.set_content(source, wait_until="load")
        window.evaluate(
            "part => scrollTo(0, part * (document.documentElement.scrollHeight - innerHeight))", view.scrolled
        )
        found = window.evaluate(self._marks)
        picture = _decoded(window.screenshot(animations="disabled", caret="hide"))
        small = _fitted(picture, side)
        scale = small.shape[1] / view.width
        return Page(small, [_mark(one, scale) for one in found])


def _only_what_is_here(route: Route) -> None:
    if route.request.url.startswith(("data:", "file:", "about:")):
        route.continue_()
    else:
        route.abort()


def _decoded(packed: bytes) -> npt.NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_COLOR), np.uint8)[..., ::-1]


def _fitted(picture: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _mark(found: dict[str, Any], scale: float) -> Mark:
    left, top, right, bottom = (float(side) * scale for side in found["box"])
    return Mark(found["cls"], (left, top, right, bottom))


@contextmanager
def camera() -> Iterator[Camera]:
    """Raises BrowserError where there is no Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = find_program("", playwright.chromium.executable_path)
        walls = os.geteuid() != 0  # Chromium's own do not stand for root
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=walls)
        yield Camera(browser)
        browser.close()


def save(page: Page, picture: Path) -> None:
    """The picture comes last and whole: where it is, its marks are too."""
    marks = [[mark.cls, *(round(side, 2) for side in mark.box)] for mark in page.marks]
    packed = cv2.imencode(".png", page.image[..., ::-1])[1].tobytes()
    for path, held in ((picture.with_suffix(".json"), json.dumps({"marks": marks}).encode()), (picture, packed)):
        path.with_suffix(".new").write_bytes(held)
        path.with_suffix(".new").replace(path)


def render(held: Camera, out: Path, jobs: list[Job], side: int = SIDE) -> None:
    """Into `out`, what is not there yet."""
    out.mkdir(parents=True, exist_ok=True)
    left = [job for job in jobs if not (out / f"{job.name}.png").exists()]
    for number, job in enumerate(left, 1):
        save(held.shot(job.source, job.view, LARGER * side), out / f"{job.name}.png")
        sys.stderr.write(f"\r{number} of {len(left)}")
    sys.stderr.write("\n")


def made(first: int, count: int) -> list[Job]:
    return [Job(f"{seed:07d}", html_of(seed), view_of(seed)) for seed in range(first, first + count)]


def held_in(folder: Path) -> list[Job]:
    """The HTML files of a folder and of those in it."""
    files = sorted(path for path in folder.rglob("*.html"))
    return [Job("-".join(path.relative_to(folder).with_suffix("").parts), path, WINDOW) for path in files]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--first", type=int, default=0, metavar="SEED")
    parser.add_argument("--pages", type=Path, metavar="FOLDER", help="HTML files, in place of pages of its own")
    parser.add_argument("--side", type=int, default=SIDE, help="of the network's picture; what is stored is larger")
    given = parser.parse_args()
    jobs = held_in(given.pages) if given.pages else made(given.first, given.count)
    try:
        with camera() as held:
            render(held, given.out, jobs, given.side)
    except BrowserError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
