"""Headless Chromium for the benchmarks, over a site served from a folder."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from llmos.contracts import Json
from llmos.errors import UsageError
from llmos.http.served_folder import served

if TYPE_CHECKING:
    from playwright.async_api import Browser

WIDTH, HEIGHT = 1100, 800


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A playwright browser. Raises UsageError where there is none."""
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise UsageError("This needs playwright: pip install 'llmos[browser]'.") from error
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        raise UsageError("This needs Chromium on the PATH: on Debian, apt install chromium.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def visit(browser: Browser, folder: Path, script: str, screenshot: Path) -> Json:
    """Open a folder's page, photograph it whole, and return what `script` evaluates to on it."""
    page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    try:
        with served(folder) as address:
            await page.goto(address)
            await page.screenshot(path=screenshot, full_page=True)
            return await page.evaluate(script)
    finally:
        await page.close()
