"""The append-only record of every event. An event is on disk before its effect happens.

Each event carries a hash of what it says and of the event before it, so that none can be changed, taken out or put in
without `llmos verify` noticing.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager

import sqlite_utils
from sqlite_utils import Migrations

from llmos.contracts import Event, Json
from llmos.kernel.messages import Messages
from llmos.kernel.under_way import UnderWay
from llmos.state.database import Database

MAX_QUEUED = 1000
EVENTS_AT_ONCE = 500
LOOK_BACK = 20_000  # events; what is looked for by kind lies in no index

migrations = Migrations("journal")


@migrations()
def create_events(db: sqlite_utils.Database) -> None:
    db.execute(
        "CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL,"
        " at REAL NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX events_by_pid ON events (pid, seq)")


@migrations()
def chain_events(db: sqlite_utils.Database) -> None:
    db.execute("ALTER TABLE events ADD COLUMN hash TEXT NOT NULL DEFAULT ''")
    head = ""
    for row in db.execute("SELECT seq, pid, at, kind, data FROM events ORDER BY seq").fetchall():
        head = chained(head, *row)
        db.execute("UPDATE events SET hash = ? WHERE seq = ?", [head, row[0]])


def chained(before: str, seq: int, pid: int, at: float, kind: str, data: str) -> str:
    """The hash of an event: of its fields as they are stored, and of the hash of the event before it."""
    return hashlib.sha256("\n".join([before, str(seq), str(pid), repr(at), kind, data]).encode()).hexdigest()


def stored_json(value: Json) -> str:
    """JSON as it is stored; halves of characters, which JSON can spell and UTF-8 cannot, become question marks."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()


def read_event(row: tuple[int, int, float, str, str]) -> Event:
    """An event from its row: seq, pid, at, kind, data."""
    seq, pid, at, kind, data = row
    return Event(seq, pid, at, kind, json.loads(data))


