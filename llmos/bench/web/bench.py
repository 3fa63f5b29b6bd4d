"""`llmos bench web`: MiniWoB's tasks through the browser driver, by an app and by clicks at random."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmos.bench.web.agents import AGENTS, APPS, install
from llmos.bench.web.site import Site, served
from llmos.contracts import Engine, Json
from llmos.errors import LlmosError, UsageError
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat

TASKS = Path(__file__).with_name("tasks.txt")


@dataclass(frozen=True)
class Plan:
    """What is played. `limit` is the most episodes of each agent, 0 for all."""

    tasks: tuple[str, ...]
    num_seeds: int
    agents: tuple[str, ...]
    limit: int = 0
    steps: int = 12

    def episodes(self) -> list[tuple[str, int]]:
        """All tasks under the first seed, then under the next, so that a part of it is as mixed as the whole."""
        every = [(task, seed) for seed in range(1, self.num_seeds + 1) for task in self.tasks]
        return every[: self.limit] if self.limit else every


def chosen_tasks(named: Sequence[str], pages: Path) -> tuple[str, ...]:
    """The tasks that are named, or those of the list. Raises UsageError for what is no task."""
    listed = [line for line in TASKS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    if missing := [task for task in named or listed if not (pages / "miniwob" / f"{task}.html").is_file()]:
        raise UsageError(f"MiniWoB has no task {missing[0]!r}; its tasks are the files in {pages / 'miniwob'}.")
    return tuple(named or listed)


async def bench_web(
    engine: Engine, pages: Path, plan: Plan, home: Path, out: Path, progress: Callable[[str], None]
) -> Json:
    """Play; `out` holds what is known after each episode, so nothing is lost when it is stopped. Closes the engine."""
    for app in APPS:
        install(app, home, plan.steps)
    kernel = Kernel(home, engine, DriverHost(shipped_drivers(), home / "logs"), {"chat": run_chat})
    kernel.start()
    rows: list[Json] = []
    try:
        facts = {"model": (await kernel.engine.info()).model, "seeds": plan.num_seeds, "steps": plan.steps}
        with served(pages) as site:
            for agent in plan.agents:
                for number, (task, seed) in enumerate(plan.episodes(), 1):
                    progress(f"{agent}: {task}, seed {seed} ({number} of {len(plan.episodes())}){_so_far(rows, agent)}")
                    rows.append(await _play(kernel, site, agent, task, seed))
                    _keep(out, {**facts, **summed(rows), "episodes": rows})
    finally:
        await kernel.close()
    return {**facts, **summed(rows), "out": str(out)}


def _keep(out: Path, told: Json) -> None:
    out.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


async def _play(kernel: Kernel, site: Site, agent: str, task: str, seed: int) -> dict[str, Json]:
    episode = site.begin(task, seed)
    began = time.monotonic()
    try:
        facts = await AGENTS[agent](kernel, site, episode)
    except (LlmosError, TimeoutError) as error:
        facts = {"steps": 0, "error": str(error) or "no answer in time"}
    reward, told = episode.reward, episode.told
    row = {"agent": agent, "task": task, "seed": seed, "reward": reward, "success": reward == 1}
    asked = {"utterance": told.get("utterance", ""), "reason": told.get("reason", "")}
    return {**row, "seconds": round(time.monotonic() - began, 1), **asked, **facts}


def summed(rows: Sequence[Json]) -> dict[str, Json]:
    """By agent: episodes, successes, and by task how many of them."""
    played = dict.fromkeys(row["agent"] for row in rows)
    return {"agents": {agent: _of([row for row in rows if row["agent"] == agent]) for agent in played}}


def _of(rows: Sequence[Json]) -> Json:
    won = [row for row in rows if row["success"]]
    tasks = dict.fromkeys(row["task"] for row in rows)
    return {
        "episodes": len(rows),
        "successes": len(won),
        "rate": round(len(won) / len(rows), 3),
        "ended": sum(row["reward"] is not None for row in rows),
        "median_seconds": statistics.median(row["seconds"] for row in rows),
        "median_steps": statistics.median(row["steps"] for row in rows),
        "tasks": {task: sum(row["success"] for row in rows if row["task"] == task) for task in tasks},
    }


def _so_far(rows: Sequence[Json], agent: str) -> str:
    mine = [row["success"] for row in rows if row["agent"] == agent]
    return f", {sum(mine)} done so far" if mine else ""
