"""What was said before, found again: an index over the journal by words (FTS5) and by meaning (vectors).

The index is derived: it follows the journal from a cursor, in the same database, when somebody searches. It holds user
texts, final answers and results of tools. A process finds what processes of its own app said, and nothing else.

Covers: another app's texts (never found); queries that are no words, or FTS5's own syntax (data like any other).
Does not cover: what the same app learnt from another user of this state folder; a state folder has one user.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sqlite_utils
from sqlite_utils import Migrations

from llmos.contracts import Embedder, Event, Json
from llmos.errors import EngineError, ModelError, StateError
from llmos.kernel.blobs import Blobs
from llmos.kernel.journal import Journal
from llmos.state.database import Database

MAX_TEXT_CHARS = 4000  # of one event that are indexed
SNIPPET_CHARS = 300
MAX_QUERY_CHARS = 1000
MAX_QUERY_WORDS = 32
EVENTS_AT_ONCE = 500
VECTORS_AT_ONCE = 64
CANDIDATES = 50
FUSION = 60  # of reciprocal rank fusion, as in Cormack et al., 2009
MIN_LIKENESS = 0.25  # below it two texts have nothing to do with each other

migrations = Migrations("memory")


@migrations()
def create_memory(db: sqlite_utils.Database) -> None:
    db.execute("CREATE TABLE memory_entries (seq INTEGER PRIMARY KEY, app TEXT NOT NULL, model TEXT, vector BLOB)")
    db.execute("CREATE INDEX memory_entries_by_app ON memory_entries (app, seq)")
    db.execute("CREATE INDEX memory_entries_without_vector ON memory_entries (seq) WHERE vector IS NULL")
    db.execute(
        "CREATE VIRTUAL TABLE memory_words USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2')"
    )
    db.execute("CREATE TABLE memory_cursor (seq INTEGER NOT NULL)")
    db.execute("INSERT INTO memory_cursor VALUES (0)")


@dataclass(frozen=True)
class Found:
    """One thing that was said: event `seq` of process `pid`, by `source`; `text` is the part around the match."""

    seq: int
    pid: int
    app: str
    at: float
    source: str
    text: str


class Memory:
    """Searches one state folder. Without an embedder it finds by words alone."""

    def __init__(self, db: Database, journal: Journal, blobs: Blobs, embedder: Embedder | None = None) -> None:
        migrations.apply(db)
        self._db = db
        self._journal = journal
        self._blobs = blobs
        self.embedder = embedder

    async def search(
        self,
        app: str | None,
        query: str,
        limit: int = 5,
        *,
        besides: tuple[int, int] | None = None,
        unfinished: bool = False,
    ) -> list[Found]:
        """The best matches of an app's processes, or of all where `app` is None, best first.

        `besides` leaves out what a process said from an event on: its own question is not an answer. The last word of
        an `unfinished` query may be the beginning of one.
        """
        self._follow()
        query = query[:MAX_QUERY_CHARS]
        rankings = [self._by_words(app, query, unfinished=unfinished)]
        if self.embedder is not None:
            try:
                rankings.append(await self._by_meaning(app, query, self.embedder))
            except (EngineError, ModelError):  # words still find
                rankings.append([])
        found = [self._found(seq, query) for seq in _fused(rankings)]
        kept = [item for item in found if besides is None or item.pid != besides[0] or item.seq < besides[1]]
        return kept[:limit]

    async def close(self) -> None:
        if self.embedder is not None:
            await self.embedder.close()

    def _follow(self) -> None:
        """Index what the journal has recorded since, a few hundred events in each transaction."""
        while True:
            (cursor,) = self._db.execute("SELECT seq FROM memory_cursor").fetchone()
            events = self._journal.events(after=cursor, limit=EVENTS_AT_ONCE)
            if not events:
                return
            with self._db.atomic():
                for event in events:
                    if (text := self._text(event)) and (app := self._app(event.pid)):
                        self._db.execute("INSERT INTO memory_entries (seq, app) VALUES (?, ?)", [event.seq, app])
                        self._db.execute("INSERT INTO memory_words (rowid, text) VALUES (?, ?)", [event.seq, text])
                self._db.execute("UPDATE memory_cursor SET seq = ?", [events[-1].seq])

    def _app(self, pid: int) -> str:
        """Whose process it is; empty for what a service started, such as an app's examples."""
        row = self._db.execute(
            "SELECT json_extract(own.body, '$.app') FROM processes AS own LEFT JOIN processes AS starter"
            " ON starter.pid = json_extract(own.body, '$.parent')"
            " WHERE own.pid = ? AND json_extract(starter.body, '$.kind') IS NOT 'service'",
            [pid],
        ).fetchone()
        return str(row[0]) if row else ""

    def _by_words(self, app: str | None, query: str, *, unfinished: bool) -> list[int]:
        words = re.findall(r"\w+", query.encode("utf-8", "ignore").decode())[:MAX_QUERY_WORDS]
        if not words:
            return []
        match = " OR ".join(f'"{word}"' for word in words) + ("*" if unfinished else "")
        rows = self._db.execute(
            "SELECT memory_entries.seq FROM memory_words JOIN memory_entries ON memory_entries.seq = memory_words.rowid"
            " WHERE memory_words MATCH ? AND (?2 IS NULL OR app = ?2) ORDER BY rank LIMIT ?3",
            [match, app, CANDIDATES],
        ).fetchall()
        return [int(seq) for (seq,) in rows]

    async def _by_meaning(self, app: str | None, query: str, embedder: Embedder) -> list[int]:
        import numpy as np

        await self._embed_missing(embedder)
        rows = self._db.execute(
            "SELECT seq, vector FROM memory_entries WHERE model = ?1 AND (?2 IS NULL OR app = ?2)",
            [embedder.model, app],
        ).fetchall()
        if not rows or not query.strip():
            return []
        [wanted] = await embedder.embed([query])
        vectors = np.frombuffer(b"".join(vector for _, vector in rows), np.float32).reshape(len(rows), -1)
        likeness = vectors @ np.array(wanted, np.float32)
        best = np.argsort(-likeness)[:CANDIDATES]
        return [int(rows[number][0]) for number in best if likeness[number] >= MIN_LIKENESS]

    async def _embed_missing(self, embedder: Embedder) -> None:
        """Vectors for what has none, or has one of another model; each batch is durable before the next."""
        while True:
            rows = self._db.execute(
                "SELECT seq FROM memory_entries WHERE vector IS NULL OR model != ? LIMIT ?",
                [embedder.model, VECTORS_AT_ONCE],
            ).fetchall()
            if not rows:
                return
            vectors = await embedder.embed([self._text(self._event(seq)) for (seq,) in rows])
            await self._store(embedder.model, [seq for (seq,) in rows], vectors)

    async def _store(self, model: str, seqs: Sequence[int], vectors: Sequence[Sequence[float]]) -> None:
        import numpy as np

        with self._db.atomic():
            for seq, vector in zip(seqs, vectors, strict=True):
                row = [np.array(vector, np.float32).tobytes(), model, seq]
                self._db.execute("UPDATE memory_entries SET vector = ?, model = ? WHERE seq = ?", row)

    def _event(self, seq: int) -> Event:
        return self._journal.events(after=seq - 1, limit=1)[0]

    def _text(self, event: Event) -> str:
        """What an event says that is worth finding again; empty for most."""
        data = event.data
        if event.kind == "message.user":
            return str(data["text"])[:MAX_TEXT_CHARS]
        if event.kind in ("process.done", "process.answered"):
            return _said(data.get("result"))
        if event.kind != "syscall.result" or str(data.get("tool", "")).startswith(("memory.", "result.")):
            return ""
        return self._beginning(data["blob"]) if "blob" in data else _said(data.get("result"))

    def _beginning(self, digest: str) -> str:
        try:
            return self._blobs.get(digest)[: 4 * MAX_TEXT_CHARS].decode("utf-8", "ignore")[:MAX_TEXT_CHARS]
        except StateError:  # what is gone cannot be found
            return ""

    def _found(self, seq: int, query: str) -> Found:
        event = self._event(seq)
        app = self._app(event.pid)
        return Found(seq, event.pid, app, event.at, _source(event), _snippet(self._text(event), query))


