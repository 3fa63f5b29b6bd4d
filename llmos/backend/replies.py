"""Responses kept under the key that a client gave its request, so that sending it again does nothing twice."""

from __future__ import annotations

import hashlib
import json
import time

from sqlite_utils import Database, Migrations

from llmos.backend.problem import HttpError, Response

KEEP_S = 7 * 24 * 3600
MAX_KEY_CHARS = 255

migrations = Migrations("backend")


@migrations()
def create_replies(db: Database) -> None:
    db.execute(
        "CREATE TABLE backend_replies (app TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,"
        " at REAL NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL, version INTEGER,"
        " PRIMARY KEY (app, key))"
    )
    db.execute("CREATE INDEX backend_replies_by_age ON backend_replies (at)")


def fingerprint(*parts: str | bytes) -> str:
    """What tells two requests apart."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


class Replies:
    """The replies of one app, kept for a week."""

    def __init__(self, db: Database, app: str) -> None:
        migrations.apply(db)
        self._db = db
        self._app = app

    def find(self, key: str, request: str, user: str | None = None) -> Response | None:
        """The response given before; each user has keys of their own. Raises HttpError when the key came with another
        request.
        """
        if not key or len(key) > MAX_KEY_CHARS:
            raise HttpError(400, f"Idempotency-Key must have 1 to {MAX_KEY_CHARS} characters.")
        with self._db.atomic():
            rows = self._db.execute(
                "SELECT fingerprint, status, headers, body, version FROM backend_replies WHERE app = ? AND key = ?",
                [self._app, _of(user, key)],
            ).fetchall()
        if not rows:
            return None
        [(stored, status, headers, body, version)] = rows
        if stored != request:
            raise HttpError(422, "This Idempotency-Key was used for another request; give each request its own.")
        return Response(status, json.loads(headers), body, version)

    def keep(self, key: str, request: str, response: Response, user: str | None = None) -> None:
        """Call it in the transaction of the commit."""
        now = time.time()
        self._db.execute("DELETE FROM backend_replies WHERE at < ?", [now - KEEP_S])
        self._db.execute(
            "INSERT INTO backend_replies VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self._app,
                _of(user, key),
                request,
                now,
                response.status,
                json.dumps(dict(response.headers)),
                response.body,
                response.version,
            ],
        )


def _of(user: str | None, key: str) -> str:
    """Neither a name nor a header has a line break in it, so no key can be another user's."""
    return key if user is None else f"{user}\n{key}"
