"""What print and reading lose, given back where the page itself says what it was: points, noughts, months, dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from drivers.image.documents.fields import DATES, MONTHS
from drivers.image.geometry import Box
from drivers.image.reading import Line

ALIGNED = 0.8  # in heights of a line: how far the right ends of a column of amounts lie apart
WITH_POINT = re.compile(r"[^\d]{0,4}\d{1,6}\.\d{2}")
WITHOUT_POINT = re.compile(r"(\d{1,4}) ?(\d{2})")
NOUGHT = re.compile(r"(?<![A-Za-z]{3})[Oo](?=\.\d\d(?!\d))")
ALMOST_A_MONTH = re.compile(r"(?<![\w])(?=[A-Za-z]*[015])[A-Za-z015]{3,9}(?![A-Za-z])")
NAMES = {*MONTHS, "january", "february", "march", "april", "june", "july", "august", "september", "sept", "october"}
NAMES |= {"november", "december"}
LETTERS = str.maketrans("015", "ols")
RUN_TOGETHER = re.compile(r"((?:19|20)\d\d)(?=[012]?\d:[0-5]\d)")  # a year and the time of day
ALL_DIGITS = re.compile(r"(?<![\w/.-])\d{8}(?![\w/.-])")
YEARS = range(1990, 2050)


def mended(lines: Sequence[Line]) -> list[Line]:
    amounts = [line.box for line in lines if WITH_POINT.fullmatch(line.text)]
    read = [_with_point(_with_letters(line), amounts) for line in lines]
    if any(pattern.search(line.text) for line in read for pattern in DATES):
        return read
    return [replace(line, text=ALL_DIGITS.sub(_with_slashes, line.text)) for line in read]


def _with_point(line: Line, amounts: list[Box]) -> Line:
    """A whole number in a column of amounts has lost its faint point."""
    digits = WITHOUT_POINT.fullmatch(line.text)
    if digits is None:
        return line
    near = [box for box in amounts if abs(box.right - line.box.right) < ALIGNED * line.box.height]
    return replace(line, text=f"{digits[1]}.{digits[2]}") if len(near) > 1 else line


def _with_letters(line: Line) -> Line:
    """O.00 is an amount, 0ct a month, 201612:30 a year and a time."""
    apart = RUN_TOGETHER.sub(r"\1 ", line.text)
    return replace(line, text=ALMOST_A_MONTH.sub(_month, NOUGHT.sub("0", apart)))


def _month(found: re.Match[str]) -> str:
    word = found[0].lower().translate(LETTERS)
    if word not in NAMES:
        return found[0]
    return word.upper() if found[0].strip("015").isupper() else word.capitalize()


def _with_slashes(found: re.Match[str]) -> str:
    """Eight digits are a date where the page has no other and they can be one."""
    try:
        day = datetime.strptime(found[0], "%d%m%Y")  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return found[0]
    return f"{day:%d/%m/%Y}" if day.year in YEARS else found[0]
