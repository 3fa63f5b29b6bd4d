"""How something is done to a page: what is meant is found, it is done, and what is different is told."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from drivers.browser import text
from drivers.browser.errors import BrowserError
from drivers.browser.session import Session
from drivers.browser.tab import Tab

Json = Any


async def act(session: Session, do: Callable[[Tab], Awaitable[str]]) -> str:
    """Do something to the page and tell what it came to."""
    tab = session.require_tab()
    before = await session.look(tab)
    return await told_with_change(session, await do(tab), before)


async def told_with_change(session: Session, done: str, before: Json) -> str:
    """What was done, what else happened, and what is different."""
    tab = await session.settle()
    seen = await session.look(tab)
    return "\n".join([done, *session.told_beside(), text.changed(before, seen)])


async def number_of(tab: Tab, target: int | str) -> int:
    """The number of what is meant: itself, or that of the thing that says this. Raises BrowserError.

    Digits in quotes are first looked for as text: the days of a calendar have numbers of their own.
    """
    words, number = _read(target)
    if isinstance(target, int) or (number and not words.isdigit()):
        return number
    found = await tab.run("find", words, bool(number))
    if "several" in found:
        rows = ", ".join(f'[{n}] by "{row}"' if row else f"[{n}]" for n, row in found["several"])
        raise BrowserError(
            f'"{words[:80]}" stands there more than once: {rows}; name the number of the one that is meant.'
        )
    if number or "number" in found:
        return int(found.get("number", number))
    said = f'Nothing on the page says "{words[:80]}"; use a number such as 3 from the page.'
    if found["within"]:
        said = f'"{words[:80]}" is only in the text "{found["within"]}", which does nothing when it is clicked.'
    if found["closed"]:
        said += f" Click first what is still closed: {', '.join(found['closed'])}."
    raise BrowserError(said)


async def field_of(tab: Tab, target: int | str) -> int:
    """The number of the form field that is meant: itself, or that of the one with this name. Raises BrowserError."""
    words, number = _read(target)
    if number:
        return number
    found = await tab.run("findField", words)
    if "number" in found:
        return int(found["number"])
    there = f"; there are: {', '.join(found['fields'])}." if found["fields"] else ", and no other: click instead."
    raise BrowserError(f'There is no field "{words[:80]}" on the page{there}')


def _read(target: int | str) -> tuple[str, int]:
    """The words of it, and the number that it is or begins with, or 0."""
    words = str(target).strip()
    named = re.match(r"\[(\d+)\]", words) or re.fullmatch(r"(\d+)", words)
    return words[1:-1] if words[:1] == words[-1:] == '"' else words, int(named[1]) if named else 0
