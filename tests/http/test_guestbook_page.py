"""A picture goes from the guestbook's page to the disk and back, in Chromium."""

import hashlib
import io
import shutil

import pytest
from PIL import Image

from llmos.bench.browser import chromium
from tests.http.compiled import serve_compiled, state_of

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium on the PATH: apt install chromium")

NAME = 'a "cat" & <b>.png'


def drawn():
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
async def page(world):
    """The page, which must not complain but of a refusal, of a site whose model nobody may ask."""
    site = await serve_compiled(world, "guestbook")
    complaints = []
    async with chromium() as browser:
        page = await browser.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(str(site.base_url))
        yield page
    assert [text for text in complaints if "status of 422" not in text] == []
    assert world.script.requests == []


async def sign(page, name, file=None):
    await page.get_by_label("Name").fill(name)
    if file:
        await page.get_by_label("Picture", exact=True).set_input_files(file)
    await page.get_by_role("button", name="Sign").click()


async def test_a_picture_is_sent_shown_and_still_there_when_the_page_is_loaded_again(world, page):
    data = drawn()
    await page.get_by_label("Stars").select_option("5")
    await page.get_by_label("Picture", exact=True).set_input_files(
        {"name": NAME, "mimeType": "image/png", "buffer": data}
    )
    preview = page.locator("#preview")
    assert await preview.evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    await sign(page, "Ada")
    await page.locator("li", has_text="Ada").wait_for()
    assert await preview.is_hidden()
    await sign(page, "Bo")
    await page.locator("li", has_text="Bo").wait_for()
    await page.reload()
    shown = page.get_by_alt_text(f"A picture from Ada: {NAME}")
    await shown.wait_for()
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 40
    assert await page.locator("li img").count() == 1
    entry = (await state_of(world, "guestbook"))["entries"]["1"]
    told = {"name": NAME, "type": "image/png", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    assert (entry["picture"], entry["stars"]) == (told, 5)


async def test_a_page_that_is_called_a_picture_is_refused_with_a_sentence(world, page):
    await sign(page, "Eve", {"name": "me.png", "mimeType": "image/png", "buffer": b"<script>alert(1)</script>"})
    await page.get_by_text("picture must be of type image/png").wait_for()
    assert (await state_of(world, "guestbook"))["entries"] == {}


async def test_the_page_about_the_routes_sends_a_file_too(world, page):
    await page.goto(page.url + "docs")
    route = page.locator("#postEntries")
    await route.locator("summary").first.click()
    await route.get_by_label("body (JSON)").fill('{"name": "Ada", "stars": 5}')
    await route.get_by_label("picture (a file").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": drawn()}
    )
    await route.get_by_role("button", name="Send").click()
    await route.get_by_text("201 Created").wait_for()
    entry = (await state_of(world, "guestbook"))["entries"]["1"]
    assert (entry["stars"], entry["picture"]["name"]) == (5, "me.png")
    file = page.locator("#getFile")
    await file.locator("summary").first.click()
    await file.get_by_label("sha256").fill(entry["picture"]["sha256"])
    await file.get_by_role("button", name="Send").click()
    await file.get_by_text(f"{len(drawn())} bytes").wait_for()
