"""The to-do list's own page in Chromium, before the whole of it: a site, its policy, its compiled routes."""

import shutil

import pytest

from llmos.bench.browser import chromium
from tests.http.compiled import serve_compiled, state_of

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH: apt install chromium")

HOSTILE = '<img src=x onerror="document.title=1"> & \u202e"quoted"'


@pytest.fixture
async def page(world):
    """The page, which must not complain, of a site whose model nobody may ask."""
    site = await serve_compiled(world, "todo")
    complaints = []
    async with chromium() as browser:
        page = await browser.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(str(site.base_url))
        yield page
    assert complaints == []
    assert world.script.requests == []


async def add(page, title):
    await page.get_by_label("What is to be done").fill(title)
    await page.get_by_role("button", name="Add").click()
    await page.get_by_label(title, exact=True).wait_for()


async def test_what_is_done_on_the_page_is_still_so_when_it_is_loaded_again(world, page):
    for title in ("buy milk", HOSTILE, "sleep"):
        await add(page, title)
    await page.get_by_label("buy milk", exact=True).click()
    await page.locator("li.done").wait_for()
    await page.get_by_role("button", name="Remove sleep").click()
    await page.get_by_label("sleep", exact=True).wait_for(state="detached")
    await page.reload()
    await page.locator("li.done").wait_for()
    assert await page.locator("#todos li label").all_inner_texts() == ["buy milk", HOSTILE]
    assert await page.get_by_label("buy milk", exact=True).is_checked()
    assert await page.title() == "To-do list"
    todos = (await state_of(world, "todo"))["todos"]
    told = [(todo["title"], todo["completed"]) for todo in todos.values()]
    assert told == [("buy milk", True), (HOSTILE, False)]


async def test_all_of_it_is_removed(world, page):
    await add(page, "buy milk")
    await page.get_by_role("button", name="Remove all").click()
    await page.get_by_text("Nothing is to be done.").wait_for()
    await page.reload()
    await page.get_by_text("Nothing is to be done.").wait_for()
    assert (await state_of(world, "todo"))["todos"] == {}
