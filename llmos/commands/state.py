"""Commands about one app's state: show, log, at, diff, undo, export, import, branch."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmos import show
from llmos.commands.common import as_json, emit, with_kernel
from llmos.contracts import Json
from llmos.errors import UsageError

if TYPE_CHECKING:
    from llmos.http.client import KernelClient

one_collection = click.option("--collection", metavar="NAME", help="One collection instead of the whole state.")


@click.group()
def state() -> None:
    """Look into an app's state, its history, and take changes back."""


@state.command(name="show")
@click.argument("app")
@click.argument("pointer", required=False, default="")
@as_json
@with_kernel
def show_state(kernel: "KernelClient", app: str, pointer: str, as_json: bool) -> None:
    """Show the state of APP, or the part that POINTER names (such as /entries/3)."""
    emit(kernel.get(f"/state/{app}", pointer=pointer), as_json, show.value)


@state.command(name="log")
@click.argument("app")
@click.option("--limit", default=50, show_default=True)
@as_json
@with_kernel
def state_log(kernel: "KernelClient", app: str, limit: int, as_json: bool) -> None:
    """List the commits of APP, newest first."""
    emit(kernel.get(f"/state/{app}/log", limit=limit), as_json, show.commits)


@state.command()
@click.argument("app")
@click.argument("version", type=int)
@as_json
@with_kernel
def at(kernel: "KernelClient", app: str, version: int, as_json: bool) -> None:
    """Show the whole state of APP as it was at VERSION."""
    emit(kernel.get(f"/state/{app}", at=version), as_json, show.value)


@state.command()
@click.argument("app")
@click.argument("version", type=int)
@as_json
@with_kernel
def undo(kernel: "KernelClient", app: str, version: int, as_json: bool) -> None:
    """Take back the commit that made VERSION, by a new commit."""
    emit(
        kernel.post(f"/state/{app}/undo", {"version": version}),
        as_json,
        lambda commit: show.commits([commit]),
    )


@state.command(name="diff")
@click.argument("app")
@click.argument("old", type=int)
@click.argument("new", type=int)
@as_json
@with_kernel
def diff_state(kernel: "KernelClient", app: str, old: int, new: int, as_json: bool) -> None:
    """Show what changed in the state of APP from version OLD to version NEW."""
    emit(kernel.get(f"/state/{app}/diff", old=old, new=new), as_json, show.patch)


@state.command(name="export")
@click.argument("app")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", type=click.Choice(["json", "csv"]), help="What FILE's name says, else json.")
@one_collection
@as_json
@with_kernel
def export_state(
    kernel: "KernelClient", app: str, file: Path | None, format: str | None, collection: str | None, as_json: bool
) -> None:
    """Write the state of APP to FILE, or print it. CSV is for one collection.

    Texts that a spreadsheet would run as a formula get an apostrophe in front; the import takes it away again.
    """
    written = kernel.get(f"/state/{app}/export", format=format or _format(file), collection=collection)
    if file is None:
        emit(written, as_json, lambda value: click.echo(value["text"], nl=False))
        return
    try:
        file.write_text(written["text"], "utf-8", newline="")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error
    told: Json = {"file": str(file), "version": written["version"]}
    emit(told, as_json, lambda value: click.echo(f"version {value['version']} of {app} is in {file}"))


@state.command(name="import")
@click.argument("app")
@click.argument("file", type=click.Path(path_type=Path))
@one_collection
@click.option("--replace", is_flag=True, help="What the file does not hold is removed.")
@as_json
@with_kernel
def import_state(
    kernel: "KernelClient", app: str, file: Path, collection: str | None, replace: bool, as_json: bool
) -> None:
    """Put what FILE (.json or .csv) holds into the state of APP, as one commit or not at all."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text; save it as such.") from error
    asked = {"text": text, "format": _format(file), "collection": collection, "replace": replace}
    emit(kernel.post(f"/state/{app}/import", asked), as_json, show.imported)


@state.command()
@click.argument("app")
@click.argument("name")
@click.option("--at", type=int, help="As the state was at this version; as it is when none is named.")
@as_json
@with_kernel
def branch(kernel: "KernelClient", app: str, name: str, at: int | None, as_json: bool) -> None:
    """Make a copy of APP with its state, called NAME, to try things in."""
    emit(kernel.post(f"/state/{app}/branch", {"name": name, "at": at}), as_json, show.branched)


COMMANDS = (state,)


def _format(file: Path | None) -> str:
    return "csv" if file is not None and file.suffix.lower() == ".csv" else "json"
