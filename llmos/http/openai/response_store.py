"""Responses that are kept: in the state folder's database, each with its own items, until they are deleted."""

import json

import sqlite_utils
from sqlite_utils import Migrations

from llmos.contracts import Json
from llmos.kernel.journal import stored_json
from llmos.kernel.kernel import Kernel

migrations = Migrations("responses")

# from a response back to the first of its conversation
CHAIN = (
    "WITH RECURSIVE chain(id, previous, depth) AS (SELECT id, previous, 0 FROM responses WHERE id = ?"
    " UNION ALL SELECT responses.id, responses.previous, depth + 1 FROM responses"
    " JOIN chain ON responses.id = chain.previous)"
)


@migrations()
def create_responses(db: sqlite_utils.Database) -> None:
    for statement in (
        "CREATE TABLE responses (id TEXT PRIMARY KEY, previous TEXT, body TEXT NOT NULL)",
        "CREATE TABLE response_items (response TEXT NOT NULL, is_output INTEGER NOT NULL, position INTEGER NOT NULL,"
        " id TEXT NOT NULL, item TEXT NOT NULL, PRIMARY KEY (response, is_output, position))",
        "CREATE INDEX response_items_by_id ON response_items (id)",
    ):
        db.execute(statement)


class ResponseStore:
    """`pid` is the API's process, whose journal says what was stored and deleted."""

    def __init__(self, kernel: Kernel, pid: int) -> None:
        migrations.apply(kernel.db)
        self._kernel = kernel
        self._db = kernel.db
        self._pid = pid

    def add(self, response: dict[str, Json], items: list[Json]) -> None:
        """Keep a response and the items that were sent for it. Durable when this returns."""
        body = {name: value for name, value in response.items() if name != "output"}
        name = response["id"]
        rows = [(0, at, item) for at, item in enumerate(items)]
        rows += [(1, at, item) for at, item in enumerate(response["output"])]
        with self._kernel.journal.transaction():
            self._kernel.record(self._pid, "response.stored", {"response": name})
            self._db.execute(
                "INSERT INTO responses VALUES (?, ?, ?)", [name, response["previous_response_id"], stored_json(body)]
            )
            for is_output, at, item in rows:
                self._db.execute(
                    "INSERT INTO response_items VALUES (?, ?, ?, ?, ?)",
                    [name, is_output, at, item["id"], stored_json(item)],
                )

    def get(self, name: str) -> Json | None:
        row = self._db.execute("SELECT body FROM responses WHERE id = ?", [name]).fetchone()
        if row is None:
            return None
        output = self._items(
            "SELECT item FROM response_items WHERE response = ? AND is_output = 1 ORDER BY position", name
        )
        return {**json.loads(row[0]), "output": output}

    def delete(self, name: str) -> bool:
        """Whether it was there."""
        with self._kernel.journal.transaction():
            if self._db.execute("DELETE FROM responses WHERE id = ?", [name]).rowcount == 0:
                return False
            self._db.execute("DELETE FROM response_items WHERE response = ?", [name])
            self._kernel.record(self._pid, "response.deleted", {"response": name})
        return True

    def is_whole(self, name: str) -> bool:
        """Whether the response is here, and every one before it."""
        first = self._db.execute(f"{CHAIN} SELECT previous FROM chain ORDER BY depth DESC LIMIT 1", [name]).fetchone()
        return first is not None and first[0] is None

    def conversation(self, name: str) -> list[Json]:
        """All items up to and with the response's own output, oldest first."""
        return self._items(
            f"{CHAIN} SELECT item FROM chain JOIN response_items ON response = chain.id"
            " ORDER BY depth DESC, is_output, position",
            name,
        )

    def inputs(self, name: str) -> list[Json]:
        """All items that the response answers, oldest first."""
        return self._items(
            f"{CHAIN} SELECT item FROM chain JOIN response_items ON response = chain.id"
            " WHERE depth > 0 OR NOT is_output ORDER BY depth DESC, is_output, position",
            name,
        )

    def item(self, name: str) -> Json | None:
        """The newest item of that id."""
        found = self._items("SELECT item FROM response_items WHERE id = ? ORDER BY rowid DESC LIMIT 1", name)
        return found[0] if found else None

    def _items(self, sql: str, name: str) -> list[Json]:
        with self._db.explained():
            return [json.loads(item) for (item,) in self._db.execute(sql, [name]).fetchall()]
