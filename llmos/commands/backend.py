"""Commands about an app as an HTTP backend."""

import json
from typing import TYPE_CHECKING

import click

from llmos import paths, show
from llmos.commands.common import as_json, emit, with_kernel
from llmos.contracts import Json
from llmos.errors import UsageError

if TYPE_CHECKING:
    from llmos.http.client import KernelClient


@click.group()
def backend() -> None:
    """Look at an app as an HTTP backend."""


@backend.command()
@click.argument("app")
@as_json
def openapi(app: str, as_json: bool) -> None:
    """Print the OpenAPI 3.1 document of APP, which its site serves at /openapi.json."""
    emit(_described(app), as_json, lambda value: click.echo(json.dumps(value, ensure_ascii=False, indent=2)))


@backend.command()
@click.argument("app")
@as_json
def client(app: str, as_json: bool) -> None:
    """Print a TypeScript client of APP: one file without dependencies, one function a route."""
    from llmos.backend.typescript import typescript

    source = typescript(app, _described(app))
    emit({"app": app, "source": source}, as_json, lambda value: click.echo(value["source"], nl=False))


@backend.command()
@click.argument("app")
@click.option("--add", metavar="NAME", help="Make a user and print the token, which is told this once.")
@click.option("--remove", metavar="NAME", help="From now on the user's token opens nothing; the documents stay.")
@as_json
@with_kernel
def users(kernel: "KernelClient", app: str, add: str | None, remove: str | None, as_json: bool) -> None:
    """List the users of APP, or add or remove one."""
    if add is not None and remove is not None:
        raise UsageError("Say --add or --remove, one at a time.")
    if add is not None:
        emit(kernel.post(f"/users/{app}", {"name": add}), as_json, show.user_added)
    elif remove is not None:
        emit(kernel.delete(f"/users/{app}", name=remove), as_json, show.user_removed)
    else:
        emit(kernel.get(f"/users/{app}"), as_json, show.users)


def _described(name: str) -> Json:
    from llmos.backend.openapi import openapi
    from llmos.kernel.app import find_app

    found = find_app(paths.home(), name)
    if found.kind != "backend":
        raise UsageError(f"{name} is not a backend, so it has no routes; run it with `llmos run {name}`.")
    return openapi(found)


COMMANDS = (backend,)
