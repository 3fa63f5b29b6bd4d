"""What all commands share: how they print, and how they reach the kernel."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps

import click

from llmos import paths
from llmos.contracts import Json
from llmos.errors import UsageError

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def emit(value: Json, as_json: bool, render: Callable[[Json], None]) -> None:
    """Print a result for a program or for a person."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
    else:
        render(value)


def as_they_come(results: Iterable[Json], as_json: bool, render: Callable[[Json], None]) -> list[Json]:
    """All of them; a person sees each at once, a program all at the end."""
    seen = []
    for result in results:
        seen.append(result)
        if not as_json:
            render(result)
            sys.stdout.flush()
    return seen


ENGINE_OPTIONS = {
    "engine": ("LLMOS_ENGINE", click.Choice(["auto", "llamacpp", "transformers"]), "What runs the model."),
    "model": ("LLMOS_MODEL", str, "A model of the catalog, a .gguf file, a checkpoint's folder, or a hub id."),
    "device": ("LLMOS_DEVICE", str, "Where transformers computes: auto, cpu, cuda, cuda:1."),
    "dtype": ("LLMOS_DTYPE", str, "In which precision: auto, float32, bfloat16, float16."),
}


def with_engine(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command options that say on which engine the kernel it starts thinks."""

    @wraps(command)
    def run(*arguments: object, **options: object) -> None:
        chosen = {ENGINE_OPTIONS[name][0]: options.pop(name) for name in ENGINE_OPTIONS}
        named = {variable: str(value) for variable, value in chosen.items() if value}
        if any(os.environ.get(variable) != value for variable, value in named.items()):
            _refuse_beside_a_running_kernel()
        os.environ.update(named)
        command(*arguments, **options)

    for name, (variable, kind, told) in reversed(ENGINE_OPTIONS.items()):
        run = click.option(f"--{name}", type=kind, help=f"{told} [{variable}]")(run)
    return run


def _refuse_beside_a_running_kernel() -> None:
    from llmos.http.client import running

    if running(paths.home()):
        raise UsageError("The kernel runs already, on the engine it was started with; `llmos down`, then say it again.")


def with_kernel(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command the kernel of this state folder as `kernel`, started if need be."""

    @wraps(command)
    def run(*arguments: object, **options: object) -> None:
        from llmos.http.client import connect

        command(connect(paths.home()), *arguments, **options)

    return run
