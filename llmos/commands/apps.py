"""Commands for an app's author: app new, list, test."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmos import paths, show
from llmos.commands.common import as_json, as_they_come, emit, with_kernel
from llmos.commands.processes import app
from llmos.contracts import Json
from llmos.errors import AppError

if TYPE_CHECKING:
    from llmos.http.client import KernelClient

within_folder = click.option(
    "--in",
    "within",
    type=click.Path(path_type=Path),
    help="The folder it is put into; apps/ of the state folder when none is named.",
)


@app.command()
@click.argument("name")
@click.option("--backend", "kind", flag_value="backend", default="backend", help="It answers HTTP requests (default).")
@click.option("--chat", "kind", flag_value="chat", help="It answers with text.")
@within_folder
@as_json
def new(name: str, kind: str, within: Path | None, as_json: bool) -> None:
    """Start an app called NAME: a folder of short files that works at once, for you to edit."""
    from llmos.backend.starting import free_place, starter, write_app

    files = starter(kind, name)
    started = write_app(free_place(name, within or paths.home() / "apps"), files)
    told = {"app": name, "kind": kind, "folder": str(started.folder), "files": list(files)}
    emit({**told, "next": next_steps(name, kind, started.folder)}, as_json, show.started)


@app.command(name="list")
@as_json
def list_apps(as_json: bool) -> None:
    """List the apps that are installed and those that ship with llmos."""
    from llmos.kernel.app import app_folders

    emit([_row(folder) for folder in app_folders(paths.home())], as_json, show.apps)


@app.command(name="test")
@click.argument("name")
@click.option("--only", metavar="EXAMPLE", help="Ask only the example of this name.")
@as_json
@with_kernel
def test_app(kernel: "KernelClient", name: str, only: str | None, as_json: bool) -> None:
    """Ask the examples of the app called NAME, or in the folder ./NAME; exit 1 when an answer differs.

    A backend's are asked of a state of their own, which is gone afterwards; each of a chat app's is a process, which
    is refused whatever it would ask a person.
    """
    results = as_they_come(
        kernel.results(str(Path(name).absolute()) if "/" in name else name, only), as_json, show.example
    )
    passed = sum(result["passed"] for result in results)
    summary = {"app": name, "passed": passed, "failed": len(results) - passed, "examples": results}
    emit(summary, as_json, show.examples)
    if passed < len(results):
        sys.exit(1)


def next_steps(name: str, kind: str, folder: Path) -> list[str]:
    """The commands that go on from a new app."""
    apps = paths.home() / "apps"
    test, start = f"llmos app test {name}", f"llmos run {name}" if kind == "chat" else f"llmos serve {name}"
    if folder.resolve().parent == apps.resolve():
        return [test, start]
    place, known = shlex.quote(str(folder.absolute())), shlex.quote(str(apps))
    link = f"mkdir -p {known} && ln -s {place} {known}"
    return [link, test, start] if kind == "chat" else [f"llmos app test {place}", link, start]


def _row(folder: Path) -> Json:
    """An app that cannot be loaded is listed with the reason."""
    from llmos.kernel.app import load_app

    told: Json = {"name": folder.name, "shipped": folder.is_relative_to(paths.bundle_root() / "apps")}
    told |= {"folder": str(folder), "kind": "", "version": "", "title": "", "summary": "", "error": ""}
    try:
        loaded = load_app(folder)
    except AppError as error:
        return told | {"error": str(error)}
    return told | {field: getattr(loaded, field) for field in ("kind", "version", "title", "summary")}


COMMANDS: tuple[click.Command, ...] = ()  # its commands are in the group `app`
