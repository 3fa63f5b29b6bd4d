"""Commands about an app as an HTTP backend. They read its folder; no kernel needs to run."""

import json

import click

from llmos import paths
from llmos.commands.common import as_json, emit
from llmos.contracts import Json
from llmos.errors import UsageError


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


def _described(name: str) -> Json:
    from llmos.backend.openapi import openapi
    from llmos.kernel.app import find_app

    found = find_app(paths.home(), name)
    if found.kind != "backend":
        raise UsageError(f"{name} is not a backend, so it has no routes; run it with `llmos run {name}`.")
    return openapi(found)


COMMANDS = (backend,)
