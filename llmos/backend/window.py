"""What the model sees of a request and of the state: what the request names whole, of the rest a head and a count."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from llmos.backend.asked import Asked
from llmos.backend.routes import Match, Route, is_parameter, sends
from llmos.backend.scope import Scoped
from llmos.backend.shape import Problem, Shape
from llmos.contracts import Json
from llmos.state.pointer import join_pointer

HEAD_DOCUMENTS = 5
HEAD_CHARS = 600
TEXT_CHARS = 160  # of one text that is shown; the model refers to texts, it does not copy them


@dataclass(frozen=True)
class Collection:
    count: int
    next_id: str


@dataclass(frozen=True)
class Window:
    """One request against one version of the state. `named` documents are those it may change; None is not stored."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Json]
    now: str
    version: int
    collections: dict[str, Collection]
    values: dict[str, Json] = field(default_factory=dict)
    named: dict[str, Json] = field(default_factory=dict)
    head: dict[str, Json] = field(default_factory=dict)
    absent: bool = False  # the path names a document that is not stored
    problems: tuple[Problem, ...] = ()
    target: str | None = None
    base: str = ""  # the address that the client called
    words: frozenset[str] = frozenset()  # of the rule
    user: str | None = None  # who asks, in an app with users
    found: dict[str, Json] = field(default_factory=dict)  # what was looked up, by name

    @property
    def reading(self) -> bool:
        return self.method == "GET"

    @property
    def fits(self) -> bool:
        """Whether code has compared the body with the schema and found nothing wrong."""
        return self.target is not None and sends(self.method) and not self.problems

    @property
    def reachable(self) -> dict[str, Json]:
        """Documents that the answer may change: the named ones, or the head where a request names none at all."""
        stored = {pointer: document for pointer, document in self.named.items() if document is not None}
        return stored | self.head


def look(state: Scoped, shapes: dict[str, Shape], asked: Asked) -> Window:
    """Read the window of one request. Call it inside a transaction, so that it shows one version.

    The head is for requests that name nothing: beside a body, the model would judge by documents nobody asked about.
    """
    by_path = _named(state, named_by_path(asked.match, shapes))
    named = _named(state, _named_by_body(asked.body, shapes)) | by_path
    return Window(
        method=asked.route.method,
        path=asked.path,
        query=asked.query,
        body=asked.body,
        now=asked.now,
        version=state.version,
        collections={name: Collection(state.count(name), state.next_id(name)) for name in shapes},
        values={name: state.get(join_pointer([name])) for name in state.schema.values if state.has(name)},
        named=named,
        absent=None in by_path.values(),
        head={} if named or asked.body else _head(state, shapes),
        problems=asked.problems,
        target=target_of(asked.route, shapes),
        base=asked.base,
        words=frozenset(re.findall(r"\w+", asked.route.rule)),
        user=asked.user,
        found=asked.found,
    )


def shown(value: Json) -> str:
    """JSON with long texts cut short."""
    return json.dumps(_cut(value), ensure_ascii=False)


def _cut(value: Json) -> Json:
    if isinstance(value, str) and len(value) > TEXT_CHARS:
        return f"{value[:TEXT_CHARS]}... ({len(value)} characters)"
    if isinstance(value, dict):
        return {name: _cut(part) for name, part in value.items()}
    return [_cut(part) for part in value] if isinstance(value, list) else value


def target_of(route: Route, shapes: dict[str, Shape]) -> str | None:
    """The collection whose documents are the bodies of a route: its path ends in it, or in one document of it."""
    *before, last = ["", *route.segments]
    if last in shapes:
        return last
    if before and is_parameter(last) and before[-1] in shapes:
        return before[-1]
    return None


def named_by_path(match: Match, shapes: dict[str, Shape]) -> Iterator[tuple[str, str]]:
    """Every `/collection/{id}` of the path."""
    segments = match.route.segments
    for collection, segment in pairwise(segments):
        if collection in shapes and is_parameter(segment):
            yield collection, match.parameters[segment[1:-1]]


def _named_by_body(body: dict[str, Json], shapes: dict[str, Shape]) -> Iterator[tuple[str, str]]:
    """A member called as a collection's documents are: `product`, `product_id`, `productId` of `products`."""
    for name, value in body.items():
        stem = name.removesuffix("_id").removesuffix("Id")
        for collection in shapes:
            if collection in (stem, f"{stem}s", f"{stem}es") and isinstance(value, str | int):
                yield collection, str(value)


def _named(state: Scoped, names: Iterable[tuple[str, str]]) -> dict[str, Json]:
    return {join_pointer(name): state.document(*name) for name in names}


def _head(state: Scoped, shapes: dict[str, Shape]) -> dict[str, Json]:
    """The first documents of every collection, within a budget: they are the same for request after request."""
    head: dict[str, Json] = {}
    budget_chars = HEAD_CHARS
    for collection in shapes:
        for key, document in state.page(collection, HEAD_DOCUMENTS).items():
            budget_chars -= len(shown(document))
            if budget_chars < 0:
                return head
            head[join_pointer([collection, key])] = document
    return head