def _said(result: Json) -> str:
    if isinstance(result, dict) and isinstance(result.get("text"), str):
        result = result["text"]
    return result[:MAX_TEXT_CHARS] if isinstance(result, str) else ""


def _source(event: Event) -> str:
    if event.kind == "message.user":
        return str(event.data.get("source", "user"))
    return str(event.data.get("source", "driver")) if event.kind == "syscall.result" else "model"


def _fused(rankings: Sequence[Sequence[int]]) -> list[int]:
    """Reciprocal rank fusion: what stands high in either list stands high."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, seq in enumerate(ranking):
            scores[seq] = scores.get(seq, 0.0) + 1 / (FUSION + rank)
    return sorted(scores, key=lambda seq: (-scores[seq], -seq))


def _snippet(text: str, query: str) -> str:
    """The part of a text around the first word of the query that occurs in it."""
    if len(text) <= SNIPPET_CHARS:
        return text
    lowered = text.lower()
    places = [lowered.find(word.lower()) for word in re.findall(r"\w{3,}", query)[:MAX_QUERY_WORDS]]
    at = min([place for place in places if place >= 0], default=0)
    start = max(0, min(at - SNIPPET_CHARS // 3, len(text) - SNIPPET_CHARS))
    cut = text[start : start + SNIPPET_CHARS]
    return ("…" if start else "") + cut + ("…" if start + SNIPPET_CHARS < len(text) else "")
