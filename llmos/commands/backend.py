"""Commands about an app as an HTTP backend."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmos import paths, show
from llmos.commands.apps import next_steps, within_folder
from llmos.commands.common import as_json, as_they_come, emit, with_engine, with_kernel
from llmos.contracts import Json
from llmos.errors import UsageError

if TYPE_CHECKING:
    from llmos.http.client import KernelClient


@click.group()
def backend() -> None:
    """Make, compile and look at apps as HTTP backends."""


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


@backend.command(name="routes")
@click.argument("app")
@click.option("--source", is_flag=True, help="Also print the handlers and what candidates disagreed about.")
@as_json
@with_kernel
def list_routes(kernel: "KernelClient", app: str, source: bool, as_json: bool) -> None:
    """Show the routes of APP: which are compiled, what speaks for each handler, and how often it answered."""
    emit(kernel.get(f"/backend/{app}/routes"), as_json, lambda rows: show.routes(rows, source=source))


@backend.command(name="compile")
@click.argument("app")
@click.argument("routes", nargs=-1)
@with_engine
@as_json
@with_kernel
def compile_routes(kernel: "KernelClient", app: str, routes: tuple[str, ...], as_json: bool) -> None:
    """Let the model write handlers for ROUTES of APP ("GET /todos"), or for all that have none.

    A handler is used only when it passes the route's examples, agrees with what the model answered before, and
    candidates that were written independently agree on made-up requests. Exit 1 when a route could not be compiled.
    """
    known = kernel.get(f"/backend/{app}/routes")
    wanted = routes or [row["route"] for row in known if not row["running"]]
    entries = []
    for number, route in enumerate(wanted, 1):
        if not as_json:
            click.echo(f"[{number}/{len(wanted)}] {route} ... ", nl=False)
        entries.append(kernel.post(f"/backend/{app}/compile", {"route": route}))
        if not as_json:
            show.compiled(entries[-1])
    emit(entries, as_json, lambda done: None if done else click.echo("every route is compiled"))
    if any(entry["standing"] != "live" for entry in entries):
        sys.exit(1)


@backend.command()
@click.argument("app")
@click.argument("route")
@click.argument("answer", type=int)
@as_json
@with_kernel
def settle(kernel: "KernelClient", app: str, route: str, answer: int, as_json: bool) -> None:
    """Say which of two answers about ROUTE of APP is right: 1 or 2; it becomes an example, and ROUTE is compiled."""
    settled = kernel.post(f"/backend/{app}/settle", {"route": route, "choice": answer})
    emit(settled, as_json, show.settled)


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


@backend.command()
@click.argument("app")
@click.option("--with", "folder", type=click.Path(path_type=Path), help="Another edition of the app; its own if none.")
@click.option("--last", default=300, show_default=True, help="How many of the newest answers.")
@as_json
@with_kernel
def replay(kernel: "KernelClient", app: str, folder: Path | None, last: int, as_json: bool) -> None:
    """Ask the model again what APP was asked before, and show where it answers otherwise; exit 1 when it does.

    Each request meets the state it met then. Nothing is changed. It is for rules that you edited: what would they have
    answered?
    """
    results = as_they_come(kernel.replay(app, str(folder.absolute()) if folder else None, last), as_json, show.example)
    same = sum(result["passed"] for result in results)
    summary = {"app": app, "same": same, "different": len(results) - same, "requests": results}
    emit(summary, as_json, show.replayed)
    if same < len(results):
        sys.exit(1)


def _described(name: str) -> Json:
    from llmos.backend.openapi import openapi
    from llmos.kernel.app import find_app

    found = find_app(paths.home(), name)
    if found.kind != "backend":
        raise UsageError(f"{name} is not a backend, so it has no routes; run it with `llmos run {name}`.")
    return openapi(found)


COMMANDS = (backend,)
