"""`llmos bench documents`: receipts, through the image driver and the model."""

from pathlib import Path

import click

from llmos import show_bench
from llmos.commands.common import as_json, emit


@click.command(name="documents")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), help="Read only so many of the receipts, the first ones.")
@click.option("--model", help="A model of the catalog; the system's own when none is named.")
@click.option(
    "--out", type=click.Path(path_type=Path), default="documents.json", show_default=True, help="Every answer."
)
@as_json
def bench_documents(folder: Path, limit: int | None, model: str | None, out: Path, as_json: bool) -> None:
    """Exact dates and totals of the receipts in FOLDER: pictures, each with a .json of date and total beside it."""
    from llmos.bench import run

    emit(run.documents(folder, out, limit, model), as_json, show_bench.documents)
