"""The command talk: conversation by voice."""

import json
from pathlib import Path

import click

from llmos import paths
from llmos.commands.common import as_json
from llmos.errors import UsageError


@click.command()
@click.argument("app", default="assistant")
@click.option("--in", "files", multiple=True, type=click.Path(path_type=Path), help="Recordings, for a microphone.")
@click.option("--out", type=click.Path(path_type=Path), help="A folder for what is spoken, for a loudspeaker.")
@click.option("--interrupt-after", type=int, help="With --in: speak over each answer after its Nth sentence.")
@as_json
def talk(app: str, files: tuple[Path, ...], out: Path | None, interrupt_after: int | None, as_json: bool) -> None:
    """Talk with APP: speak, and hear its answer while it is still being written.

    Speaking or Enter interrupts it; Ctrl-C ends the talk. Wear headphones, or it hears itself.
    """
    from llmos.http.client import connect
    from llmos.talk.ears import Files, Microphone
    from llmos.talk.mouth import Folder, Loudspeaker
    from llmos.talk.talk import Talk

    if interrupt_after is not None and not files:
        raise UsageError("--interrupt-after is for recordings; name them with --in.")
    mouth = Folder(out) if out else Loudspeaker()
    ears = Files(files, interrupt_after) if files else Microphone()
    Talk(connect(paths.home()), app, ears, mouth, _json if as_json else _print).run()


def _json(who: str, text: str) -> None:
    click.echo(json.dumps({"who": who, "text": text}, ensure_ascii=False))


def _print(who: str, text: str) -> None:
    if who == "nothing":
        click.echo("(nothing was said)", err=True)
    elif who == "interrupted":
        click.echo(f"app: {text} ...")
    else:
        click.echo(f"{who}: {text}")
