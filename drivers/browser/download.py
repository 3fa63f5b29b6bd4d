"""`download`: the bytes behind a link or an address, within a size, and nothing on the disk."""

from __future__ import annotations

import asyncio
import base64
import mimetypes
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from drivers.browser.actions import number_of
from drivers.browser.addresses import spelled
from drivers.browser.errors import BrowserError
from drivers.browser.session import Session, address
from drivers.browser.tab import Tab

if TYPE_CHECKING:
    from playwright.async_api import Download

SECONDS = 30.0
STARTS_SECONDS = 5.0
READ_BYTES = 2**18


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
    """Through the browser, with its cookies and by its proxy."""
    session.require_host(spelled(urlsplit(url).hostname or ""))
    tree = await tab.send("Page.getFrameTree")
    asked = {"frameId": tree["frameTree"]["frame"]["id"], "url": url}
    options = {"disableCache": True, "includeCredentials": True}
    try:
        async with asyncio.timeout(SECONDS):
            answer = (await tab.send("Network.loadNetworkResource", **asked, options=options))["resource"]
            if not answer.get("success"):
                raise session.unreachable(
                    url, answer.get("netErrorName", f"status {answer.get('httpStatusCode', 0):.0f}")
                )
            data = await _drained(tab, answer["stream"], max_bytes)
    except TimeoutError as error:
        raise BrowserError(f"The download took longer than {SECONDS:.0f} s and was given up.") from error
    headers = {name.lower(): value for name, value in answer.get("headers", {}).items()}
    name = unquote(urlsplit(url).path.rpartition("/")[2]) or "download"
    return File(name[:100], headers.get("content-type", "").partition(";")[0] or _type_of(name), data)


async def _drained(tab: Tab, stream: str, max_bytes: int) -> bytes:
    pieces, size = [], 0
    try:
        while True:
            piece = await tab.send("IO.read", handle=stream, size=READ_BYTES)
            raw = base64.b64decode(piece["data"]) if piece.get("base64Encoded") else piece["data"].encode()
            size += len(raw)
            if size > max_bytes:
                raise BrowserError(f"The file is larger than {max_bytes // 2**20} MB and was left.")
            pieces.append(raw)
            if piece.get("eof"):
                return b"".join(pieces)
    finally:
        with suppress(Exception):
            await tab.send("IO.close", handle=stream)


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
