"""Make the README's pictures from the real thing: `make pictures`. Needs Chromium."""

import asyncio
import io
import re
import shutil
import tempfile
from pathlib import Path

import shell
from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console

from llmos.demo.run import Demo, sample
from llmos.http.client import connect, stop

HERE = Path(__file__).parent
HEIGHT = 900
MARGIN = 40


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        console = Console(record=True, width=100, highlight=False)
        try:
            demo = Demo(home, sample(), 0, console)
            demo.run(once=True, as_json=False)
            (HERE / "shell.svg").write_text(asyncio.run(shell.picture(home)))
            url = connect(home).get("/status")["sites"][0]["url"]
            beside(Image.open(sample()), screenshot(url)).save(HERE / "sketch-and-site.png", optimize=True)
        finally:
            stop(home)
        fonts = re.compile(r"@font-face \{.*?\}", re.DOTALL)  # they would be loaded from afar
        (HERE / "demo.svg").write_text(fonts.sub("", console.export_svg(title="make demo")))


def screenshot(url: str) -> Image.Image:
    """The site as a visitor sees it, once its stored entries are listed."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 900, "height": HEIGHT})
        page.goto(url)
        page.get_by_text("Ada").first.wait_for(timeout=120_000)
        shot = page.screenshot()
        browser.close()
    return Image.open(io.BytesIO(shot))


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Both at one height on one background, with few enough colours for a small file."""
    fitted = [image.convert("RGB").resize((image.width * HEIGHT // image.height, HEIGHT)) for image in (left, right)]
    width = sum(image.width for image in fitted) + 3 * MARGIN
    canvas = Image.new("RGB", (width, HEIGHT + 2 * MARGIN), "#dfe3ea")
    x = MARGIN
    for image in fitted:
        canvas.paste(image, (x, MARGIN))
        x += image.width + MARGIN
    return canvas.quantize(128)


if __name__ == "__main__":
    main()
