"""The one SQLite file of a state folder. A commit and its journal event share a transaction in it."""

import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlite_utils

from llmos.errors import StateError, StorageFull

BUSY_TIMEOUT_S = 10.0

_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk that holds {path} is full; free some space and try again.",
    sqlite3.SQLITE_NOTADB: "{path} is not a database of llmos; move it away or name another state folder.",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged; `llmos verify` says where, `llmos verify --salvage` keeps the rest.",
    sqlite3.SQLITE_READONLY: "{path} cannot be written; check who owns it and its permissions.",
    sqlite3.SQLITE_PERM: "{path} cannot be written; check who owns it and its permissions.",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened; check that its folder exists and can be written.",
    sqlite3.SQLITE_IOERR: "{path} cannot be read or written; check the disk it lies on.",
    sqlite3.SQLITE_BUSY: "{path} is held by another program; stop it and try again.",
    sqlite3.SQLITE_LOCKED: "{path} is held by another program; stop it and try again.",
}


class Database(sqlite_utils.Database):
    """A connection that threads may share: one transaction at a time, the others wait."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._lock = threading.RLock()
        self._path = path
        super().__init__(connection)

    def execute(self, sql: str, parameters: Sequence[Any] | dict[str, Any] | None = None) -> sqlite3.Cursor:
        """Raises StateError with a sentence where the database has only a code."""
        with _explained(self._path):
            return super().execute(sql, parameters)

    @contextmanager
    def explained(self) -> Generator[None, None, None]:
        """For reading rows, which can fail as late as that. Raises StateError."""
        with _explained(self._path):
            yield

    @contextmanager
    def snapshot(self) -> Generator[None, None, None]:
        """For reads that must see one version: inside a transaction that one, at no further cost. Raises StateError."""
        with self._lock:
            if self.conn.in_transaction:
                with _explained(self._path):
                    yield
            else:
                with self.atomic():
                    yield

    @contextmanager
    def atomic(self) -> Generator[sqlite_utils.Database, None, None]:
        """One transaction; a nested one is a savepoint. Never `await` inside. Raises StateError."""
        with self._lock, _explained(self._path), super().atomic():
            yield self


def open_database(path: Path) -> Database:
    """Open or create the file. An acknowledged write survives a killed process and a lost power supply.

    Raises StateError when the file is not a database, is damaged, or cannot be written.
    """
    with _explained(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(f"{path.parent} cannot be made into a folder: {error.strerror}.") from error
        # isolation_level None: the driver opens no transactions of its own, `atomic` opens all of them
        connection = sqlite3.connect(path, BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        database = Database(connection, path)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            database.execute(f"PRAGMA {pragma}")
        return database


@contextmanager
def _explained(path: Path) -> Generator[None, None, None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        primary_code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if primary_code not in _SENTENCES:
            raise
        kind = StorageFull if primary_code == sqlite3.SQLITE_FULL else StateError
        raise kind(_SENTENCES[primary_code].format(path=path)) from error
