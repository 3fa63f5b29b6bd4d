"""Sketch to website: the runner of apps whose answer is a page. What it writes is an app, with a backend of its own."""

import tempfile
from pathlib import Path

from llmos.contracts import Event, Json
from llmos.errors import AnswerError
from llmos.kernel.app import App, app_folders, install_folder
from llmos.kernel.kernel import Kernel
from llmos.kernel.scheduler import Priority
from llmos.kernel.turn import look
from llmos.pages.doubts import corrected, doubts
from llmos.pages.finish import finish
from llmos.pages.site import build_site
from llmos.pages.write import request


async def write_site(kernel: Kernel, pid: int, app: App) -> Json:
    """See the picture, let the model write the page, build and install the app behind it.

    Returns {site, title, elements, doubts}. Raises AnswerError when there is no picture or no page on it.
    """
    turn = await look(kernel, pid)
    if not turn.seen:
        raise AnswerError(f"Attach a picture of a page: llmos run {app.name} -a sketch.jpg.")
    seen = turn.seen[0]
    if seen["kind"] != "page":
        raise AnswerError(f"{seen['reason']}")
    seen, wish = corrected(seen, _said(kernel, pid))
    html = _written(kernel.journal.events(pid))
    if html is None:
        asked = request(app, seen, turn.pictures[0], wish, await kernel.engine.info())
        html = await kernel.think(pid, asked, Priority.INTERACTIVE)
    page = finish(html, seen)
    name = _name(kernel, pid, page.slug)
    with tempfile.TemporaryDirectory(dir=kernel.home, prefix=".site-") as staging:
        install_folder(kernel.home, build_site(page, Path(staging) / name, app.web), name)
    return {"site": name, "title": page.title, "elements": len(seen["elements"]), "doubts": doubts(seen)}


def _said(kernel: Kernel, pid: int) -> str:
    """What came with the picture; what was read on it is no part of it."""
    return next(str(event.data["text"]) for event in kernel.journal.events(pid) if event.kind == "message.user")


def _written(events: list[Event]) -> str | None:
    """The page, when the model wrote it before the kernel was restarted."""
    return next((event.data["text"] for event in events if event.kind == "engine.answer"), None)


def _name(kernel: Kernel, pid: int, slug: str) -> str:
    """The site's name, chosen once: a restarted process must not install a second site."""
    for event in kernel.journal.events(pid):
        if event.kind == "site.named":
            return str(event.data["site"])
    name = _free_name(kernel.home, slug)
    kernel.record(pid, "site.named", {"site": name})
    return name


def _free_name(home: Path, slug: str) -> str:
    taken = {folder.name for folder in app_folders(home)}
    name, number = f"{slug}-site", 2
    while name in taken:
        name, number = f"{slug}-site-{number}", number + 1
    return name
