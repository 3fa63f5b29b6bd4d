"""Makes a sound database of what can still be read of a damaged one, which is kept beside it.

Processes that lost events are not continued: they end as failed, with a sentence. What was lost is itself an event, so
that `llmos verify` knows the gap from one that somebody made.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from llmos.errors import KernelBusy, StateError
from llmos.kernel.journal import Journal, is_event
from llmos.kernel.process_table import ProcessTable
from llmos.kernel.scan import UNREADABLE, Row, Scan, scan
from llmos.kernel.verify import pids_of
from llmos.state.database import Database, open_database

FAILED = "Part of this process's journal was damaged and could not be read; run its app again."


@dataclass
class Salvaged:
    """`rows` were kept by table; `lost` are ranges of events; `failed` are the processes that were ended for it."""

    damaged: Path
    rows: dict[str, int] = field(default_factory=dict)
    incomplete: list[str] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


def salvage(home: Path) -> Salvaged:
    """Replace the folder's database. Raises KernelBusy while a kernel runs, StateError when nothing can be read."""
    try:
        with FileLock(home / "kernel.lock", timeout=0):
            return _salvage(home)
    except Timeout as error:
        raise KernelBusy(f"A kernel owns {home}; stop it with `llmos down` first.") from error
    except UNREADABLE as error:
        raise StateError(f"Nothing of {home / 'llmos.db'} can be read ({error}); put a copy in its place.") from error


def _salvage(home: Path) -> Salvaged:
    path, fresh_path = home / "llmos.db", home / "llmos.db.salvaged"
    fresh_path.unlink(missing_ok=True)
    result = Salvaged(home / f"llmos.db.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    old, fresh = open_database(path), open_database(fresh_path)
    events = scan(old, "events", "seq", "seq, pid, at, kind, data, hash", is_event)
    with fresh.atomic():
        for name, sql in _tables(old):
            fresh.execute(sql)
            result.rows[name] = _copy(old, fresh, name, sql, events, result)
        for (sql,) in old.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall():
            fresh.execute(sql)
    result.lost = events.lost
    result.failed = _close_damaged(fresh, pids_of(old, events), result)
    old.close()
    fresh.close()
    os.link(path, result.damaged)  # at every instant there is a database: first the damaged one, then the sound one
    for suffix in ("-wal", "-shm"):
        if (leftover := path.with_name(f"llmos.db{suffix}")).exists():
            leftover.rename(f"{result.damaged}{suffix}")
    fresh_path.replace(path)
    return result


def _tables(db: Database) -> Iterator[tuple[str, str]]:
    """Tables with their SQL; an index over text, which is made anew, and its parts are left out."""
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL").fetchall()
    virtual = [name for name, sql in rows if sql.upper().startswith("CREATE VIRTUAL")]
    for name, sql in rows:
        if not name.startswith(("sqlite_", *virtual)) and name not in virtual:
            yield name, sql


def _copy(old: Database, fresh: Database, name: str, sql: str, events: Scan, result: Salvaged) -> int:
    rows = events.rows if name == "events" else _readable(old, name, sql, result)
    for row in rows:
        marks = ", ".join("?" for _ in row)
        fresh.execute(f'INSERT OR IGNORE INTO "{name}" VALUES ({marks})', row)
    return len(rows)


def _readable(old: Database, name: str, sql: str, result: Salvaged) -> list[Row]:
    try:
        rows: list[Row] = old.execute(f'SELECT * FROM "{name}"').fetchall()
        return rows
    except UNREADABLE:
        result.incomplete.append(name)
    if "WITHOUT ROWID" not in sql.upper():
        return [row[1:] for row in scan(old, f'"{name}"', "rowid", "rowid, *").rows]
    return list(dict.fromkeys([*_until_damage(old, name, "ASC"), *_until_damage(old, name, "DESC")]))


def _until_damage(old: Database, name: str, order: str) -> Iterator[Row]:
    """Rows in the order of their key, from one end up to where the file is damaged."""
    key = old.execute(f'SELECT name FROM pragma_table_info("{name}") WHERE pk = 1').fetchone()[0]
    try:
        cursor = old.execute(f'SELECT * FROM "{name}" ORDER BY "{key}" {order}')
        while (row := cursor.fetchone()) is not None:
            yield row
    except UNREADABLE:
        return


def _close_damaged(fresh: Database, damaged_pids: list[int], result: Salvaged) -> list[int]:
    """Write down what is lost, and end the processes it belonged to; all living ones where that is not known."""
    table = ProcessTable(fresh)
    journal = Journal(fresh, project=table.project)
    table.rebuild(journal.events())
    if not result.lost:
        return []
    living = [process.pid for process in table.living() if not damaged_pids or process.pid in damaged_pids]
    with journal.transaction():
        journal.append(0, "journal.salvaged", {"lost": [list(gap) for gap in result.lost], "pids": damaged_pids})
        for pid in living:
            journal.append(pid, "process.failed", {"error": FAILED})
    return living
