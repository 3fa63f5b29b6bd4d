"""All sessions: one Chromium, started on the first call, and in it a place for each process that uses it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from drivers.browser.caller import Caller
from drivers.browser.chromium import Chromium
from drivers.browser.errors import BrowserError
from drivers.browser.proxy import Proxy
from drivers.browser.session import VIEWPORT, Session
from drivers.browser.settings import Settings
from drivers.browser.watch import watch_memory


class Sessions:
    """A process has a session of its own; those of one app hand their cookies on, one after the other."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._chromium: Chromium | None = None
        self._sessions: dict[tuple[str, str], Session] = {}
        self._places: dict[tuple[str, str], tuple[Any, int]] = {}
        self._cookies: dict[str, Any] = {}
        self._starting = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self._chromium is not None and self._chromium.alive

    async def of(self, caller: Caller) -> Session:
        """The caller's session. Raises BrowserError."""
        async with self._starting:
            await self._require_chromium()
            if caller.key not in self._sessions:
                self._sessions[caller.key] = await self._begin(caller)
            return self._sessions[caller.key]

    async def close(self) -> None:
        if self._watching:
            self._watching.cancel()
        if self._chromium:
            await self._chromium.stop()

    async def _require_chromium(self) -> None:
        if self.alive:
            return
        if self._chromium:
            await self.close()
            for session in self._sessions.values():
                await session.proxy.stop()
            self._sessions.clear()
            self._places.clear()
        self._chromium = None
        made = Chromium(self.settings)
        await made.start()
        self._chromium = made
        self._watching = asyncio.create_task(watch_memory(self.settings.memory_mb))

    async def _begin(self, caller: Caller) -> Session:
        place, port = await self._free_place(caller)
        assert self._chromium is not None
        session: Session | None = None
        proxy = Proxy(lambda: session.hosts() if session else [])
        await proxy.start(place)
        await self._save_cookies(caller.app)
        context = await self._chromium.browser.new_context(
            proxy={"server": f"http://127.0.0.1:{port}"},
            service_workers="block",
            accept_downloads=True,
            viewport=VIEWPORT,
            permissions=[],
        )
        if cookies := self._cookies.get(caller.app):
            await context.add_cookies(cookies)
        session = Session(context, proxy, self._chromium.downloads)
        await session.start()
        return session

    async def _free_place(self, caller: Caller) -> tuple[Any, int]:
        """A listening socket that no session uses; the session that was idle for longest gives way."""
        assert self._chromium is not None
        free = [place for place in self._chromium.places if place not in self._places.values()]
        if not free:
            idle = [key for key, session in self._sessions.items() if not session.lock.locked()]
            if not idle:
                raise BrowserError("All places of the browser are taken; try again later.")
            oldest = min(idle, key=lambda key: self._sessions[key].used)
            await self._save_cookies(oldest[0])
            await self._sessions.pop(oldest).close()
            free = [self._places.pop(oldest)]
        self._places[caller.key] = free[0]
        return free[0]

    async def _save_cookies(self, app: str) -> None:
        """Those of the app's session that was used last are handed on."""
        sessions = [session for key, session in self._sessions.items() if key[0] == app]
        if sessions:
            with suppress(Exception):  # a session whose pages hang keeps its own
                async with asyncio.timeout(3):
                    self._cookies[app] = await max(sessions, key=lambda one: one.used).context.cookies()
