"""The public Todo-Backend specification, as its authors wrote it, in Chromium against a served `todo`.

`python tests/interop/todo_backend.py [FOLDER]` runs the checkout of github.com/TodoBackend/todo-backend-js-spec that
lies in FOLDER, or clones one. Every route is compiled, from the handlers in tests/backend/handlers, and the page comes
from another origin. It needs Chromium, and git with a network, so it is not part of `make test`.
"""

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from llmos.bench.browser import chromium  # noqa: E402
from llmos.http.served_folder import served  # noqa: E402
from tests.http.compiled import install, serve_compiled  # noqa: E402
from tests.http.conftest import World  # noqa: E402

SPECIFICATION = "https://github.com/TodoBackend/todo-backend-js-spec"
FINISHED = "() => runner.stats && runner.stats.end"
RESULTS = """() => [...document.querySelectorAll("#mocha-report .test")].map(
    (test) => [test.classList.contains("pass"), test.querySelector("h2").firstChild.textContent])"""


def main() -> None:
    with tempfile.TemporaryDirectory() as spare:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else cloned(Path(spare) / "specification")
        results = asyncio.run(run(folder, Path(spare) / "home"))
    for passed, name in results:
        sys.stdout.write(f"{'passed' if passed else 'FAILED'}  {name}\n")
    num_passed = sum(passed for passed, _ in results)
    sys.stdout.write(f"{num_passed} of {len(results)} passed\n")
    sys.exit(0 if results and num_passed == len(results) else 1)


def cloned(folder: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", SPECIFICATION, folder], check=True)
    return folder


async def run(folder: Path, home: Path) -> list[tuple[bool, str]]:
    """Each step, and whether it passed."""
    install(home, "todo", '[http]\ncors = ["*"]')
    world = World(home)
    await world.boot()
    try:
        todos = f"{(await serve_compiled(world, 'todo')).base_url}todos"
        with served(folder) as page_url:
            async with chromium() as browser:
                page = await browser.new_page()
                await page.goto(f"{page_url}/index.html?{todos}")
                await page.wait_for_function(FINISHED, timeout=120_000)
                return await page.evaluate(RESULTS)
    finally:
        await world.shutdown()


if __name__ == "__main__":
    main()