def newest_seq(db: sqlite_utils.Database) -> int:
    """The greatest `seq` ever given, also when its event is gone."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return int(row[0]) if row else 0


def is_event(row: tuple[object, ...]) -> bool:
    """Whether a row, as `read_event` takes it, holds an event that can be understood."""
    try:
        return isinstance(json.loads(str(row[4])), dict)
    except ValueError:
        return False


class Journal:
    """Events of all processes of one state folder, in one order.

    `append` returns once the event is durable; inside `db.atomic()` it becomes durable with the transaction.
    """

    def __init__(
        self,
        db: Database,
        observe: Callable[[Event], None] = lambda event: None,
        project: Callable[[Event], None] = lambda event: None,
    ) -> None:
        """`project` is called with each event in its transaction, to keep what is derived from events beside them;
        `observe` once it is durable, before any subscriber sees it."""
        migrations.apply(db)
        self._db = db
        self._observe = observe
        self._project = project
        self.messages = Messages(db)
        self._subscribers: set[_Subscriber] = set()
        self._under_way = UnderWay()
        self._unannounced: list[Event] = []

    def append(self, pid: int, kind: str, data: dict[str, Json]) -> Event:
        at, stored = time.time(), stored_json(data)
        with self._db.atomic():
            last, before = self._db.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone() or (
                0,
                "",
            )
            event = Event(last + 1, pid, at, kind, json.loads(stored))
            head = chained(before, event.seq, pid, at, kind, stored)
            self._db.execute(
                "INSERT INTO events (seq, pid, at, kind, data, hash) VALUES (?, ?, ?, ?, ?, ?)",
                [event.seq, pid, at, kind, stored, head],
            )
            self._project(event)
        if self._db.conn.in_transaction:
            self._unannounced.append(event)
        else:
            self._announce(event)
        return event

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several appends and commits that become durable together, announced only when they have."""
        if self._db.conn.in_transaction:  # inside another: it is the outer one that makes all durable
            yield
            return
        try:
            with self._db.atomic():
                yield
        except BaseException:
            self._unannounced.clear()
            raise
        announced, self._unannounced = self._unannounced, []
        for event in announced:
            self._announce(event)

    def events(self, pid: int | None = None, after: int = 0, limit: int = -1) -> list[Event]:
        """Events with `seq > after`, oldest first."""
        where = "seq > ?" if pid is None else "seq > ? AND pid = ?"
        return self._select(f"{where} ORDER BY seq LIMIT ?", [after, *([] if pid is None else [pid]), limit])

    def last(self, pid: int, kinds: Sequence[str]) -> Event | None:
        """The newest event of a process that is of one of the kinds."""
        marks = ", ".join("?" for _ in kinds)
        found = self._select(f"pid = ? AND kind IN ({marks}) ORDER BY seq DESC LIMIT 1", [pid, *kinds])
        return found[0] if found else None

    def recent(self, pid: int, kind: str, limit: int) -> list[Event]:
        """The newest events of one kind of a process, newest first; -1 is no limit."""
        return self._select("pid = ? AND kind = ? ORDER BY seq DESC LIMIT ?", [pid, kind, limit])

    def latest(self, kinds: Sequence[str], limit: int, within: int = LOOK_BACK) -> list[Event]:
        """The newest events of some kinds among the last `within` of all processes, oldest first."""
        marks = ", ".join("?" for _ in kinds)
        where = f"seq > ? AND kind IN ({marks}) ORDER BY seq DESC LIMIT ?"
        return self._select(where, [self.newest() - within, *kinds, limit])[::-1]

    def newest(self) -> int:
        """The `seq` of the newest event; 0 when there is none."""
        return int(self._db.execute("SELECT COALESCE(MAX(seq), 0) FROM events").fetchone()[0])

    def next_pid(self) -> int:
        row = self._db.execute("SELECT COALESCE(MAX(pid), 0) + 1 FROM events").fetchone()
        return int(row[0])

    def publish(self, event: Event) -> None:
        """Show an event to subscribers. Ephemeral events (streamed text) have `seq` 0 and are only shown."""
        self._under_way.see(event)
        for subscriber in self._subscribers:
            subscriber.offer(event)

    def _select(self, where: str, values: list[Json]) -> list[Event]:
        with self._db.explained():
            rows = self._db.execute(f"SELECT seq, pid, at, kind, data FROM events WHERE {where}", values).fetchall()
        return [read_event(row) for row in rows]

    def _announce(self, event: Event) -> None:
        self._observe(event)
        self.publish(event)

    async def follow(self, pid: int | None = None, after: int = 0) -> AsyncIterator[Event]:
        """Every event with `seq > after`: first the recorded ones, then each as it happens, none twice.

        One who begins in the middle of an engine's answer, or reads slower than events happen, is told the whole text
        so far by an `engine.partial` event. No recorded event is missed.
        """
        subscriber = _Subscriber()
        self._subscribers.add(subscriber)
        try:
            while True:
                for told in self._under_way.partial(pid):
                    subscriber.offer(told)
                while recorded := self.events(pid, after, EVENTS_AT_ONCE):
                    for event in recorded:
                        after = event.seq
                        yield event
                while not subscriber.fell_behind():
                    event = await subscriber.queue.get()
                    if (pid is None or event.pid == pid) and (event.seq == 0 or event.seq > after):
                        after = max(after, event.seq)
                        yield event
        finally:
            self._subscribers.discard(subscriber)


class _Subscriber:
    """A bounded queue. What did not fit is read from the journal again, so nothing is put behind it meanwhile."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Event] = asyncio.Queue(MAX_QUEUED)
        self._overflowed = False

    def offer(self, event: Event) -> None:
        if self.queue.full():
            self._overflowed = True
        if not self._overflowed:
            self.queue.put_nowait(event)

    def fell_behind(self) -> bool:
        """True once, when the queue has run empty after an overflow."""
        if not (self._overflowed and self.queue.empty()):
            return False
        self._overflowed = False
        return True
