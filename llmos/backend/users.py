"""Users of apps: their names, and of each one's token the SHA-256. The token itself is told once and kept nowhere.

A token is 256 random bits, so its hash needs no salt and no slow function. Rows are found by the first digits of the
hash, and the whole of it is compared in constant time.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass

from sqlite_utils import Database, Migrations

from llmos.errors import UsageError

TOKEN_BYTES = 32
MAX_TOKEN_CHARS = 200
PREFIX_CHARS = 8
NAME = r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}"  # without what could end a line or a segment of a path

migrations = Migrations("users")


@migrations()
def create_users(db: Database) -> None:
    db.execute(
        "CREATE TABLE backend_users (app TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,"
        " created REAL NOT NULL, PRIMARY KEY (app, name))"
    )
    db.execute(f"CREATE INDEX backend_users_by_digest ON backend_users (app, substr(digest, 1, {PREFIX_CHARS}))")


@dataclass(frozen=True)
class User:
    """`created` is when the token was made, in seconds since 1970."""

    name: str
    created: float


class Users:
    """The users of one app."""

    def __init__(self, db: Database, app: str) -> None:
        migrations.apply(db)
        self._db = db
        self._app = app

    def list(self) -> list[User]:
        sql = "SELECT name, created FROM backend_users WHERE app = ? ORDER BY created, name"
        return [User(*row) for row in self._db.execute(sql, [self._app]).fetchall()]

    def add(self, name: str) -> str:
        """The token of a new user. Raises UsageError for a name that is taken or cannot be one."""
        if not re.fullmatch(NAME, name):
            raise UsageError(f"{name[:80]!r} cannot be a user's name: up to 64 letters, digits and any of . _ @ + -.")
        if any(user.name == name for user in self.list()):
            raise UsageError(f"{self._app} has a user {name} already; remove it first to give it another token.")
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = [self._app, name, _digest(token), time.time()]
        self._db.execute("INSERT INTO backend_users VALUES (?, ?, ?, ?)", row)
        return token

    def remove(self, name: str) -> None:
        """From now on its token opens nothing; its documents stay. Raises UsageError when there is no such user."""
        if not any(user.name == name for user in self.list()):
            known = ", ".join(user.name for user in self.list()[:20])
            raise UsageError(f"{self._app} has no user {name[:80]!r}; it has: {known or 'none'}.")
        self._db.execute("DELETE FROM backend_users WHERE app = ? AND name = ?", [self._app, name])

    def find(self, token: str) -> str | None:
        """Whose token it is."""
        if not token or len(token) > MAX_TOKEN_CHARS:
            return None
        digest = _digest(token)
        sql = f"SELECT name, digest FROM backend_users WHERE app = ? AND substr(digest, 1, {PREFIX_CHARS}) = ?"
        rows = self._db.execute(sql, [self._app, digest[:PREFIX_CHARS]]).fetchall()
        return next((name for name, stored in rows if hmac.compare_digest(stored, digest)), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
