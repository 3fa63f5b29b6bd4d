"""Chromium itself: where it is, how it is started, and the sockets through which alone it reaches anything."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from drivers.browser import confine
from drivers.browser.errors import BrowserError
from drivers.browser.settings import Settings

PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "microsoft-edge")
PLACES = (
    *("/usr/bin/chromium", "/usr/lib/chromium/chromium", "/opt/google/chrome/chrome", "/snap/bin/chromium"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ABSENT = "There is no Chromium: install it (Debian: apt install chromium; else: playwright install chromium)."
SESSIONS = 6
FIRST_PORT = 3001
START_SECONDS = 20.0
FEATURES_OFF = (  # Chromium heeds the last such list only, so playwright's own are said again
    *("AutofillServerCommunication", "DnsOverHttps", "AsyncDns", "Translate", "MediaRouter", "OptimizationHints"),
    *("HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "NetworkTimeServiceQuerying", "PreconnectToSearch"),
    *("LensOverlay", "PaintHolding", "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose"),
)
ARGUMENTS = (
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    f"--disable-features={','.join(FEATURES_OFF)}",
    "--disable-domain-reliability",
    "--no-pings",
    "--disable-notifications",
    "--disable-dev-shm-usage",
    "--renderer-process-limit=8",
)
LEFT_OUT = ("--disable-popup-blocking", "--disable-hang-monitor", "--disable-ipc-flooding-protection")


def find_program(configured: str, bundled: str = "") -> str:
    """The browser's path. `bundled` is playwright's own. Raises BrowserError with how to get one."""
    if configured:
        if found := shutil.which(configured):
            return found
        raise BrowserError(f"There is no program {configured}; correct --chromium in the driver's command.")
    places = [*(shutil.which(name) for name in PROGRAMS), *PLACES, bundled]
    found = next((place for place in places if place and os.access(place, os.X_OK)), None)
    if found is None:
        raise BrowserError(ABSENT)
    return found


class Chromium:
    """One running browser. `places` are listening sockets with the ports at which Chromium sees them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = Path(tempfile.mkdtemp(prefix="chromium-"))
        self.downloads = self._folder / "downloads"
        self.downloads.mkdir()
        self._playwright: Any = None
        self.browser: Any = None
        self.walls = ""
        self.places: list[tuple[socket.socket, int]] = []

    @property
    def alive(self) -> bool:
        return self.browser is not None and bool(self.browser.is_connected())

    async def start(self) -> None:
        """Raises BrowserError."""
        try:
            from playwright.async_api import Error, async_playwright
        except ImportError as error:
            raise BrowserError("This needs playwright: pip install 'llmos[browser]'.") from error
        self._playwright = await async_playwright().start()
        kind = self._playwright.chromium
        program = find_program(self._settings.chromium, kind.executable_path)
        handed = asyncio.create_task(self._take_over())
        try:
            self.browser = await kind.launch(
                executable_path=str(self._wrapper(program)),
                headless=not self._settings.shown,
                chromium_sandbox=self._settings.sandbox,
                args=[*ARGUMENTS],
                ignore_default_args=[*LEFT_OUT],
                timeout=START_SECONDS * 1000,
                downloads_path=str(self.downloads),
                handle_sigint=False,
            )
            await handed
        except (Error, TimeoutError) as error:
            handed.cancel()
            await self.stop()
            raise BrowserError(_why_not(str(error))) from error

    async def stop(self) -> None:
        for running in (self.browser and self.browser.close, self._playwright and self._playwright.stop):
            if running:
                with suppress(Exception):  # it may have died already
                    async with asyncio.timeout(5):
                        await running()
        for listening, _ in self.places:
            listening.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wrapper(self, program: str) -> Path:
        ports = ",".join(str(FIRST_PORT + number) for number in range(SESSIONS))
        started = [
            sys.executable,
            "-S",
            "-E",
            str(Path(confine.__file__)),
            str(self._folder / "handing"),
            ports,
            program,
        ]
        path = self._folder / "chromium.sh"
        path.write_text(f'#!/bin/sh\nexec {shlex.join(started)} "$@"\n')
        path.chmod(0o700)
        return path

    async def _take_over(self) -> None:
        """The listening sockets, from inside the namespace where there is one, else of the machine's own loopback."""
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.bind(str(self._folder / "handing"))
            waiting.listen(1)
            waiting.setblocking(False)
            async with asyncio.timeout(START_SECONDS):
                connection, _ = await loop.sock_accept(waiting)
        with connection:
            connection.settimeout(5)
            told, numbers, _, _ = await asyncio.to_thread(socket.recv_fds, connection, 1000, SESSIONS)
        self.walls = told.decode()
        made = [socket.socket(fileno=number) for number in numbers] or [_listening() for _ in range(SESSIONS)]
        for one in made:
            one.setblocking(False)
        self.places = [(one, one.getsockname()[1]) for one in made]


def _listening() -> socket.socket:
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    made.listen(128)
    return made


def _why_not(said: str) -> str:
    if "No usable sandbox" in said or "sandboxing failed" in said:
        return (
            "Chromium's own sandbox cannot start here: give the driver [sandbox] namespaces = true, or add"
            " --no-sandbox to its command."
        )
    lines = [line.strip() for line in said.splitlines() if "[err]" in line and "ERROR" in line] or said.splitlines()
    return f"Chromium did not start: {lines[0][:300] if lines else 'it said nothing'}."
