"""What all commands share: how they print, and how they reach the kernel."""

import json
from collections.abc import Callable
from functools import wraps

import click

from llmos import paths
from llmos.contracts import Json

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def emit(value: Json, as_json: bool, render: Callable[[Json], None]) -> None:
    """Print a result for a program or for a person."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
    else:
        render(value)


def with_kernel(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command the kernel of this state folder as `kernel`, started if need be."""

    @wraps(command)
    def run(*arguments: object, **options: object) -> None:
        from llmos.http.client import connect

        command(connect(paths.home()), *arguments, **options)

    return run
