"""Commands about processes: run, ps, log, send, kill, approve, app permissions."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llmos import show
from llmos.commands.common import as_json, emit, with_kernel
from llmos.commands.deciding import decide, yes_or_no
from llmos.errors import UsageError

if TYPE_CHECKING:
    from llmos.http.client import KernelClient

attachments = click.option(
    "-a",
    "--attach",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A picture to see, or a recording to hear.",
)


@click.command()
@click.argument("app")
@click.argument("text", required=False, default="")
@attachments
@click.option("--background", is_flag=True, help="Let everything else go first, and do not wait for the answer.")
@yes_or_no
@as_json
@with_kernel
def run(
    kernel: "KernelClient",
    app: str,
    text: str,
    files: tuple[Path, ...],
    background: bool,
    policy: bool | None,
    as_json: bool,
) -> None:
    """Run APP once on TEXT (or what is piped in) and stream its answer.

    What it asks, who sits at the terminal answers. Without a terminal the command fails and says how to answer.
    """
    from llmos.http.follow import follow

    if not text and not sys.stdin.isatty():
        text = sys.stdin.read()
    process = kernel.spawn(app, text, files, priority="background" if background else "interactive")
    if background:
        emit(process, as_json, lambda row: click.echo(f"process {row['pid']}; `llmos log {row['pid']}` shows it"))
        return
    follow(kernel, process["pid"], as_json, decide=lambda event: decide(event, policy))


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also those that ended long ago.")
@as_json
@with_kernel
def ps(kernel: "KernelClient", everything: bool, as_json: bool) -> None:
    """List processes: the living and the last 20 that ended."""
    emit(kernel.get("/processes", last=None if everything else 20), as_json, show.processes)


@click.command()
@click.argument("pid", type=int, required=False)
@click.option("--search", "query", help="Find what was said, in any process, by words or by meaning.")
@click.option("--app", "app_name", help="Search only in processes of this app.")
@as_json
@with_kernel
def log(kernel: "KernelClient", pid: int | None, query: str | None, app_name: str | None, as_json: bool) -> None:
    """Show the journal of process PID, or search in all of them."""
    from llmos.http.narrate import narrate

    if query is not None:
        emit(kernel.get("/memory", query=query, app=app_name), as_json, show.found)
        return
    if pid is None:
        raise UsageError("Say which process, as `llmos ps` lists them, or what to --search for.")
    emit(kernel.get(f"/processes/{pid}/log"), as_json, lambda events: click.echo("\n".join(map(narrate, events))))


@click.command()
@click.argument("pid", type=int)
@click.argument("text")
@attachments
@as_json
@with_kernel
def send(kernel: "KernelClient", pid: int, text: str, files: tuple[Path, ...], as_json: bool) -> None:
    """Say TEXT to process PID, which reads it with its next step."""
    from llmos.http.client import read_attachment

    body = {"text": text, "attachments": [read_attachment(path) for path in files]}
    emit(kernel.post(f"/processes/{pid}/messages", body), as_json, lambda row: click.echo(f"{pid} is {row['state']}"))


@click.command()
@click.argument("pid", type=int)
@as_json
@with_kernel
def kill(kernel: "KernelClient", pid: int, as_json: bool) -> None:
    """End process PID and its children now."""
    emit(kernel.delete(f"/processes/{pid}"), as_json, lambda process: click.echo(f"{pid} is {process['state']}"))


@click.command()
@click.argument("question", type=int, required=False)
@click.argument("choice", required=False, default="once")
@as_json
@with_kernel
def approve(kernel: "KernelClient", question: int | None, choice: str, as_json: bool) -> None:
    """List what processes ask a person, or answer QUESTION with CHOICE.

    A call that wants consent takes once (the default), process, always or no; a call that was interrupted by the end of
    a kernel takes repeat, happened or stop.
    """
    if question is None:
        emit(kernel.get("/questions"), as_json, show.questions)
        return
    answered = kernel.post(f"/questions/{question}", {"choice": choice})
    emit(answered, as_json, lambda event: click.echo(f"process {event['pid']} was told {choice}"))


@click.group()
def app() -> None:
    """Start, list and test apps, and see what they may do."""


@app.command()
@click.argument("name")
@click.option("--revoke", help="Take back what was allowed for always.")
@as_json
@with_kernel
def permissions(kernel: "KernelClient", name: str, revoke: str | None, as_json: bool) -> None:
    """Show what the app called NAME may do."""
    if revoke is not None:
        kernel.delete(f"/permissions/{name}", grant=revoke)
    emit(kernel.get(f"/permissions/{name}"), as_json, show.permissions)


COMMANDS = (run, ps, log, send, kill, approve, app)
