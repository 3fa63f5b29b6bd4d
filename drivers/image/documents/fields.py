"""What a reader looks for on a form or a receipt: pairs of a name and a value, amounts of money, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from drivers.image.documents.rows import Row

Json = dict[str, Any]
PAIR = re.compile(r"(?P<name>[^\W\d_][^:|]{0,40}?)\s*:\s*(?P<value>[^\s|].*)")
CURRENCY = r"(?:RM|MYR|USD|EUR|GBP|CHF|US\$|S\$|[$€£¥])"
NUMBER = r"(?P<number>\d+(?:[ ,.]\d{3})*[.,]\d{2})"
AMOUNT = re.compile(rf"(?<![\w.,/:-])(?P<sign>-?){CURRENCY}?\s?(?P<minus>-?){NUMBER}(?![\w%/:-]|[.,]\d)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
YEAR = r"(?P<year>(?:19|20)\d{2}|\d{2})(?!\d)"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
NAMED = rf"(?P<named>{'|'.join(MONTHS)})[a-z]*"
DATES = (
    re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<a>\d{{1,2}})[-/.](?P<b>\d{{1,2}})[-/.]{YEAR}"),
    re.compile(rf"(?<!\d){DAY}[ .-]*{NAMED}[ .,'-]*{YEAR}", re.IGNORECASE),
    re.compile(rf"\b{NAMED}[ .]*{DAY}[ .,]+{YEAR}", re.IGNORECASE),
)


def pairs_of(rows: Sequence[Row]) -> list[Json]:
    """`name` and `value` of each column of a row that says them, in order."""
    found = (PAIR.fullmatch(cell) for row in rows for cell in row.cells)
    return [{"name": pair["name"].strip(" .-"), "value": pair["value"].strip()} for pair in found if pair]


def amounts_of(rows: Sequence[Row]) -> list[Json]:
    """Every amount of money with the words of its row; `value` is a decimal number as text."""
    return [amount for row in rows for amount in _amounts(row)]


def _amounts(row: Row) -> Iterator[Json]:
    text = " ".join(piece.text for piece in row.pieces)
    found = list(AMOUNT.finditer(text))
    label = (text[: found[0].start()] if found else "").strip(" :-|@")
    for amount in found:
        yield {"label": label, "text": amount[0].strip(), "value": _decimal(amount)}


def _decimal(amount: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", amount["number"])
    sign = "-" if amount["sign"] or amount["minus"] else ""
    return f"{sign}{int(digits[:-2])}.{digits[-2:]}"


def dates_of(rows: Sequence[Row]) -> list[Json]:
    """Every date as it is written; `date` is it as YYYY-MM-DD where there is only one way to read it."""
    found: dict[str, str] = {}
    for row in rows:
        for text, day in _dates(" ".join(piece.text for piece in row.pieces)):
            found.setdefault(text, day)
    return [{"text": text, "date": day} if day else {"text": text} for text, day in found.items()]


def _dates(text: str) -> Iterator[tuple[str, str]]:
    taken: list[tuple[int, int]] = []
    for pattern in DATES:
        for found in pattern.finditer(text):
            start, stop = found.span()
            readings = _readings(found.groupdict())
            if readings and not any(start < end and stop > begin for begin, end in taken):
                taken.append((start, stop))
                yield found[0], readings.pop() if len(readings) == 1 else ""


def _readings(part: dict[str, str | None]) -> set[str]:
    """The days that a date may mean: 03/04 is the 3rd of April or the 4th of March."""
    year = int(part["year"] or 0)
    year += 2000 if year < 100 else 0
    if part.get("named"):
        orders = [(MONTHS.index(str(part["named"]).lower()) + 1, int(part["day"] or 0))]
    elif part.get("a"):
        a, b = int(part["a"] or 0), int(part["b"] or 0)
        orders = [(b, a), (a, b)]
    else:
        orders = [(int(part["month"] or 0), int(part["day"] or 0))]
    return {day for month, number in orders if (day := _iso(year, month, number))}


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
