"""`download`: the bytes behind a link or an address, within a size, and nothing on the disk."""

from __future__ import annotations

import asyncio
import mimetypes
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from drivers.browser.acting import number_of
from drivers.browser.addresses import admit
from drivers.browser.errors import BrowserError
from drivers.browser.fetch import fetch
from drivers.browser.session import Session, address
from drivers.browser.tab import Tab

if TYPE_CHECKING:
    from playwright.async_api import Download

SECONDS = 30.0
STARTS_SECONDS = 5.0


@dataclass(frozen=True)
class File:
    name: str
    media_type: str
    data: bytes


async def download(session: Session, target: int | str, max_bytes: int) -> File:
    """Raises BrowserError."""
    tab = session.require_tab()
    if isinstance(target, str) and "://" in target:
        return await _fetched(session, tab, address(target), max_bytes)
    number = await number_of(tab, target)
    told = await tab.point(number)
    if told["href"].startswith(("http://", "https://")):
        return await _fetched(session, tab, urljoin(tab.url, told["href"]), max_bytes)
    return await _made_by_a_click(session, tab, number, max_bytes)


async def _fetched(session: Session, tab: Tab, url: str, max_bytes: int) -> File:
    """With the session's cookies and grants."""

    async def admitted(host: str, port: int) -> list[str]:
        return await admit(host, port, session.hosts())

    async def cookies_of(url: str) -> str:
        cookies = await session.context.cookies([url])
        return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)

    agent = str(await tab.run("agent"))
    answer = await fetch(url, admitted, cookies_of, max_bytes, SECONDS, agent)
    if answer.status >= 400:
        raise BrowserError(f"The file cannot be had: its server answers {answer.status}.")
    name = unquote(urlsplit(answer.url).path.rpartition("/")[2]) or "download"
    return File(name[:100], answer.headers.get("content-type", "").partition(";")[0] or _type_of(name), answer.data)


async def _made_by_a_click(session: Session, tab: Tab, number: int, max_bytes: int) -> File:
    """A file that the page itself makes or sends."""
    session.downloads = asyncio.Queue()
    try:
        await tab.click(number)
        async with asyncio.timeout(STARTS_SECONDS):
            begun = await session.downloads.get()
    except TimeoutError as error:
        raise BrowserError(f"[{number}] began no download; click shows what it does.") from error
    finally:
        session.downloads = None
    try:
        path = await _limited(begun, session.folder, max_bytes)
        data = await asyncio.to_thread(path.read_bytes)
        if len(data) > max_bytes:
            raise BrowserError(f"The file is larger than {max_bytes // 2**20} MB and was left.")
    finally:
        with suppress(Exception):
            await begun.cancel()
            await begun.delete()
    name = str(begun.suggested_filename)[:100]
    return File(name, _type_of(name), data)


async def _limited(begun: Download, folder: Path, max_bytes: int) -> Path:
    """Where a download lies once it is whole; cancelled when it grows too large or takes too long."""
    whole = asyncio.ensure_future(begun.path())
    try:
        async with asyncio.timeout(SECONDS):
            while not whole.done():
                await asyncio.wait({whole}, timeout=0.1)
                if _size(folder) > max_bytes:
                    raise BrowserError(f"The file is larger than {max_bytes // 2**20} MB and was left.")
            return Path(whole.result())
    except TimeoutError as error:
        raise BrowserError(f"The download took longer than {SECONDS:.0f} s and was given up.") from error
    finally:
        if not whole.done():
            whole.cancel()


def _size(folder: Path) -> int:
    """Of all that is being downloaded; what nobody asked for is cancelled as it begins."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
