"""A request that was read: what the model, or a handler, is asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from llmos.backend.pages import Page
from llmos.backend.routes import Match, Route
from llmos.backend.shape import Problem
from llmos.contracts import Json


@dataclass(frozen=True)
class Asked:
    """`body` is as the schema types it, `problems` are where it does not fit. `now` is the request's time (UTC), `base`
    the address that the client called, without a path. `user` is who asks, None where an app has no users. `found` is
    what was looked up for it, by name, and `looked_up` with which arguments.
    """

    path: str
    match: Match
    query: dict[str, str]
    body: dict[str, Json]
    problems: tuple[Problem, ...]
    now: str
    base: str = ""
    user: str | None = None
    files: frozenset[str] | None = None  # those that came with it, by their hash; None where nobody need know
    page: Page | None = None  # of a list, what is told of it; who answers may tell it all
    found: dict[str, Json] = field(default_factory=dict)
    looked_up: dict[str, dict[str, Json]] = field(default_factory=dict)

    @property
    def route(self) -> Route:
        return self.match.route

    @property
    def reading(self) -> bool:
        return self.route.method == "GET"
