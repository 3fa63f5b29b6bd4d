"""Every process as its events left it, in a table that is written with each event: boot need not read the journal.

The journal stays the truth. The table is made anew from it when it is not there, or was made by another llmos.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields

import sqlite_utils
from sqlite_utils import Migrations

from llmos.contracts import Event
from llmos.kernel.process import Process, Spent, State, advance, fold, spawned
from llmos.state.database import Database

LAYOUT = ",".join(field.name for field in fields(Process))

migrations = Migrations("processes")


@migrations()
def create_processes(db: sqlite_utils.Database) -> None:
    db.execute("CREATE TABLE processes (pid INTEGER PRIMARY KEY, is_final INTEGER NOT NULL, body TEXT NOT NULL)")
    db.execute("CREATE INDEX processes_living ON processes (pid) WHERE is_final = 0")
    db.execute("CREATE TABLE processes_layout (layout TEXT NOT NULL)")


class ProcessTable:
    """All processes of a state folder by pid."""

    def __init__(self, db: Database) -> None:
        migrations.apply(db)
        self._db = db

    def project(self, event: Event) -> None:
        """Follow one event, inside its transaction."""
        if event.kind == "process.spawned":
            self._put(spawned(event))
        elif (process := self.get(event.pid)) is not None and (after := advance(process, event)) != process:
            self._put(after)

    def get(self, pid: int) -> Process | None:
        found = self._select("pid = ?", pid)
        return found[0] if found else None

    def living(self) -> list[Process]:
        return self._select("is_final = 0 ORDER BY pid")

    def ended(self, last: int = -1) -> list[Process]:
        """Those that ended, oldest first: all, or the `last` ones."""
        return self._select("is_final = 1 ORDER BY pid DESC LIMIT ?", last)[::-1]

    def is_current(self) -> bool:
        """Whether this llmos, or one with the same idea of a process, wrote the table from the first event on."""
        row = self._db.execute("SELECT layout FROM processes_layout").fetchone()
        return row is not None and row[0] == LAYOUT

    def rebuild(self, events: Iterable[Event]) -> None:
        """Make the table anew from the whole journal."""
        with self._db.atomic():
            self._db.execute("DELETE FROM processes")
            for process in fold(events).values():
                self._put(process)
            self._db.execute("DELETE FROM processes_layout")
            self._db.execute("INSERT INTO processes_layout VALUES (?)", [LAYOUT])

    def _select(self, where: str, *values: int) -> list[Process]:
        with self._db.explained():
            rows = self._db.execute(f"SELECT body FROM processes WHERE {where}", values).fetchall()
        return [_process(body) for (body,) in rows]

    def _put(self, process: Process) -> None:
        row = [process.pid, process.state.final, json.dumps(asdict(process), ensure_ascii=False)]
        self._db.execute("INSERT OR REPLACE INTO processes VALUES (?, ?, ?)", row)


def _process(body: str) -> Process:
    told = json.loads(body)
    return Process(**told | {"state": State(told["state"]), "answer": Spent(**told["answer"])})
