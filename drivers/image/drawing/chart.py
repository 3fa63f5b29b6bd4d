"""`chart`: numbers as a clean picture, by matplotlib. Labels are text: never markup, never mathematics."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from drivers.image.picture import PictureError
from drivers.image.pictures.coded import Coded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Kind = Literal["bar", "line", "scatter", "pie", "histogram"]
Series = dict[str, list[float]]
MAX_SERIES = 12
MAX_POINTS = 10_000
MAX_BARS = 200
MAX_SLICES = 24
MAX_LABEL_CHARS = 60
COLOURS = ("#2563eb", "#f97316", "#16a34a", "#dc2626", "#9333ea", "#0891b2", "#ca8a04", "#db2777")
DOTS = 110  # an inch


def chart(kind: Kind, series: Series, labels: Sequence[str], title: str, x: str, y: str) -> tuple[str, Coded]:
    """What was drawn, in words, and its picture. Raises PictureError."""
    _check(kind, series, labels)
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PictureError("Charts need matplotlib; install it with: pip install 'llmos[python]'.") from error
    with rc_context({"text.parse_math": False, "font.size": 11, "axes.unicode_minus": False}):
        figure = Figure(figsize=(7.2, 4.6), dpi=DOTS, layout="constrained")
        axes = figure.add_subplot()
        axes.set_prop_cycle(color=COLOURS)
        DRAW[kind](axes, series, [_short(label) for label in labels])
        _dress(axes, kind, len(series), _short(title), _short(x), _short(y))
        file = io.BytesIO()
        figure.savefig(file, format="png")
    values = sum(len(numbers) for numbers in series.values())
    named = f" of {_short(title)}" if title.strip() else ""
    return f"A {kind} chart{named}: {len(series)} series, {values} values.", Coded(file.getvalue(), "image/png")


def _check(kind: Kind, series: Series, labels: Sequence[str]) -> None:
    values = [number for numbers in series.values() for number in numbers]
    if not values or not all(series.values()):
        raise PictureError('There is nothing to draw; give values such as {"2026": [3, 5, 4]}.')
    if not all(math.isfinite(number) for number in values):
        raise PictureError("A value is not a finite number; leave it out.")
    if len(series) > MAX_SERIES or len(values) > MAX_POINTS:
        raise PictureError(f"A chart takes {MAX_SERIES} series and {MAX_POINTS:,} values; draw less of it.")
    if kind in ("bar", "line") and labels and any(len(numbers) != len(labels) for numbers in series.values()):
        raise PictureError(f"There are {len(labels)} labels; give each series as many values.")
    if kind == "bar" and len(values) > MAX_BARS:
        raise PictureError(f"A bar chart takes {MAX_BARS} bars; draw a line or a histogram.")
    if kind == "scatter" and (len(series) != 2 or len({len(numbers) for numbers in series.values()}) != 1):
        raise PictureError("A scatter chart takes two series of the same length: what lies across and what goes up.")
    if kind == "pie":
        _check_pie(series, labels)


def _check_pie(series: Series, labels: Sequence[str]) -> None:
    numbers = next(iter(series.values()))
    if len(series) > 1 or len(numbers) > MAX_SLICES:
        raise PictureError(f"A pie takes one series of at most {MAX_SLICES} values; draw bars instead.")
    if min(numbers) < 0 or sum(numbers) <= 0:
        raise PictureError("The values of a pie are shares: none below 0, and not all 0; draw bars instead.")
    if labels and len(labels) != len(numbers):
        raise PictureError(f"There are {len(labels)} labels and {len(numbers)} values; give as many of each.")


def _bars(axes: Axes, series: Series, labels: list[str]) -> None:
    count = max(len(numbers) for numbers in series.values())
    wide = 0.8 / len(series)
    for at, (name, numbers) in enumerate(series.items()):
        places = [place + (at - (len(series) - 1) / 2) * wide for place in range(len(numbers))]
        bars = axes.bar(places, numbers, width=wide * 0.95, label=_short(name))
        if count * len(series) <= 16:
            axes.bar_label(bars, fmt="{:g}", padding=2, fontsize=9)
    _name_places(axes, labels or [str(number) for number in range(1, count + 1)])


def _lines(axes: Axes, series: Series, labels: list[str]) -> None:
    for name, numbers in series.items():
        axes.plot(
            range(len(numbers)), numbers, label=_short(name), linewidth=2, marker="o" if len(numbers) <= 40 else ""
        )
    if labels:
        _name_places(axes, labels)


def _points(axes: Axes, series: Series, labels: list[str]) -> None:
    (across, xs), (up, ys) = series.items()
    axes.scatter(xs, ys, s=28, alpha=0.8)
    axes.set_xlabel(_short(across))
    axes.set_ylabel(_short(up))


def _pie(axes: Axes, series: Series, labels: list[str]) -> None:
    numbers = next(iter(series.values()))
    axes.pie(numbers, labels=labels or None, autopct="%1.0f%%", startangle=90, counterclock=False, colors=COLOURS)
    axes.set_aspect("equal")


def _histogram(axes: Axes, series: Series, labels: list[str]) -> None:
    for name, numbers in series.items():
        axes.hist(numbers, bins=_bins(numbers), label=_short(name), alpha=0.75, edgecolor="white")


def _bins(numbers: list[float]) -> int | list[float]:
    """One for each of a few whole numbers, else about the square root of how many there are."""
    low, high = min(numbers), max(numbers)
    if high - low <= 40 and all(number == round(number) for number in numbers):
        return [low - 0.5 + step for step in range(round(high - low) + 2)]
    return max(5, min(60, math.isqrt(len(numbers)) + 1))


DRAW: dict[Kind, Callable[[Axes, Series, list[str]], None]] = {
    "bar": _bars,
    "line": _lines,
    "scatter": _points,
    "pie": _pie,
    "histogram": _histogram,
}


def _name_places(axes: Axes, labels: list[str]) -> None:
    """At most 24 names; turned where they are long."""
    step = math.ceil(len(labels) / 24)
    crowded = sum(map(len, labels[::step])) > 70
    turn, side = (35, "right") if crowded else (0, "center")
    axes.set_xticks(range(0, len(labels), step), labels[::step], rotation=turn, ha=side)


def _dress(axes: Axes, kind: Kind, num_series: int, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontweight="bold", loc="left")
    if kind == "pie":
        return
    axes.set_xlabel(x or axes.get_xlabel())
    axes.set_ylabel(y or axes.get_ylabel())
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="both" if kind == "scatter" else "y", alpha=0.25)
    axes.set_axisbelow(True)
    if num_series > 1 and kind != "scatter":
        axes.legend(frameon=False)


def _short(text: str) -> str:
    """One line without control characters."""
    line = " ".join("".join(character for character in text if character.isprintable() or character.isspace()).split())
    return line if len(line) <= MAX_LABEL_CHARS else f"{line[: MAX_LABEL_CHARS - 1]}…"
