"""`llmos bench backend`: what an app as a backend costs, and what it keeps."""

import click

from llmos import show_bench
from llmos.commands.common import as_json, emit

PARTS = ("spec", "modes", "scale", "load", "crash")
AT_LEAST_ONE = click.IntRange(min=1)
APPS = ("todo", "bank", "notes", "shop", "chess", "guestbook")


@click.command(name="backend")
@click.option("--only", "parts", multiple=True, type=click.Choice(PARTS), help="A part; may be said again.  [all]")
@click.option(
    "--times", type=AT_LEAST_ONE, default=20, show_default=True, help="spec: runs, each from cold code and cold state."
)
@click.option("--interpreted", is_flag=True, help="spec: let the model answer instead of handlers.")
@click.option("--app", "apps", multiple=True, type=click.Choice(APPS), help="modes: an app; may be said again.  [all]")
@click.option("--calls", type=AT_LEAST_ONE, default=200, show_default=True, help="modes and scale: calls of each kind.")
@click.option(
    "--seconds", default=75.0, show_default=True, help="modes: a mixed load that the model answers makes no call after."
)
@click.option("--requests", type=AT_LEAST_ONE, default=10_000, show_default=True, help="load: requests.")
@click.option("--concurrency", type=AT_LEAST_ONE, default=32, show_default=True, help="load: requests at a time.")
@click.option("--runs", type=AT_LEAST_ONE, default=50, show_default=True, help="crash: how often the kernel is killed.")
@click.option("--seed", default=1, show_default=True, help="Of what is asked, and of the instants.")
@as_json
def bench_backend(parts: tuple[str, ...], apps: tuple[str, ...], as_json: bool, **sizes: float) -> None:
    """What an app as a backend costs and keeps.

    Kernels are processes and folders of their own, and handlers are written by the model.

    \b
    spec   the Todo-Backend specification from cold code and cold state, many times
    modes  whole state in and out, interpreted, cached and compiled, side by side
    scale  one write and one read beside 10, 1,000 and 100,000 documents
    load   many transfers of a bank at the same time
    crash  the same while the kernel is killed again and again
    """
    from llmos.bench import run

    chosen = {**sizes, "apps": apps or APPS}
    emit(run.backend(parts or PARTS, chosen), as_json, show_bench.backend)
