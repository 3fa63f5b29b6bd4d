"""Commands for backends: backend infer."""

from pathlib import Path

import click

from llmos import paths, show
from llmos.commands.apps import next_steps, within_folder
from llmos.commands.common import as_json, emit


@click.group()
def backend() -> None:
    """Make backends from what calls them."""


@backend.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--name", help="What the app is called; as SOURCE when nothing is named.")
@within_folder
@as_json
def infer(source: Path, name: str | None, within: Path | None, as_json: bool) -> None:
    """Propose a backend for SOURCE: a front end's folder, or an OpenAPI 3 file.

    The calls, forms and schemas found there become an app: rules, a state schema, examples. What cannot be expressed is
    told. Nothing of SOURCE is executed, and nothing in it is changed.
    """
    from llmos.backend.infer.propose import propose
    from llmos.backend.starting import free_place, write_app

    proposal = propose(source, name)
    app = write_app(free_place(proposal.name, within or paths.home() / "apps"), proposal.files)
    told = {"app": app.name, "kind": "backend", "folder": str(app.folder), "files": list(proposal.files)}
    told |= {"routes": list(proposal.routes), "report": list(proposal.report)}
    emit({**told, "next": next_steps(app.name, "backend", app.folder)}, as_json, show.inferred)


COMMANDS = (backend,)
