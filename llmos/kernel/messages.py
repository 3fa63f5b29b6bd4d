"""What the engine was shown, kept once: each message under the hash of its content and of the message before it.

A call's whole context is named by the hash of its last message, and two calls that begin alike share their beginning.
"""

import hashlib
import json
from collections.abc import Sequence

import sqlite_utils
from sqlite_utils import Migrations

from llmos.contracts import Json, Message

migrations = Migrations("messages")


@migrations()
def create_messages(db: sqlite_utils.Database) -> None:
    db.execute(
        "CREATE TABLE messages (hash TEXT PRIMARY KEY, parent TEXT NOT NULL, content TEXT NOT NULL) WITHOUT ROWID"
    )


class Messages:
    """`put` returns the hash by which `chain` finds the messages again. Pictures are named by their bytes' hash."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        migrations.apply(db)
        self._db = db

    def put(self, messages: Sequence[Message]) -> str:
        """Keep a context, inside the caller's transaction where there is one."""
        head = ""
        with self._db.atomic():
            for message in messages:
                content = canonical(message)
                parent, head = head, message_hash(head, content)
                self._db.execute("INSERT OR IGNORE INTO messages VALUES (?, ?, ?)", [head, parent, content])
        return head

    def chain(self, head: str) -> list[dict[str, Json]]:
        """The messages up to `head`, first to last; empty for one that is not here."""
        rows = self._db.execute(
            "WITH RECURSIVE chain (depth, parent, content) AS ("
            " SELECT 0, parent, content FROM messages WHERE hash = ? UNION ALL"
            " SELECT depth + 1, messages.parent, messages.content"
            " FROM messages JOIN chain ON messages.hash = chain.parent"
            ") SELECT content FROM chain ORDER BY depth DESC",
            [head],
        ).fetchall()
        return [json.loads(content) for (content,) in rows]


def canonical(message: Message) -> str:
    """One spelling for one message."""
    images = [
        {"media_type": image.media_type, "sha256": hashlib.sha256(image.data).hexdigest()} for image in message.images
    ]
    content = {"images": images, "role": message.role, "source": message.source, "text": message.text}
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace").decode()


def message_hash(parent: str, content: str) -> str:
    return hashlib.sha256(f"{parent}\n{content}".encode()).hexdigest()
