"""What a handler answered, asked of the model as well when nobody else wants it.

The two are compared, and where they differ the author is shown the request and both answers, as for a dispute between
candidates. Nothing is decided by it: the model slips more often than code that passed its trial.
Not covered: states of more than MAX_DOCUMENTS, and what was committed too long ago to be told cheaply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from llmos.backend.asked import Asked
from llmos.backend.compile.routes import CompiledRoutes
from llmos.backend.compile.trial import Court, Verdict, dispute_of
from llmos.backend.interpret import Interpreter, Think
from llmos.backend.problem import HttpError
from llmos.backend.proposal import Proposal
from llmos.backend.routes import Rules
from llmos.backend.shape import Shape
from llmos.contracts import Json
from llmos.errors import ContextFull
from llmos.kernel.app import App
from llmos.state.database import open_database
from llmos.state.patch import adding
from llmos.state.store import AppState

MAX_DOCUMENTS = 200
MAX_VERSIONS_BACK = 200


class Shadow:
    """The model behind the handlers of one app."""

    def __init__(
        self,
        app: App,
        state: AppState,
        rules: Rules,
        shapes: dict[str, Shape],
        routes: CompiledRoutes,
        think: Think,
        tell: Callable[[str, dict[str, Json]], None],
    ) -> None:
        self._app = app
        self._state = state
        self._rules = rules
        self._shapes = shapes
        self._routes = routes
        self._think = think
        self._tell = tell
        self._court = Court(app, shapes, routes.sandbox)

    async def one(self) -> None:
        """Ask the model what some route's handler was asked last, the one that was compared least.

        Raises EngineError.
        """
        waiting = self._routes.answered
        while waiting:
            name = min(waiting, key=lambda name: self._routes.uses[name].shadowed)
            asked, version = waiting.pop(name)
            if self._is_small(version):
                await self._compare(name, asked, self._state.at(version))
                return

    def _is_small(self, version: int) -> bool:
        num_documents = sum(self._state.count(name) for name in self._shapes)
        return num_documents <= MAX_DOCUMENTS and self._state.version - version <= MAX_VERSIONS_BACK

    async def _compare(self, name: str, asked: Asked, state: Json) -> None:
        handler = self._routes.handler(asked.route)
        if handler is None:
            return
        told = await self._by_model(asked, state)
        mine = self._court.try_one(handler, state, asked)
        uses = self._routes.uses[name]
        uses.shadowed += 1
        differs = not told.error and not mine.error and not mine.same(told)
        uses.differed += differs
        self._tell(
            "backend.shadowed", {"route": name, "differs": differs, "model": told.told(), "handler": mine.told()}
        )
        if differs:
            self._show(name, dispute_of(asked, state, mine, told))

    def _show(self, name: str, dispute: Json) -> None:
        """Beside the handler's evidence, where `llmos backend settle` finds it."""
        entry = self._routes.shelf.entry(name)
        if entry is not None:
            self._routes.shelf.keep(replace(entry, evidence={**entry.evidence, "disputes": [dispute]}))

    async def _by_model(self, asked: Asked, state: dict[str, Json]) -> Verdict:
        """What the model answers on this state, which is gone afterwards."""
        db = open_database(Path(":memory:"))
        try:
            scratch = AppState(db, self._app.name, self._app.state_schema)
            scratch.commit(adding(state), cause={})
            interpreter = Interpreter(self._app, scratch, self._rules, self._shapes, self._think)
            return await interpreter.answer(asked, lambda proposal: self._settled(scratch, asked, proposal))
        except (HttpError, ContextFull) as error:
            return Verdict(error=str(error))
        finally:
            db.close()

    def _settled(self, scratch: AppState, asked: Asked, proposal: Proposal) -> Verdict:
        with scratch.db.atomic():
            self._court.settle(scratch, asked, proposal.patch)
        return Verdict(proposal.status, proposal.body() if proposal.status < 400 else None, scratch.get(""))
