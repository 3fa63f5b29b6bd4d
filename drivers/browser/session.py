"""The browser of one process: its tabs, its cookies, the hosts it may reach, and its way out."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from drivers.browser.addresses import host_granted, spelled
from drivers.browser.caller import Caller
from drivers.browser.errors import BrowserError, Refused, Stuck
from drivers.browser.proxy import Proxy
from drivers.browser.tab import BLANK, Tab

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Download, Page, Request

Json = Any
MAX_TABS = 8
MAX_URL_CHARS = 4000
VIEWPORT = {"width": 1280, "height": 800}
NO_PAGE = "No page is open; open one first."
NO_WEBRTC = """for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel", "WebTransport"])
    Object.defineProperty(globalThis, name, { value: undefined, configurable: false, writable: false });"""


class Session:
    """`caller` is who called last; `visited` the host that an open of one call allowed, as long as its page is shown.

    Files that a page sends lie in `folder` while they come.
    """

    def __init__(self, context: BrowserContext, proxy: Proxy, folder: Path) -> None:
        self.context, self.proxy, self.folder = context, proxy, folder
        self.caller = Caller()
        self.visited = ""
        self.lock = asyncio.Lock()
        self.used = time.monotonic()
        self.tabs: list[Tab] = []
        self.current: Tab | None = None
        self.downloads: asyncio.Queue[Download] | None = None
        self.notes: list[str] = []
        self.wanted: set[str] = set()
        self.going: set[str] = set()
        self._told: set[str] = set()
        self._adopting: set[asyncio.Task[None]] = set()
        self._num_surplus = self._num_downloads = 0

    async def start(self) -> None:
        self.context.on("page", self._page_came)
        self.context.on("request", self._asked_for)
        await self.context.add_init_script(NO_WEBRTC)

    def hosts(self) -> list[str]:
        """What may be reached now."""
        return [*self.caller.hosts, *([self.visited] if self.visited else [])]

    def begin(self, caller: Caller) -> None:
        """A new call."""
        self.caller, self.used = caller, time.monotonic()
        self.proxy.refused.clear()
        self.wanted.clear()
        self.going.clear()
        self.notes.clear()
        self._num_surplus = self._num_downloads = 0
        self.tabs = [tab for tab in self.tabs if not tab.closed or tab is self.current]
        for tab in self.tabs:
            tab.begin()

    def require_tab(self) -> Tab:
        """The tab in front. Raises BrowserError, once with what became of the last one."""
        tab = self.current
        if tab is None:
            raise BrowserError(NO_PAGE)
        if tab.closed:
            self.tabs = [other for other in self.tabs if not other.closed]
            self.current = self.tabs[-1] if self.tabs else None
            raise Stuck(tab.dead or NO_PAGE)
        return tab

    async def open(self, url: str, allowed: str = "") -> Tab:
        """Go to an address. `allowed` is a host that this call may reach. Raises Refused, BrowserError."""
        allowed = allowed or self.caller.host
        url = address(url)
        host = spelled(urlsplit(url).hostname or "")
        once = allowed and host_granted(host, [allowed])
        # what a wider grant covers is not spelled by anybody: `*` is no grant of this machine's own addresses
        self.visited = host if once and not host_granted(host, self.caller.hosts) else ""
        self.require_host(host)
        tab = self.current
        if tab is None or tab.closed:
            tab = await self.new_tab()
        self.proxy.recheck()
        failed = await tab.goto(url)
        if tab.closed:
            self.require_tab()
        if failed and "Download is starting" in failed:
            raise BrowserError("That address is a file; use download.")
        if failed and "is interrupted by another navigation" not in failed:
            raise self.unreachable(url, failed)
        return tab

    def require_host(self, host: str) -> None:
        if not host_granted(host, self.hosts()):
            raise Refused(
                f"{host or 'That'} is not granted to this app; ask the user for it, or stay on granted hosts."
            )

    def unreachable(self, url: str, failed: str) -> BrowserError:
        """Why an address did not open, in words."""
        host = spelled(urlsplit(url).hostname or "")
        for refused, why in self.proxy.refused.items():
            if refused == host or refused in self.going:
                return Refused(f"{url[:200]} did not open: {why}")
        return BrowserError(f"{url[:200]} did not open: {_meaning(failed)}")

    async def new_tab(self) -> Tab:
        page = await self.context.new_page()
        await self.adopted()
        tab = next((tab for tab in self.tabs if tab.page == page), None)
        if tab is None:
            raise BrowserError(f"There are {MAX_TABS} tabs already; go on in one of them.")
        self.current = tab
        return tab

    async def adopted(self) -> None:
        """Wait until pages that came are tabs."""
        await asyncio.sleep(0)
        if self._adopting:
            await asyncio.wait(self._adopting, timeout=5)

    async def settle(self) -> Tab:
        """Wait for what was done to have its effect; the tab that is in front then, on a page that is granted."""
        tab, before = self.require_tab(), len(self.tabs)
        with suppress(Stuck):  # closing itself is an effect, too
            await tab.settle()
        await self.adopted()
        if len(self.tabs) > before and not self.tabs[-1].closed:
            self.current = self.tabs[-1]
            self.notes.append("A new tab was opened and is in front; tab shows the others.")
            await self.current.settle()
        return self.require_tab()

    async def look(self, tab: Tab) -> Json:
        """What the tab shows. A page that is not granted, or did not come, is left again and told about."""
        seen = await tab.look()
        for _ in range(3):
            why = self._wrong(seen)
            if not why:
                return seen
            self.notes.append(why)
            if not await tab.back():
                await tab.goto(BLANK)
            seen = await tab.look()
        await tab.goto(BLANK)
        return await tab.look()

    def told_beside(self) -> list[str]:
        """What else happened during the call."""
        notes = list(dict.fromkeys([*self.notes, *(note for tab in self.tabs for note in tab.notes)]))[:6]
        if self._num_surplus:
            notes.append(f"{self._num_surplus} more tabs were closed at once; {MAX_TABS} is the most.")
        if self._num_downloads:
            notes.append("The page began a download, which was refused; use download.")
        if refused := sorted((self.wanted & {*self.proxy.refused}) - self._told):
            notes.append(f"Parts of the page were not loaded from {', '.join(refused[:5])}, not granted or not there.")
            self._told.update(refused)
        return notes

    async def close(self) -> None:
        with suppress(Exception):  # the browser may have died
            async with asyncio.timeout(5):
                await self.context.close()
        await self.proxy.stop()

    def _wrong(self, seen: Json) -> str:
        parts = urlsplit(seen["url"])
        if seen["url"] == BLANK or (
            parts.scheme in ("http", "https") and host_granted(parts.hostname or "", self.hosts())
        ):
            return ""
        if parts.scheme in ("http", "https"):
            return f"It leads to {parts.hostname}, which is not granted; ask for it with open."
        if refused := [why for host, why in self.proxy.refused.items() if host in self.going]:
            return f"It leads elsewhere, which was not opened: {refused[0]}"
        return "The page that it leads to could not be loaded."

    def _asked_for(self, request: Request) -> None:
        """What a page asks for, or goes to, in contrast to what Chromium does on its own."""
        host = spelled(urlsplit(request.url).hostname or "")
        (self.going if request.is_navigation_request() else self.wanted).add(host)

    def _page_came(self, page: Page) -> None:
        task = asyncio.create_task(self._adopt(page))
        self._adopting.add(task)
        task.add_done_callback(self._adopting.discard)

    async def _adopt(self, page: Page) -> None:
        if len([tab for tab in self.tabs if not tab.closed]) >= MAX_TABS:
            self._num_surplus += 1
            with suppress(Exception):
                await page.close()
            return
        with suppress(Exception):  # a page that closed at once is none
            cdp = await self.context.new_cdp_session(page)
            tab = Tab(page, cdp)
            page.on("download", self._download_came)
            self.tabs.append(tab)

    async def _download_came(self, download: Download) -> None:
        if self.downloads is not None:
            self.downloads.put_nowait(download)
            return
        self._num_downloads += 1
        with suppress(Exception):
            await download.cancel()


def address(url: str) -> str:
    """An address that may be opened: http or https. Raises Refused, BrowserError."""
    url = url.strip()
    if not url or len(url) > MAX_URL_CHARS or re.search(r"[\x00-\x20\\]", url):
        raise BrowserError("That is no address; give one like https://example.com.")
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?!\d+(/|$))", url)
    if scheme is None:
        url = f"https://{url.lstrip('/')}"
    elif scheme[1].lower() not in ("http", "https"):
        raise Refused(f"{scheme[1].lower()}: addresses are not opened; give one that begins with https://.")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        host, port = None, None
    if not host or port == 0 or "@" in parts.netloc:
        raise BrowserError("That is no address; give one like https://example.com, without a name or password in it.")
    return url


def _meaning(failed: str) -> str:
    for code, words in (
        ("ERR_CERT", "its certificate is not valid, so nobody knows whose page it is."),
        ("ERR_SSL", "it cannot make a safe connection."),
        ("ERR_TOO_MANY_REDIRECTS", "it sends from page to page without end."),
        ("ERR_TUNNEL_CONNECTION_FAILED", "it cannot be reached."),
        ("ERR_EMPTY_RESPONSE", "it answered nothing."),
        ("ERR_CONNECTION", "it does not answer."),
        ("ERR_ABORTED", "it gave no page."),
        ("ERR_UNSAFE_PORT", "that port is not for pages."),
        ("ERR_INVALID", "the address or the answer is not valid."),
    ):
        if code in failed:
            return f"{words} Try another address."
    found = re.search(r"net::(ERR_\w+)", failed)
    return f"{found[1] if found else failed[:200]}. Try another address."
