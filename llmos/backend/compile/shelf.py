"""Where handlers are kept: beside the state, each with its evidence, under the digest of its text.

A handler runs only while its text has the digest that the journal says was promoted, and while the rule, the schema and
the examples that it was made from are the app's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sqlite_utils import Database, Migrations

from llmos.backend.compile.run import parameters
from llmos.backend.compile.source import Handler
from llmos.backend.routes import Route
from llmos.contracts import Json

Standing = Literal["live", "demoted", "disputed", "failed"]
Attested = Callable[[str], bool]

migrations = Migrations("handlers")


@migrations()
def create_handlers(db: Database) -> None:
    db.execute(
        "CREATE TABLE backend_handlers (app TEXT NOT NULL, route TEXT NOT NULL, edition TEXT NOT NULL,"
        " standing TEXT NOT NULL, source TEXT NOT NULL, digest TEXT NOT NULL, evidence TEXT NOT NULL,"
        " reason TEXT NOT NULL, PRIMARY KEY (app, route))"
    )


@dataclass(frozen=True)
class Entry:
    """What is known of one route. `edition` is what it was made of; `source` is empty where no candidate passed."""

    route: str
    edition: str
    standing: Standing
    source: str = ""
    evidence: dict[str, Json] = field(default_factory=dict)
    reason: str = ""

    @property
    def digest(self) -> str:
        return Handler(self.source, ()).digest


class Shelf:
    """The handlers of one app."""

    def __init__(self, db: Database, app: str, attested: Attested) -> None:
        """`attested` says whether the journal tells of the promotion of a handler with this digest."""
        migrations.apply(db)
        self._db = db
        self._app = app
        self._attested = attested

    def entries(self) -> list[Entry]:
        rows = self._db.execute(
            "SELECT route, edition, standing, source, evidence, reason FROM backend_handlers WHERE app = ?", [self._app]
        ).fetchall()
        return [Entry(row[0], row[1], row[2], row[3], json.loads(row[4]), row[5]) for row in rows]

    def entry(self, route: str) -> Entry | None:
        """What is known of the route of this name."""
        return next((entry for entry in self.entries() if entry.route == route), None)

    def live(self, route: Route, edition: str) -> Handler | None:
        """The handler of a route, if it may run."""
        entry = self.entry(route.name)
        if entry is None or (entry.edition, entry.standing) != (edition, "live"):
            return None
        handler = Handler(entry.source, parameters(route))
        return handler if handler.digest == self._digest(route.name) and self._attested(handler.digest) else None

    def keep(self, entry: Entry) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO backend_handlers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                self._app,
                entry.route,
                entry.edition,
                entry.standing,
                entry.source,
                entry.digest,
                json.dumps(entry.evidence, ensure_ascii=False),
                entry.reason,
            ],
        )

    def demote(self, route: str, reason: str) -> None:
        self._db.execute(
            "UPDATE backend_handlers SET standing = 'demoted', reason = ? WHERE app = ? AND route = ?",
            [reason, self._app, route],
        )

    def _digest(self, route: str) -> str:
        sql = "SELECT digest FROM backend_handlers WHERE app = ? AND route = ?"
        return str(self._db.execute(sql, [self._app, route]).fetchone()[0])
