"""What a process asks a person, and what people have answered. A question is an event; its `seq` is its number.

Any shell may show an open question and answer it. Three things are asked about: `consent` to a call (once, process,
always, no), a call that was `interrupted` by the end of a kernel (repeat, happened, stop), and what a `driver` wants to
know while it is at work, with choices of its own that grant nothing.
"""

from collections.abc import Callable, Iterable, Sequence

from sqlite_utils import Database, Migrations

from llmos.contracts import Event, Json
from llmos.errors import KernelError
from llmos.kernel.journal import Journal

CHOICES = {"consent": ("once", "process", "always", "no"), "interrupted": ("repeat", "happened", "stop")}

migrations = Migrations("grants")


@migrations()
def create_grants(db: Database) -> None:
    db.execute(
        'CREATE TABLE grants (app TEXT NOT NULL, "grant" TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (app, "grant"))'
    )


class Questions:
    """The open questions of a state folder, and the grants that answers gave for always."""

    def __init__(self, db: Database, journal: Journal) -> None:
        migrations.apply(db)
        self._db = db
        self._journal = journal
        self._open: dict[int, Event] = {}

    def reopen(self, pids: Iterable[int]) -> None:
        """Find what living processes had asked when the last kernel ended."""
        for pid in pids:
            last = self._journal.last(pid, ("question.asked", "question.answered", "process.answered"))
            if last is not None and last.kind == "question.asked":
                self._open[last.seq] = last

    def observe(self, event: Event) -> None:
        """Follow the journal: what is asked is open until it is answered or its process ends."""
        if event.kind == "question.asked":
            self._open[event.seq] = event
        elif event.kind == "question.answered":
            self._open.pop(event.data["question"], None)
        elif event.kind in ("process.done", "process.failed", "process.killed", "process.answered"):
            self._open = {seq: asked for seq, asked in self._open.items() if asked.pid != event.pid}

    def open(self) -> list[Event]:
        return list(self._open.values())

    def ask(
        self,
        pid: int,
        about: str,
        tool: str,
        arguments: dict[str, Json],
        grant: str,
        text: str,
        choices: Sequence[str] = (),
    ) -> Event:
        """Put a question to whoever is there. It is durable when this returns."""
        facts = {"about": about, "tool": tool, "arguments": arguments, "grant": grant, "text": text}
        return self._journal.append(pid, "question.asked", {**facts, "choices": list(CHOICES.get(about, choices))})

    def answer(self, number: int, choice: str, by: str, app_of: Callable[[int], str]) -> Event:
        """Settle a question. Raises KernelError when it is not open or has no such choice."""
        if number not in self._open:
            raise KernelError(f"There is no open question {number}; `llmos approve` lists them.")
        asked = self._open[number]
        if choice not in asked.data["choices"]:
            raise KernelError(f"Question {number} takes {', '.join(asked.data['choices'])}, not {choice!r}.")
        answer = {"question": number, "choice": choice, "grant": asked.data["grant"], "by": by}
        with self._journal.transaction():
            event = self._journal.append(asked.pid, "question.answered", answer)
            if choice == "always" and asked.data["about"] == "consent":
                row = [app_of(asked.pid), asked.data["grant"], event.at]
                self._db.execute('INSERT OR REPLACE INTO grants (app, "grant", at) VALUES (?, ?, ?)', row)
        return event

    def granted(self, app: str) -> list[str]:
        """What people have allowed this app for always."""
        rows = self._db.execute('SELECT "grant" FROM grants WHERE app = ? ORDER BY at', [app]).fetchall()
        return [str(row[0]) for row in rows]

    def revoke(self, app: str, grant: str) -> None:
        """Take back an always. Raises KernelError when it was not given."""
        with self._db.atomic():
            cursor = self._db.execute('DELETE FROM grants WHERE app = ? AND "grant" = ?', [app, grant])
        if cursor.rowcount == 0:
            raise KernelError(f"{app} does not hold {grant!r}; `llmos app permissions {app}` lists what it holds.")
