"""Dates and times as people write them, and the calendars in which pages let them choose a day."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from typing import Any

from drivers.browser.errors import BrowserError
from drivers.browser.tab import Tab

Json = Any
SLASHED = ("%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y")
NAMED = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y")
READ = {
    "date": (("%Y-%m-%d", *SLASHED, "%d.%m.%Y", *NAMED), "%Y-%m-%d"),
    "time": (("%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"), "%H:%M"),
}
FORMS = {"time": "HH:MM", "month": "YYYY-MM", "color": "#rrggbb"}
MAX_TURNS = 60


def moment(kind: str, words: str, day_form: str = "") -> str:
    """A date or a time as its field takes it, where it can be read in one way only; else the words.

    `day_form` is how date fields show a day here, such as MM/DD/YYYY: what fits that is not read in another way.
    """
    read, written = READ.get(kind, ((), ""))
    if kind == "date" and day_form:
        shown = day_form.replace("YYYY", "%Y").replace("MM", "%m").replace("DD", "%d")
        with suppress(ValueError):
            return datetime.strptime(words.strip(), shown).strftime(written)
    found: set[str] = set()
    for form in read:
        with suppress(ValueError):
            found.add(datetime.strptime(words.strip(), form).strftime(written))
    return found.pop() if len(found) == 1 else words


async def choose_day(tab: Tab, words: str) -> str:
    """Choose it in the calendar that is open, turning its months; what was done, or nothing where none is open.

    Raises BrowserError for a day that cannot be read or chosen.
    """
    shown = await _calendar(tab)
    if shown is None:
        return ""
    day_form = await tab.run("dayForm")
    try:
        day = date.fromisoformat(moment("date", words, day_form))
    except ValueError as error:
        raise BrowserError(f"A calendar is open; write the day as {day_form}, not {words!r}.") from error
    for _ in range(MAX_TURNS):
        away = (day.year - shown["year"]) * 12 + day.month - shown["month"]
        if away == 0:
            break
        shown = await _turned(tab, shown, "next" if away > 0 else "prev", day)
    number = shown["days"].get(str(day.day)) if away == 0 else None
    if number is None:
        raise BrowserError(f"The calendar that is open has no {day} to choose; choose another day.")
    await tab.click(number)
    return f"chose {day}"


async def opens_calendar(tab: Tab, told: Json) -> bool:
    """Whether this field, just clicked, is one that only a calendar fills in."""
    if not told.get("fixed"):
        return False
    await tab.settle()
    return await _calendar(tab) is not None


async def _calendar(tab: Tab) -> Json:
    """What is open now. A month that was turned to is made of new elements: which of these act is looked up first."""
    await tab.look()
    return await tab.run("calendar")


async def _turned(tab: Tab, shown: Json, way: str, day: date) -> Json:
    before = shown["year"], shown["month"]
    if shown[way]:
        await tab.click(shown[way])
        await tab.settle()
        shown = await _calendar(tab)
    if shown is None or (shown["year"], shown["month"]) == before:
        raise BrowserError(f"The calendar that is open does not go to {day}; click its days yourself.")
    return shown
