"""What each tool does. Every action answers with what is different now, so that nobody has to look again."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from drivers.browser import text
from drivers.browser.acting import act, number_of, told_with_change
from drivers.browser.addresses import spelled
from drivers.browser.dates import opens_calendar
from drivers.browser.errors import BrowserError, IsList, Refused
from drivers.browser.fields import click_option
from drivers.browser.session import Session
from drivers.browser.settings import Settings
from drivers.browser.tab import Tab

Json = Any
MENU_SECONDS = 0.3
OPEN_CALENDAR = ", which opens a calendar: fill the field in with a day, and it is chosen there"
PATH = re.compile(r"\s*[>→›]\s*")
MAX_WAIT_SECONDS = 30.0
MAX_CLICKS = 30
MAX_TREE_CHARS = 4000


async def open_page(session: Session, url: str) -> str:
    return await _opened(session, await session.open(url))


async def search(session: Session, settings: Settings, query: str) -> str:
    if not settings.search:
        raise BrowserError("No search engine is set: add --search 'https://ENGINE/?q={}' to the driver's command.")
    url = settings.search.replace("{}", quote(query)) if "{}" in settings.search else settings.search + quote(query)
    engine = spelled(urlsplit(url).hostname or "") if session.caller.searches else ""
    return await _opened(session, await session.open(url, allowed=engine))


async def read(session: Session, page: int) -> str:
    tab = session.require_tab()
    return text.told(await session.look(tab), page)


async def click(session: Session, targets: list[int | str]) -> str:
    """One after the other; where one cannot be clicked, those before it are told."""
    if not 0 < len(targets) <= MAX_CLICKS:
        raise BrowserError(f"Name what to click: one thing, or up to {MAX_CLICKS} in a list.")
    clicked: list[str] = []

    async def do(tab: Tab) -> str:
        try:
            for target in targets:
                name = await _click(tab, target)
                clicked.append(name)
        except BrowserError as error:
            if not clicked:
                raise
            return f"Clicked {', '.join(clicked)}; then no more: {error}"
        return f"Clicked {', '.join(clicked)}."

    return await act(session, do)


async def _click(tab: Tab, target: int | str) -> str:
    """What was clicked: what says this, or, where nothing does, the last of a way through menus such as File > Save."""
    try:
        number = await number_of(tab, target)
    except BrowserError:
        if str(target).strip().lower() == "enter" and await tab.run("enterSends"):
            await tab.press("Enter")
            return "Enter"
        *menus, target = [part for part in PATH.split(str(target)) if part] or [""]
        if not menus:
            raise
        for menu, item in zip(menus, [*menus[1:], target], strict=True):
            await _open_menu(tab, await number_of(tab, menu), item)
        number = await number_of(tab, target)
    try:
        told = await _press(tab, number)
        return str(told["name"]) + (OPEN_CALENDAR if await opens_calendar(tab, told) else "")
    except IsList:
        chosen = await click_option(tab, str(target))
        if not chosen:
            raise
        return chosen


async def _press(tab: Tab, number: int) -> Json:
    """Click it. A menu within a menu opens under a hand that rests on it, where a click could choose it."""
    if await tab.run("holdsMenu", number):
        told = await _rest_on(tab, number)
        if not await tab.run("holdsMenu", number):
            return told
    return await tab.click(number)


async def _open_menu(tab: Tab, number: int, item: str) -> None:
    """As a hand does: the mouse over it may do."""
    await _rest_on(tab, number)
    try:
        await number_of(tab, item)
    except BrowserError:
        await tab.click(number)
        await tab.settle()


async def _rest_on(tab: Tab, number: int) -> Json:
    told = await tab.hover(number)
    await asyncio.sleep(MENU_SECONDS)
    await tab.settle()
    return told


async def press(session: Session, key: str) -> str:
    async def do(tab: Tab) -> str:
        if re.search(r"(?i)(alt|f\d+|meta)", key):
            raise BrowserError("Keys of the browser's own are not pressed; name one like Enter, Escape or ArrowDown.")
        await tab.press(key)
        return f"Pressed {key}."

    return await act(session, do)


async def back(session: Session) -> str:
    tab = session.require_tab()
    before = await session.look(tab)
    if not await tab.back():
        raise BrowserError("There is no page before this one; open an address.")
    return await told_with_change(session, "Went back.", before)


async def upload(session: Session, target: int | str, path: str, content: str) -> str:
    async def do(tab: Tab) -> str:
        number = await number_of(tab, target)
        with tempfile.TemporaryDirectory() as folder:
            file = _written(Path(folder), path, content) if content else _readable(path)
            await tab.attach(number, file)
            await tab.settle()  # the page may read it now
        return f"Gave {file.name} to [{number}]."

    return await act(session, do)


async def wait(session: Session, words: str, seconds: float) -> str:
    tab = session.require_tab()
    before = await session.look(tab)
    seconds = min(max(seconds, 0.1), MAX_WAIT_SECONDS)
    end = asyncio.get_running_loop().time() + seconds
    while True:
        await tab.settle()
        tab = session.require_tab()
        seen = await session.look(tab)
        if words and any(words.lower() in line.lower() for line in seen["lines"]):
            return f'"{words}" is on the page.\n{text.changed(before, seen)}'
        if asyncio.get_running_loop().time() >= end or (not words and seen["lines"] != before["lines"]):
            break
        await asyncio.sleep(0.3)
    if words:
        raise BrowserError(f'"{words}" did not come within {seconds:.0f} s; read the page.')
    return text.changed(before, seen)


async def tabs(session: Session, number: int) -> str:
    open_tabs = [tab for tab in session.tabs if not tab.closed]
    if number:
        if not 1 <= number <= len(open_tabs):
            raise BrowserError(f"There is no tab {number}; there are {len(open_tabs)}.")
        session.current = open_tabs[number - 1]
        return text.told(await session.look(session.current))
    lines = [
        f"{at}. {tab.url[:200]}{' (in front)' if tab is session.current else ''}" for at, tab in enumerate(open_tabs, 1)
    ]
    return "\n".join(lines) or "No tab is open; open a page."


async def tree(session: Session) -> str:
    told = await session.require_tab().tree()
    return (
        told
        if len(told) <= MAX_TREE_CHARS
        else f"{told[:MAX_TREE_CHARS]}\n[and more; read shows all, a page at a time]"
    )


async def _opened(session: Session, tab: Tab) -> str:
    await session.settle()
    seen = await session.look(session.current or tab)
    return "\n".join([*session.told_beside(), text.told(seen)])


def _written(folder: Path, name: str, content: str) -> Path:
    file = folder / (Path(name).name or "file.txt")
    file.write_text(content, "utf-8")
    return file


def _readable(path: str) -> Path:
    file = Path(path).expanduser()
    try:
        with file.open("rb") as opened:
            opened.read(1)
    except OSError as error:
        raise Refused(
            f"{file} cannot be read ({error.strerror}); list its folder under [sandbox] read of the driver, or give"
            " content."
        ) from error
    return file
