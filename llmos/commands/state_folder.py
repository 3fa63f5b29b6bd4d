"""Commands about the state folder as a whole: verify, gc."""

import dataclasses
import sys

import click

from llmos import paths, show
from llmos.commands.common import as_json, emit
from llmos.contracts import Json


@click.command()
@click.option("--salvage", is_flag=True, help="Keep what can be read of a damaged database, as a new one.")
@as_json
def verify(salvage: bool, as_json: bool) -> None:
    """Check that everything in the state folder is as it was written; exit 1 when something is not."""
    from llmos.kernel.salvage import salvage as make_sound
    from llmos.kernel.verify import verify as look

    home = paths.home()
    if salvage:
        emit(dataclasses.asdict(make_sound(home)), as_json, show.salvaged)
        return
    report = look(home)
    told: Json = {**dataclasses.asdict(report), "sound": report.sound}
    emit(told, as_json, show.verified)
    if not report.sound:
        sys.exit(1)


@click.command()
@as_json
def gc(as_json: bool) -> None:
    """Delete attachments and long results that nothing in the journal refers to."""
    from llmos.http.client import connect

    freed = connect(paths.home()).post("/gc")
    emit(freed, as_json, lambda value: click.echo(f"{value['freed_bytes']} bytes came free"))


COMMANDS = (verify, gc)
