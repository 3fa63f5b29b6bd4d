"""`llmos bench tools` and `llmos bench drivers`: what an assistant is offered, and what drivers cost."""

import click

from llmos import show_bench
from llmos.commands.common import as_json, emit


@click.command(name="tools")
@click.option("--app", default="assistant", show_default=True, help="A shipped app whose tools are chosen.")
@click.option("--words", is_flag=True, help="Compare words, as where there is no embedding model.")
@click.option("--answers", is_flag=True, help="Also ask the model a few questions, with real drivers.")
@click.option("--model", help="A model of the catalog to ask; the system's own when none is named.")
@as_json
def bench_tools(app: str, words: bool, answers: bool, model: str | None, as_json: bool) -> None:
    """Which tools the assistant is offered for some 300 messages: precision and recall, by kind of message."""
    from llmos.bench import run

    emit(run.tools(app, words, answers or model is not None, model), as_json, show_bench.tools)


@click.command(name="drivers")
@click.option("--times", type=click.IntRange(min=1), default=3, show_default=True, help="Starts of each.")
@as_json
def bench_drivers(times: int, as_json: bool) -> None:
    """Start each shipped driver: time to its list of tools and to a first call, memory while idle."""
    from llmos.bench import run

    emit(run.drivers(times), as_json, show_bench.drivers)
