"""Is everything as it was written? Reads a state folder's database and blobs, changes nothing, names what is wrong.

Covers: pages of the file that SQLite cannot read; events that were changed, taken out or put in (the chain of hashes);
messages that are not what their hash says, or that an event refers to and are gone; blobs that are missing or changed;
a process table that tells something else than the events; state commits that are missing in a row of versions.
Does not cover: someone who can write the file and makes all hashes anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from llmos.contracts import Event, Json
from llmos.errors import KernelError, StateError
from llmos.kernel.blobs import ABOUT_STATE, Blobs, references
from llmos.kernel.journal import chained, is_event, newest_seq, read_event
from llmos.kernel.messages import message_hash
from llmos.kernel.process import fold
from llmos.kernel.process_table import ProcessTable
from llmos.kernel.scan import UNREADABLE, Row, Scan, scan
from llmos.state.database import Database, open_database

MAX_NAMED = 20


@dataclass
class Report:
    """What was looked at, and each thing that is wrong as one sentence. `damaged_pids` lost events."""

    events: int = 0
    messages: int = 0
    blobs: int = 0
    processes: int = 0
    problems: list[str] = field(default_factory=list)
    damaged_pids: list[int] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.problems


def verify(home: Path) -> Report:
    """Look at everything. Raises KernelError when there is nothing to look at."""
    path = home / "llmos.db"
    if not path.exists():
        raise KernelError(f"There is nothing to verify in {home}; run an app first.")
    report = Report()
    try:
        db = open_database(path)
        _look(db, Blobs(home / "blobs"), report)
        db.close()
    except UNREADABLE as error:
        report.problems.append(f"{path} cannot be read: {error}")
    return report


def _look(db: Database, blobs: Blobs, report: Report) -> None:
    report.problems += [f"The file is damaged: {line}" for line in _integrity(db)]
    events = scan(db, "events", "seq", "seq, pid, at, kind, data, hash", is_event)
    report.events = len(events.rows)
    _lost(db, events, report)
    _chain(events, newest_seq(db), report)
    told = [read_event(row[:5]) for row in events.rows]
    _messages(db, told, report)
    _blobs(db, told, blobs, report)
    if not events.lost:
        _processes(db, told, report)
    _commits(db, report)


def _integrity(db: Database) -> Iterator[str]:
    try:
        for (line,) in db.execute(f"PRAGMA integrity_check({MAX_NAMED})").fetchall():
            if line != "ok":
                yield from str(line).splitlines()
    except UNREADABLE as error:
        yield str(error)


def _lost(db: Database, events: Scan, report: Report) -> None:
    if not events.lost:
        return
    ranges = ", ".join(f"{low} to {high}" if low != high else str(low) for low, high in events.lost)
    report.problems.append(f"Events {ranges} cannot be read.")
    report.damaged_pids = pids_of(db, events)
    names = ", ".join(map(str, report.damaged_pids)) or "not known, as their index is damaged too"
    report.problems.append(f"They belong to these processes: {names}.")


def pids_of(db: Database, events: Scan) -> list[int]:
    """Whose events are lost, as far as the index over processes can still tell."""
    pids: set[int] = set()
    for low, high in events.lost:
        try:
            rows = db.execute(
                "SELECT DISTINCT pid FROM events INDEXED BY events_by_pid WHERE seq BETWEEN ? AND ?", [low, high]
            ).fetchall()
            pids |= {int(pid) for (pid,) in rows}
        except UNREADABLE:
            return []
    return sorted(pids)


def _chain(events: Scan, newest: int, report: Report) -> None:
    """Where a gap is known the chain begins anew behind it; where it is not, that is a problem."""
    gaps, before, last, wrong = known_gaps(events), "", 0, []
    for seq, pid, at, kind, data, digest in events.rows:
        if seq != last + 1 and (last + 1, seq - 1) not in gaps:
            wrong.append(f"Events {last + 1} to {seq - 1} are gone.")
        elif seq == last + 1 and chained(before, seq, pid, at, kind, data) != digest:
            wrong.append(f"Event {seq} of process {pid} is not what was written.")
        before, last = digest, seq
    if last < newest and (last + 1, newest) not in gaps:
        wrong.append(f"Events {last + 1} to {newest} are gone.")
    report.problems += _some(wrong)


def known_gaps(events: Scan) -> set[tuple[int, int]]:
    """Ranges of events that cannot be read now, or that a salvage has written down as lost."""
    gaps = set(events.lost)
    for row in events.rows:
        if row[3] == "journal.salvaged":
            gaps |= {(low, high) for low, high in read_event(row[:5]).data["lost"]}
    return gaps


def _messages(db: Database, told: list[Event], report: Report) -> None:
    try:
        rows: list[Row] = db.execute("SELECT hash, parent, content FROM messages").fetchall()
    except UNREADABLE:
        report.problems.append("Some of the messages that the engine was shown cannot be read.")
        return
    report.messages, known = len(rows), {row[0] for row in rows}
    wrong = []
    for digest, parent, content in rows:
        if message_hash(parent, content) != digest:
            wrong.append(f"Message {digest[:12]} is not what was written.")
        if parent and parent not in known:
            wrong.append(f"Message {digest[:12]} has lost the one before it.")
    contexts = [event for event in told if event.data.get("context") and event.data["context"] not in known]
    report.problems += _some([*wrong, *(f"The context of event {event.seq} is gone." for event in contexts)])


def _blobs(db: Database, told: list[Event], blobs: Blobs, report: Report) -> None:
    events = [event for event in told if event.kind not in ABOUT_STATE]
    wanted = _files(db) | {
        digest: f"Event {event.seq} of process {event.pid}" for event in events for digest in references(event.data)
    }
    report.blobs = len(wanted)
    wrong = []
    for digest, place in wanted.items():
        try:
            blobs.get(digest)
        except StateError as error:
            wrong.append(f"{place}: {error}")
    report.problems += _some(wrong)


def _files(db: Database) -> dict[str, str]:
    """The files that documents refer to, and which document does."""
    if "state_files" not in db.table_names():
        return {}
    try:
        rows: list[Row] = db.execute("SELECT app, sha256, name, key FROM state_files").fetchall()
    except UNREADABLE:
        return {}  # what is damaged was told of already
    return {digest: f"/{name}/{key} of {app}" for app, digest, name, key in rows}


def _processes(db: Database, told: list[Event], report: Report) -> None:
    table = ProcessTable(db)
    by_events = fold(told)
    report.processes = len(by_events)
    if not table.is_current():
        return  # it is made anew at the next boot
    by_table = {process.pid: process for process in [*table.living(), *table.ended()]}
    wrong = [pid for pid in by_events.keys() | by_table.keys() if by_events.get(pid) != by_table.get(pid)]
    report.problems += _some([f"Process {pid} is listed otherwise than its events tell." for pid in sorted(wrong)])


def _commits(db: Database, report: Report) -> None:
    if "state_commits" not in db.table_names():
        return
    rows: list[Row] = db.execute(
        "SELECT app, COUNT(*), MIN(version), MAX(version) FROM state_commits GROUP BY app"
    ).fetchall()
    wrong = [
        f"Commits of {app} are missing between versions {low} and {high}."
        for app, count, low, high in rows
        if count != high - low + 1
    ]
    report.problems += wrong


def _some(problems: list[Json]) -> list[str]:
    more = len(problems) - MAX_NAMED
    return [*problems[:MAX_NAMED], *([f"... and {more} more like it."] if more > 0 else [])]
