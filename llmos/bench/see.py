"""How well a page is seen: predictions for a folder of labelled pictures, and their F1.

A prediction matches one label of the same picture at IoU 0.5 or more, best pairs first. Hits are summed within a design
and averaged over designs, since captures of a design are near copies of each other.
"""

from __future__ import annotations

import base64
import json
import mimetypes
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from llmos.contracts import Json
from llmos.errors import ToolFailed, UsageError
from llmos.pages.built import AS
from llmos.pages.seen import Labelled

Call = Callable[[str, dict[str, Json]], Awaitable[Json]]
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
MATCH_IOU = 0.5
CLASSES = get_args(Labelled)  # whether or not a folder has labels
WORST = 5  # designs to name


@dataclass
class Tally:
    """Labels that were found, labels there are, and elements that were predicted."""

    hits: int = 0
    labels: int = 0
    found: int = 0

    def __iadd__(self, other: Tally) -> Tally:
        self.hits, self.labels, self.found = (
            self.hits + other.hits,
            self.labels + other.labels,
            self.found + other.found,
        )
        return self

    @property
    def f1(self) -> float:
        total = self.labels + self.found
        return 2 * self.hits / total if total else 0.0


async def bench_see(folder: Path, out: Path, call: Call) -> dict[str, Json]:
    """See every picture of `folder`, write the predictions to `out`, and score them where there is a labels.json.

    `call` runs one tool of a driver by its full name. Raises UsageError when the folder holds no picture.
    """
    labels = _labels(folder)
    classes = set(CLASSES) | {element["class"] for row in labels or [] for element in row["elements"]}
    predictions, refused, seconds = await _predict(_pictures(folder), call, classes)
    _write(predictions, out)
    result: dict[str, Json] = {"pictures": len(predictions), "refused": refused, "predictions": str(out)}
    result["seconds"] = _times(seconds)
    return result if labels is None else result | score(labels, predictions)


def score(labels: list[Json], predictions: dict[str, list[Json]]) -> dict[str, Json]:
    """F1 with class and without, per class, the worst designs, and how much captures of one design differ."""
    rows = [row for row in labels if row["complete_labels"]]
    pages = [(row["design"], row["elements"], predictions.get(row["image"], [])) for row in rows]
    with_class = [(design, _tally(truth, found, with_class=True)) for design, truth, found in pages]
    any_class = [(design, _tally(truth, found, with_class=False)) for design, truth, found in pages]
    designs = _sums(with_class)
    return {
        "iou": MATCH_IOU,
        "designs": len(designs),
        "f1_with_class": _mean(tally.f1 for tally in designs.values()),
        "f1_any_class": _mean(tally.f1 for tally in _sums(any_class).values()),
        "per_class": _per_class([(truth, found) for _, truth, found in pages]),
        "worst_designs": sorted((round(tally.f1, 3), design) for design, tally in designs.items())[:WORST],
        "spread": _spread(with_class),
    }


def matches(truth: list[Json], found: list[Json], with_class: bool) -> list[tuple[Json, Json]]:
    """Pairs of a label and a prediction, the best overlap first, none used twice."""
    pairs = [
        (_iou(label, guess), i, j)
        for i, label in enumerate(truth)
        for j, guess in enumerate(found)
        if not with_class or label["class"] == guess["class"]
    ]
    taken_labels: set[int] = set()
    taken_guesses: set[int] = set()
    chosen: list[tuple[Json, Json]] = []
    for overlap, i, j in sorted(pairs, reverse=True):
        if overlap >= MATCH_IOU and i not in taken_labels and j not in taken_guesses:
            taken_labels.add(i)
            taken_guesses.add(j)
            chosen.append((truth[i], found[j]))
    return chosen


def _write(predictions: dict[str, list[Json]], out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(predictions), "utf-8")


def _labels(folder: Path) -> list[Json] | None:
    path = folder / "labels.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _pictures(folder: Path) -> list[Path]:
    inside = folder / "images" if (folder / "images").is_dir() else folder
    found = sorted(path for path in inside.glob("*") if path.suffix.lower() in PICTURES)
    if not found:
        raise UsageError(f"There is no picture in {inside}; name a folder of pictures, or one with images/ in it.")
    return found


async def _predict(
    pictures: list[Path], call: Call, classes: set[str]
) -> tuple[dict[str, list[Json]], dict[str, str], list[float]]:
    """What is seen on each picture, why some could not be seen, and how long each took."""
    predictions: dict[str, list[Json]] = {}
    refused: dict[str, str] = {}
    seconds = []
    for path in pictures:
        began = time.perf_counter()
        try:
            page = await call("image.see", {"image": _data_url(path)})
            predictions[path.name] = as_labelled(page["elements"], classes)
        except ToolFailed as error:
            refused[path.name] = str(error)
            predictions[path.name] = []
        seconds.append(time.perf_counter() - began)
    return predictions, refused, seconds


def _times(seconds: list[float]) -> dict[str, Json]:
    """The first call starts the driver and loads its networks; of the others the middle, and the most."""
    first, *others = seconds
    told = {"first": first, "p50": statistics.median(others or seconds), "max": max(others or seconds)}
    return {name: round(value, 2) for name, value in told.items()}


def _data_url(path: Path) -> str:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode()}"


def as_labelled(elements: list[Json], classes: set[str]) -> list[Json]:
    """In the classes that people labelled by: a video is a picture to them, and a dividing line nothing at all."""
    named = ((element if element["class"] in classes else _renamed(element)) for element in elements)
    return [
        {"class": element["class"], **element["box"], "score": element["score"]}
        for element in named
        if element["class"] in classes
    ]


def _renamed(element: Json) -> Json:
    return {**element, "class": AS.get(element["class"], element["class"])}


def _tally(truth: list[Json], found: list[Json], with_class: bool) -> Tally:
    return Tally(len(matches(truth, found, with_class)), len(truth), len(found))


def _sums(tallies: list[tuple[int, Tally]]) -> dict[int, Tally]:
    sums: dict[int, Tally] = defaultdict(Tally)
    for design, tally in tallies:
        sums[design] += tally
    return sums


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return round(sum(known) / len(known), 4) if known else 0.0


def _per_class(pages: list[tuple[list[Json], list[Json]]]) -> dict[str, Json]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    for truth, found in pages:
        for label in truth:
            tallies[label["class"]].labels += 1
        for guess in found:
            tallies[guess["class"]].found += 1
        for label, _ in matches(truth, found, with_class=True):
            tallies[label["class"]].hits += 1
    return {cls: {"f1": round(t.f1, 4), "labels": t.labels, "found": t.found} for cls, t in sorted(tallies.items())}


def _spread(tallies: list[tuple[int, Tally]]) -> dict[str, Json]:
    """Of each design with several captures: the lowest and the highest F1 with class."""
    captures: dict[int, list[float]] = defaultdict(list)
    for design, tally in tallies:
        captures[design].append(round(tally.f1, 3))
    return {str(design): [min(f1), max(f1)] for design, f1 in sorted(captures.items()) if len(f1) > 1}


def _iou(a: Json, b: Json) -> float:
    width = min(a["left"] + a["width"], b["left"] + b["width"]) - max(a["left"], b["left"])
    height = min(a["top"] + a["height"], b["top"] + b["height"]) - max(a["top"], b["top"])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return float(shared / (a["width"] * a["height"] + b["width"] * b["height"] - shared))
