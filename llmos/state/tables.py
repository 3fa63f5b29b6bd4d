"""The tables of all apps' states, and reading and writing single rows of them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from sqlite_utils import Database, Migrations

from llmos.contracts import Json

migrations = Migrations("state")

MAX_ID_DIGITS = 18  # what fits SQLite's integers
MAX_INTEGER = 2**63 - 1

# ids are numbers written as text: the length orders 2 before 10
_ORDER = "length(key), key"


@migrations()
def create_state(db: Database) -> None:
    # a plain value is the one row of its name, with the empty key
    for statement in (
        "CREATE TABLE state_heads (app TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE state_documents (app TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,"
        " value TEXT NOT NULL, PRIMARY KEY (app, name, key))",
        f"CREATE INDEX state_documents_in_order ON state_documents (app, name, {_ORDER})",
        "CREATE TABLE state_next_ids (app TEXT NOT NULL, name TEXT NOT NULL, next_id INTEGER NOT NULL,"
        " PRIMARY KEY (app, name)) WITHOUT ROWID",
        "CREATE TABLE state_commits (app TEXT NOT NULL, version INTEGER NOT NULL, at REAL NOT NULL,"
        " patch TEXT NOT NULL, inverse TEXT NOT NULL, cause TEXT NOT NULL, PRIMARY KEY (app, version))",
    ):
        db.execute(statement)


@migrations()
def create_files(db: Database) -> None:
    # which documents refer to a file
    db.execute(
        "CREATE TABLE state_files (app TEXT NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL,"
        " PRIMARY KEY (app, sha256, name, key)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX state_files_by_document ON state_files (app, name, key)")


def encode(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _quoted(text: str) -> str:
    """An SQL literal: a partial index is used only where its condition is spelled out."""
    return "'" + text.replace("'", "''") + "'"


def _field(name: str) -> str:
    path = f'$."{name}"'
    return f"json_extract(value, {_quoted(path)})"


def is_searchable(field: str, value: Json) -> bool:
    """Whether SQLite can look for it: a path has no escapes, an integer 64 bits, a text no NUL."""
    if not field or any(char in '"\\' or not char.isprintable() for char in field):
        return False
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return not isinstance(value, str) or not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)


def is_number(key: str) -> bool:
    """Whether a key is one that `next_id` must pass by."""
    return key.isascii() and key.isdigit() and len(key) <= MAX_ID_DIGITS


class Tables:
    """The rows of one app. No rules here: `AppState` has them."""

    def __init__(self, db: Database, app: str) -> None:
        self._db = db
        self._app = app

    def version(self) -> int:
        rows = self._rows("SELECT version FROM state_heads WHERE app = ?", self._app)
        return int(rows[0][0]) if rows else 0

    def version_for_writing(self) -> int:
        """The version, read by a write: from here on no other connection can commit."""
        rows = self._rows(
            "INSERT INTO state_heads VALUES (?, 0) ON CONFLICT DO UPDATE SET version = version RETURNING version",
            self._app,
        )
        return int(rows[0][0])

    def set_version(self, version: int) -> None:
        self._db.execute("UPDATE state_heads SET version = ? WHERE app = ?", [version, self._app])

    def read(self, name: str, keys: Iterable[str]) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key in keys:
            for (value,) in self._rows(
                "SELECT value FROM state_documents WHERE app = ? AND name = ? AND key = ?",
                self._app,
                name,
                key,
            ):
                found[key] = json.loads(value)
        return found

    def page(self, name: str, limit: int, after: str | None) -> dict[str, Json]:
        """Documents in the order of their keys, from the one behind `after` on; -1 is no limit."""
        if after is None:
            return self._ordered(name, "", [], limit)
        # asked in two halves, each is read off the index from where it begins; by `key` alone, lest the first is sorted
        found = self._ordered(name, " AND length(key) = length(?) AND key > ?", [after, after], limit, by="key")
        if limit < 0 or len(found) < limit:
            rest = limit if limit < 0 else limit - len(found)
            found |= self._ordered(name, " AND length(key) > length(?)", [after], rest)
        return found

    def _ordered(self, name: str, where: str, given: list[str], limit: int, by: str = _ORDER) -> dict[str, Json]:
        sql = f"SELECT key, value FROM state_documents WHERE app = ? AND name = ?{where} ORDER BY {by} LIMIT ?"
        return {key: json.loads(value) for key, value in self._rows(sql, self._app, name, *given, limit)}

    def find(self, name: str, field: str, value: Json) -> dict[str, Json]:
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            return {}  # SQLite has no such integer
        # the plus hides the order from the planner, which would rather walk the collection than sort what it finds
        rows = self._rows(
            "SELECT key, value FROM state_documents"
            f" WHERE {self._of(name)} AND {_field(field)} IS ? ORDER BY +{_ORDER}",
            value,
        )
        return {key: json.loads(document) for key, document in rows}

    def index(self, name: str, field: str) -> None:
        """An index over this collection alone, which `find` uses as it spells the same condition."""
        digest = hashlib.sha256("\n".join([self._app, name, field]).encode()).hexdigest()[:16]
        self._db.execute(
            f"CREATE INDEX IF NOT EXISTS state_by_field_{digest} ON state_documents ({_field(field)})"
            f" WHERE {self._of(name)}"
        )

    def _of(self, name: str) -> str:
        return f"app = {_quoted(self._app)} AND name = {_quoted(name)}"

    def count(self, name: str) -> int:
        rows = self._rows("SELECT COUNT(*) FROM state_documents WHERE app = ? AND name = ?", self._app, name)
        return int(rows[0][0])

    def put(self, name: str, key: str, value: Json) -> None:
        self._db.execute(
            "INSERT INTO state_documents VALUES (?, ?, ?, ?)"
            " ON CONFLICT (app, name, key) DO UPDATE SET value = excluded.value",
            [self._app, name, key, encode(value)],
        )

    def delete(self, name: str, key: str) -> None:
        self._db.execute("DELETE FROM state_documents WHERE app = ? AND name = ? AND key = ?", [self._app, name, key])

    def set_files(self, name: str, key: str, digests: Iterable[str]) -> None:
        """The files that a document refers to, and no others."""
        self._db.execute("DELETE FROM state_files WHERE app = ? AND name = ? AND key = ?", [self._app, name, key])
        for digest in digests:
            self._db.execute("INSERT INTO state_files VALUES (?, ?, ?, ?)", [self._app, digest, name, key])

    def holders(self, digest: str) -> list[tuple[str, str]]:
        """The documents that refer to a file, by collection and key."""
        sql = f"SELECT name, key FROM state_files WHERE app = ? AND sha256 = ? ORDER BY name, {_ORDER}"
        return [(name, key) for name, key in self._rows(sql, self._app, digest)]

    def next_id(self, name: str) -> int:
        rows = self._rows("SELECT next_id FROM state_next_ids WHERE app = ? AND name = ?", self._app, name)
        return int(rows[0][0]) if rows else 1

    def retire_id(self, name: str, key: str) -> None:
        """From now on `next_id` is greater than `key`, where that is a number."""
        if not is_number(key):
            return
        self._db.execute(
            "INSERT INTO state_next_ids VALUES (?, ?, ?)"
            " ON CONFLICT (app, name) DO UPDATE SET next_id = max(next_id, excluded.next_id)",
            [self._app, name, int(key) + 1],
        )

    def add_commit(self, version: int, at: float, patch: Json, inverse: Json, cause: Json) -> None:
        self._db.execute(
            "INSERT INTO state_commits VALUES (?, ?, ?, ?, ?, ?)",
            [self._app, version, at, encode(patch), encode(inverse), encode(cause)],
        )

    def commits(
        self, after: int, limit: int = -1, upto: int = MAX_INTEGER
    ) -> Iterator[tuple[int, float, Json, Json, Json]]:
        """Commits newer than version `after`, newest first: version, at, patch, inverse, cause."""
        for version, at, *texts in self._rows(
            "SELECT version, at, patch, inverse, cause FROM state_commits WHERE app = ? AND version > ?"
            " AND version <= ? ORDER BY version DESC LIMIT ?",
            self._app,
            after,
            upto,
            limit,
        ):
            patch, inverse, cause = map(json.loads, texts)
            yield version, at, patch, inverse, cause

    def _rows(self, sql: str, *parameters: Json) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, list(parameters)).fetchall()
