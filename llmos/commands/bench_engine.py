"""`llmos bench engine`: how fast the engine of this machine answers."""

from pathlib import Path

import click

from llmos import show_bench
from llmos.commands.common import as_json, emit

SHAPES = ("qwen2.5-vl-7b", "qwen2.5-1.5b", "tiny")
AT_LEAST_ONE = click.IntRange(min=1)


@click.command(name="engine")
@click.option("--model", help="A model of the catalog; the system's own when none is named.")
@click.option("--shape", type=click.Choice(SHAPES), help="Random weights of this shape instead, made now.")
@click.option("--at-once", multiple=True, type=AT_LEAST_ONE, default=(1, 4, 8, 16), show_default=True)
@click.option("--prompt-tokens", type=AT_LEAST_ONE, default=2000, show_default=True, help="Of the long prompts.")
@click.option("--answer-tokens", type=AT_LEAST_ONE, default=128, show_default=True, help="Of each answer.")
@click.option("--times", type=AT_LEAST_ONE, default=5, show_default=True, help="Long prompts of each kind.")
@click.option("--out", type=click.Path(path_type=Path), default="engine.json", show_default=True, help="The figures.")
@as_json
def bench_engine(
    model: str | None, shape: str | None, out: Path, as_json: bool, **sizes: tuple[int, ...] | int
) -> None:
    """Tokens a second for one and many, time to the first word, and what pictures and schemas add.

    The engine is the one that LLMOS_ENGINE, LLMOS_DEVICE and the like choose. Beside transformers' own generate, where
    it is that engine that runs the model from a folder.
    """
    from llmos.bench import run

    emit(run.engine(model, shape or "", out, sizes), as_json, show_bench.engine)
