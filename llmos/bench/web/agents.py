"""Who plays an episode: an app on its engine, in a kernel of its own, or a hand that clicks at random."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import tomlkit

from llmos import paths
from llmos.bench.web.site import Episode, Site
from llmos.contracts import Json
from llmos.errors import ToolFailed
from llmos.http.served_folder import HOST
from llmos.kernel.drivers import DriverHost
from llmos.kernel.drivers.caller import Silence
from llmos.kernel.kernel import Kernel
from llmos.kernel.process import State

NUM_CLICKS = 12
LOOK_SECONDS = 0.1
MAX_LOOKS = 100
Agent = Callable[[Kernel, Site, Episode], Awaitable[dict[str, Json]]]
OVER = ("process.done", "process.failed", "process.killed")


def install(app: str, home: Path, steps: int) -> None:
    """The shipped app with its steps, where a person has already allowed the host of the pages, and nothing else."""
    folder = home / "apps" / app
    shutil.copytree(paths.bundle_root() / "apps" / app, folder)
    manifest = tomlkit.parse((folder / "app.toml").read_text("utf-8"))
    rights, budget = manifest["capabilities"], manifest["budget"]
    rights["tools"] = [f"browser.open:{HOST}", *rights["tools"]]
    rights["ask"] = []
    budget.update({"steps": steps, "syscalls": steps, "seconds": 1200})
    (folder / "app.toml").write_text(tomlkit.dumps(manifest), "utf-8")


async def by_app(app: str, kernel: Kernel, site: Site, episode: Episode) -> dict[str, Json]:
    """Tell it the address and what the page asks for; an episode that is over ends its process."""
    wanted = await _asked_for(kernel.drivers, site.begin(episode.task, episode.seed))
    pid = kernel.spawn(app, f"Open {episode.url} and do this there: {wanted}").pid
    ended = asyncio.create_task(_ended(kernel, pid))
    while not ended.done() and episode.reward is None:
        await asyncio.wait({ended}, timeout=LOOK_SECONDS)
    if not ended.done():
        kernel.kill(pid)
        await ended
    process = kernel.process(pid)
    steps = [event.data for event in kernel.journal.events(pid) if event.kind == "engine.answer"]
    return {
        "steps": len(steps),
        "tokens": sum(step["tokens"] for step in steps),
        "said": [step["text"][:200] for step in steps],
        "error": process.error if process.state is State.FAILED else "",
    }


async def at_random(kernel: Kernel, site: Site, episode: Episode) -> dict[str, Json]:
    """Click what has a number, one after the other, chosen blindly."""
    chance, caller, num_clicks = random.Random(f"{episode.task} {episode.seed}"), _Granted(episode.url), 0
    told = str(await kernel.drivers.call("browser.open", {"url": episode.url}, caller))
    while num_clicks < NUM_CLICKS and episode.reward is None:
        num_clicks += 1
        numbers = sorted(set(re.findall(r"\[(\d+)\] ", told))) or ["1"]
        try:
            told = str(await kernel.drivers.call("browser.click", {"target": int(chance.choice(numbers))}, caller))
        except ToolFailed:
            told = str(await kernel.drivers.call("browser.read", {}, caller))
    return {"steps": num_clicks}


APPS = ("browse", "assistant")
AGENTS: dict[str, Agent] = {**{app: partial(by_app, app) for app in APPS}, "random": at_random}


class _Granted(Silence):
    """A caller for whom each episode is a process of its own."""

    def __init__(self, episode: str) -> None:
        self._episode = episode

    def told(self, driver: str) -> dict[str, Json]:
        return {"llmos/app": "bench", "llmos/process": self._episode, "llmos/grants": [f"browser.open:{HOST}"]}


async def _asked_for(drivers: DriverHost, looked: Episode) -> str:
    """What the page will ask for under this seed, as MiniWoB tells its agents: looked up in an episode of its own."""
    await drivers.call("browser.open", {"url": looked.url}, _Granted("look"))
    for _ in range(MAX_LOOKS):
        if "utterance" in looked.told:
            return str(looked.told["utterance"])
        await asyncio.sleep(LOOK_SECONDS)
    raise TimeoutError


async def _ended(kernel: Kernel, pid: int) -> None:
    async for event in kernel.journal.follow(pid):
        if event.kind in OVER:
            return
