"""`llmos bench web`: small tasks on web pages, by an app and by chance."""

from pathlib import Path

import click

from llmos import show_bench
from llmos.commands.common import as_json, emit

AGENTS = ("browse", "assistant", "random")
DEFAULT_AGENTS = ("browse", "random")
AT_LEAST_ONE = click.IntRange(min=1)


@click.command(name="web")
@click.option("--tasks", "tasks", multiple=True, help="A task of MiniWoB; may be said again.  [the 40 of the list]")
@click.option("--seeds", type=AT_LEAST_ONE, default=5, show_default=True, help="Episodes of each task.")
@click.option("--limit", type=AT_LEAST_ONE, help="The most episodes of each agent.")
@click.option("--agent", "agents", multiple=True, type=click.Choice(AGENTS), help="Who plays.  [browse and random]")
@click.option("--steps", type=AT_LEAST_ONE, default=12, show_default=True, help="Steps that an app has.")
@click.option("--model", help="A model of the catalog; the system's own when none is named.")
@click.option("--pages", type=click.Path(path_type=Path), help="MiniWoB's html folder.  [of the installed package]")
@click.option("--out", type=click.Path(path_type=Path), default="web.json", show_default=True, help="The episodes.")
@as_json
def bench_web(
    tasks: tuple[str, ...],
    seeds: int,
    limit: int | None,
    agents: tuple[str, ...],
    steps: int,
    model: str | None,
    pages: Path | None,
    out: Path,
    as_json: bool,
) -> None:
    """MiniWoB's tasks through the browser driver: the app browse's successes beside those of random clicks.

    Stopped with Ctrl-C, it leaves what was played in the result file.
    """
    from llmos.bench import run

    played = {
        "tasks": tasks,
        "num_seeds": seeds,
        "limit": limit or 0,
        "agents": agents or DEFAULT_AGENTS,
        "steps": steps,
    }
    emit(run.web(model, pages, out, played), as_json, show_bench.web)
