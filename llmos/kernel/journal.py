"""The append-only record of every event. An event is on disk before its effect happens."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlite_utils import Database, Migrations

from llmos.contracts import Event, Json

MAX_QUEUED = 1000

migrations = Migrations("journal")


@migrations()
def create_events(db: Database) -> None:
    db.execute(
        "CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, pid INTEGER NOT NULL,"
        " at REAL NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL)"
    )
    db.execute("CREATE INDEX events_by_pid ON events (pid, seq)")


class Journal:
    """Events of all processes of one state folder, in one order.

    `append` returns once the event is durable; inside `db.atomic()` it becomes durable with the transaction.
    """

    def __init__(self, db: Database, observe: Callable[[Event], None] = lambda event: None) -> None:
        """`observe` is called with each event once it is durable, before any subscriber sees it."""
        migrations.apply(db)
        self._db = db
        self._observe = observe
        self._subscribers: set[_Subscriber] = set()
        self._unannounced: list[Event] = []

    def append(self, pid: int, kind: str, data: dict[str, Json]) -> Event:
        at = time.time()
        with self._db.atomic():
            cursor = self._db.execute(
                "INSERT INTO events (pid, at, kind, data) VALUES (?, ?, ?, ?)",
                [pid, at, kind, json.dumps(data, ensure_ascii=False)],
            )
        event = Event(int(cursor.lastrowid or 0), pid, at, kind, data)
        if self._db.conn.in_transaction:
            self._unannounced.append(event)
        else:
            self._announce(event)
        return event

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Several appends and commits that become durable together, announced only when they have."""
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

    def newest(self) -> int:
        """The `seq` of the newest event; 0 when there is none."""
        return int(self._db.execute("SELECT COALESCE(MAX(seq), 0) FROM events").fetchone()[0])

    def next_pid(self) -> int:
        row = self._db.execute("SELECT COALESCE(MAX(pid), 0) + 1 FROM events").fetchone()
        return int(row[0])

    def publish(self, event: Event) -> None:
        """Show an event to subscribers. Ephemeral events (streamed text) have `seq` 0 and are only shown."""
        for subscriber in self._subscribers:
            subscriber.offer(event)

    def _select(self, where: str, values: list[Json]) -> list[Event]:
        rows = self._db.execute(f"SELECT seq, pid, at, kind, data FROM events WHERE {where}", values).fetchall()
        return [Event(seq, pid, at, kind, json.loads(data)) for seq, pid, at, kind, data in rows]

    def _announce(self, event: Event) -> None:
        self._observe(event)
        self.publish(event)

    async def follow(self, pid: int | None = None, after: int = 0) -> AsyncIterator[Event]:
        """Every event with `seq > after`: first the recorded ones, then each as it happens, none twice.

        One who reads slower than events happen misses streamed text, but no recorded event.
        """
        subscriber = _Subscriber()
        self._subscribers.add(subscriber)
        try:
            while True:
                for event in self.events(pid, after):
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
