"""Handlers on trial: what each answers to a request and leaves behind, on a state that is gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import UUID

from llmos.backend.asked import Asked
from llmos.backend.compile.run import run_handler
from llmos.backend.compile.sandbox import Sandbox
from llmos.backend.compile.source import Handler
from llmos.backend.compile.view import View
from llmos.backend.invariants import Invariants
from llmos.backend.lookups import Arguments, Lookups
from llmos.backend.problem import HttpError
from llmos.backend.request import Reader
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.contracts import Json
from llmos.errors import HandlerError, InvariantBroken, PatchError, SchemaMismatch
from llmos.kernel.app import App
from llmos.state.database import open_database
from llmos.state.patch import Patch, adding
from llmos.state.store import AppState


@dataclass(frozen=True)
class Verdict:
    """What came of one request. `body` is None for a refusal: its wording is free. `error` says why there is none."""

    status: int = 0
    body: Json = None
    state: Json = None
    error: str = ""

    def same(self, other: Verdict) -> bool:
        """As JSON, where 1 is not true; a number is the same however it is written."""
        return (self.status, self.error) == (other.status, other.error) and (
            _same(self.body, other.body) and _same(self.state, other.state)
        )

    def told(self) -> str:
        return self.error or f"{self.status} {str(self.body)[:200]}"


def dispute_of(asked: Asked, state: Json, *verdicts: Verdict) -> Json:
    """What an author is shown where two do not agree."""
    return {
        "request": {"method": asked.route.method, "path": asked.path, "body": asked.body}
        | ({"query": asked.query} if asked.query else {})
        | ({"user": asked.user} if asked.user else {}),
        "state": state,
        "answers": [{"status": verdict.status, "body": verdict.body, "state": verdict.state} for verdict in verdicts],
    }


class Court:
    """Tries handlers of one app."""

    def __init__(self, app: App, shapes: dict[str, Shape], sandbox: Sandbox) -> None:
        self._app = app
        self._shapes = shapes
        self._sandbox = sandbox
        self._state = AppState(open_database(Path(":memory:")), app.name, app.state_schema)

    def try_one(self, handler: Handler, state: Json, asked: Asked) -> Verdict:
        """The handler's answer to a request on this state, and the state after it."""
        with self._scratch(state) as scratch:
            # the same for every handler: else none that makes an id would agree with another
            numbers = count(1)
            scope = Scoped(scratch, self._shapes, asked.user)
            view = View(scope, self._shapes, asked.now, asked.base, lambda: UUID(int=next(numbers) << 96, version=4))
            try:
                outcome = run_handler(self._sandbox, handler, asked, view, self._shapes)
                self.settle(scratch, asked, outcome.patch)
            except (HandlerError, PatchError, SchemaMismatch, InvariantBroken) as error:
                return Verdict(error=str(error))
            body = outcome.body if outcome.status < 400 else None
            return Verdict(outcome.status, body, scratch.get(""))

    def settle(self, scratch: AppState, asked: Asked, patch: Patch) -> None:
        """Commit what an answer changes, where it may: as a backend does, without a record.

        Raises PatchError, SchemaMismatch, InvariantBroken.
        """
        scope = Scoped(scratch, self._shapes, asked.user)
        stamped = scope.stamped(patch)
        with scope.guarded(stamped), Invariants(self._app.invariants, scratch).kept(asked.route, stamped):
            scratch.commit(stamped, cause={})

    def wanted(self, lookups: Lookups, state: Json, asked: Asked) -> dict[str, Arguments]:
        """What a request would look up on this state."""
        with self._scratch(state) as scratch:
            return lookups.wanted(asked, scratch)

    def admits(self, state: Json, asked: Asked) -> bool:
        """Whether the state fits the schema, and the request gets as far as a handler."""
        try:
            with self._scratch(state) as scratch:
                Reader(self._shapes, scratch).check(asked)
        except (SchemaMismatch, HttpError):
            return False
        return True

    def refusal(self, state: Json) -> str:
        """Why the schema does not take this state; empty where it does."""
        try:
            with self._scratch(state):
                return ""
        except (SchemaMismatch, PatchError) as error:
            return str(error)

    @contextmanager
    def _scratch(self, state: dict[str, Json]) -> Iterator[AppState]:
        try:
            with self._state.db.atomic():
                self._state.commit(adding(state), cause={})
                yield self._state
                raise _Undo
        except _Undo:
            pass


class _Undo(Exception):  # noqa: N818 - nothing is wrong: it takes back what was tried
    pass


def _same(one: Json, other: Json) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
