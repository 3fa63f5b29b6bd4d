"""`llmos bench shell`: how quick the shell is while a model writes, and what a long conversation costs."""

import click

from llmos import show_bench
from llmos.commands.common import as_json, emit


@click.command(name="shell")
@click.option("--rate", default=200, show_default=True, help="Tokens a second that stream in.")
@click.option("--seconds", default=20, show_default=True, help="How long keys are pressed meanwhile.")
@click.option("--messages", default=10_000, show_default=True, help="Messages of the long conversation.")
@as_json
def bench_shell(rate: int, seconds: int, messages: int, as_json: bool) -> None:
    """Keystroke to screen while tokens stream into the shell, and memory of a long conversation."""
    from llmos.bench import run

    emit(run.shell(rate, seconds, messages), as_json, show_bench.shell)
