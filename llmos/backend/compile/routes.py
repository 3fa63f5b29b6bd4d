"""The compiled routes of one app: handlers that answer in place of the model, and go back to it when in doubt."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from llmos.backend.asked import Asked
from llmos.backend.compile.plain import narrow
from llmos.backend.compile.run import run_handler
from llmos.backend.compile.sandbox import Sandbox
from llmos.backend.compile.shelf import Shelf
from llmos.backend.compile.source import Handler, fields_searched
from llmos.backend.compile.view import View
from llmos.backend.examples import Example
from llmos.backend.problem import HttpError
from llmos.backend.proposal import Proposal
from llmos.backend.replies import fingerprint
from llmos.backend.request import body_shape
from llmos.backend.routes import Route, Rules
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.contracts import Json
from llmos.errors import HandlerError
from llmos.kernel.app import App
from llmos.state.store import AppState

HOT = 2  # interpreted requests after which a route is worth compiling
MAX_STUMBLES = 3  # among its last LAST answers
LAST = 30


@dataclass
class Uses:
    """Since the site was opened."""

    hits: int = 0
    stumbles: int = 0
    interpreted: int = 0
    shadowed: int = 0
    differed: int = 0


class CompiledRoutes:
    """Implements `Handlers` of the backend."""

    def __init__(
        self,
        state: AppState,
        shapes: dict[str, Shape],
        shelf: Shelf,
        editions: dict[str, str],
        on_hot: Callable[[Route], None] = lambda route: None,
        on_answered: Callable[[], None] = lambda: None,
        tell: Callable[[str, dict[str, Json]], None] = lambda kind, data: None,
    ) -> None:
        """`editions` says of each route what it is made from; a handler made from anything else does not run.

        `on_hot` is told of a route that is asked for again and again, `on_answered` that a handler answered, and
        `tell(kind, data)` what becomes of handlers.
        """
        self.sandbox = Sandbox()
        self.shelf = shelf
        self.uses: dict[str, Uses] = {name: Uses() for name in editions}
        self._last: dict[str, deque[bool]] = {name: deque(maxlen=LAST) for name in editions}  # whether it could answer
        self._state = state
        self._shapes = shapes
        self.editions = editions
        self._tell = tell
        self._on_hot = on_hot
        self._on_answered = on_answered
        self.answered: dict[str, tuple[Asked, int]] = {}  # by route, the last one and the version it was decided on
        self._handlers: dict[str, Handler | None] = {}
        self.last_asked = 0.0

    def handler(self, route: Route) -> Handler | None:
        if route.name not in self._handlers:
            self._handlers[route.name] = self.shelf.live(route, self.editions[route.name])
        return self._handlers[route.name]

    def propose(self, asked: Asked) -> Proposal | None:
        handler = self.handler(asked.route)
        if handler is None or _unknown_fields(asked, self._shapes):
            return None  # what no handler was made for is no fault of this one
        proposal = propose(self.sandbox, handler, asked, self._state, self._shapes)
        self.uses[asked.route.name].hits += 1
        self._last[asked.route.name].append(True)
        self.last_asked = time.monotonic()
        self.answered[asked.route.name] = (asked, proposal.base_version)
        self._on_answered()
        return proposal

    def stumbled(self, asked: Asked, error: str) -> None:
        name = asked.route.name
        uses = self.uses[name]
        uses.stumbles += 1
        self._last[name].append(False)
        if self._last[name].count(False) >= MAX_STUMBLES:
            self.shelf.demote(name, error)
            self._tell("backend.demoted", {"route": name, "reason": error})
            self.forget(name)

    def interpreted(self, asked: Asked) -> None:
        self.last_asked = time.monotonic()
        uses = self.uses[asked.route.name]
        uses.interpreted += 1
        if uses.interpreted >= HOT and self.handler(asked.route) is None:
            self._on_hot(asked.route)

    def was_tried(self, route: Route) -> bool:
        """Whether this edition of the route was compiled before, whatever came of it."""
        entry = self.shelf.entry(route.name)
        return entry is not None and entry.edition == self.editions[route.name]

    def index(self, handler: Handler) -> None:
        """Let what the handler searches for cost what it finds, however much is stored."""
        for collection, field in fields_searched(handler):
            if collection in self._shapes and field in self._shapes[collection].fields:
                self._state.index(collection, field)

    def forget(self, route: str) -> None:
        """Look at the shelf again."""
        self._handlers.pop(route, None)
        self._last[route].clear()

    def close(self) -> None:
        self.sandbox.close()


def propose(sandbox: Sandbox, handler: Handler, asked: Asked, state: AppState, shapes: dict[str, Shape]) -> Proposal:
    """What a handler answers on this state. Raises HandlerError."""
    if unknown := _unknown_fields(asked, shapes):
        raise HandlerError(f"The body has {', '.join(sorted(unknown))}, which schema.json does not know.")
    view = View(Scoped(state, shapes, asked.user), shapes, asked.now, asked.base)
    is_part = narrow(view, handler, asked.page, shapes)
    outcome = run_handler(sandbox, handler, asked, view, shapes)
    error = outcome.body if outcome.status >= 400 else None
    return Proposal(outcome.status, outcome.patch, lambda: outcome.body, state.version, handler.digest, error, is_part)


def editions(app: App, rules: Rules, examples: list[Example]) -> dict[str, str]:
    """For each route the digest of all that a handler of it is made from. `rules` are `rules_of(app)`."""
    assert all(route.user == app.http.users for route in rules.routes), "rules without users, of an app that has some"
    return {route.name: _edition(app, rules, route, examples) for route in rules.routes}


def examples_of(route: Route, rules: Rules, examples: list[Example]) -> list[Example]:
    """Those that ask this route alone: in a sequence, other routes answer as well."""
    return [example for example in examples if len(example.steps) == 1 and _is_for(route, rules, example)]


def _edition(app: App, rules: Rules, route: Route, examples: list[Example]) -> str:
    asked = [step for example in examples_of(route, rules, examples) for step in example.steps]
    shown: Json = [step.model_dump(mode="json") for step in asked]
    made_from = [rules.introduction, route.name, *route.query, route.rule, json.dumps([app.state_schema, shown])]
    looked_up = [app.lookups[name].model_dump_json() for name in route.lookups]
    return fingerprint(*made_from, app.invariants.model_dump_json(), *(["user"] if route.user else []), *looked_up)


def _is_for(route: Route, rules: Rules, example: Example) -> bool:
    try:
        return rules.match(example.request.method, example.request.path).route == route
    except HttpError:
        return False


def _unknown_fields(asked: Asked, shapes: dict[str, Shape]) -> set[str]:
    shape = body_shape(asked.route, shapes)
    if shape is None or shape.closed or not shape.fields:
        return set()
    return asked.body.keys() - shape.fields.keys()
