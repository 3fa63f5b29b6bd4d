"""One request through one handler: what it is called with, and what its answer may be."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from llmos.backend.asked import Asked
from llmos.backend.compile.sandbox import Sandbox
from llmos.backend.compile.source import READS, WRITES, Handler
from llmos.backend.compile.view import View, typed_id
from llmos.backend.request import body_shape
from llmos.backend.routes import Route, is_parameter, sends
from llmos.backend.shape import Shape
from llmos.backend.window import target_of
from llmos.contracts import Json
from llmos.errors import HandlerError
from llmos.state.patch import Patch

_Part = tuple[Literal["path", "query", "user", "body", "found"], str]


@dataclass(frozen=True)
class Outcome:
    """What a handler answers and would change. A refusal changes nothing, and its body is the reason."""

    status: int
    body: Json
    patch: Patch


def parameters(route: Route) -> tuple[str, ...]:
    """The handler's, in order: of the path, declared ones of the query, the user, the body, what is looked up."""
    return tuple(_spellings(route).values())


def run_handler(sandbox: Sandbox, handler: Handler, asked: Asked, view: View, shapes: dict[str, Shape]) -> Outcome:
    """Raises HandlerError when it fails, or answers what the rule does not name."""
    functions = view.functions(reading=asked.reading)
    status, body = sandbox.call(handler, arguments(asked, shapes), functions)
    if status not in asked.route.statuses:
        raise HandlerError(f"The handler answered {status}, which the rule of {asked.route.name} does not name.")
    if status >= 400:
        return Outcome(status, _reason(body), [])
    return Outcome(status, None if status == 204 else body, view.patch)


def arguments(asked: Asked, shapes: dict[str, Shape]) -> dict[str, Json]:
    """Ids as numbers where the schema has numbers, what a client may set of the body, None for a query not given."""
    route, found = asked.route, asked.match.parameters
    target = shapes.get(target_of(route, shapes) or "")
    query: dict[str, Json] = {name: asked.query[name] for name in route.query if name in asked.query}
    typed = target.coerced(query) if target else query
    given: dict[_Part, Json] = {("query", name): typed.get(name) for name in route.query}
    for before, segment in pairwise(["", *route.segments]):
        if is_parameter(segment):
            name = segment[1:-1]
            given["path", name] = typed_id(shapes[before], found[name]) if before in shapes else found[name]
    if route.user:
        given["user", ""] = asked.user
    if sends(route.method):
        shape = body_shape(route, shapes)
        given["body", ""] = _body(asked, shape)
    given |= {("found", name): asked.found.get(name) for name in route.lookups}
    return {spelled: given[part] for part, spelled in _spellings(route).items()}


def _spellings(route: Route) -> dict[_Part, str]:
    """Each part of a request under a name that Python takes, that no function has, and no other part."""
    parts: list[_Part] = [("path", segment[1:-1]) for segment in route.segments if is_parameter(segment)]
    parts += [("query", name) for name in route.query]
    parts += [("user", "")] if route.user else []
    parts += [("body", "")] if sends(route.method) else []
    parts += [("found", name) for name in route.lookups]
    fixed = {kind for kind, _ in parts if kind in ("user", "body")}
    taken = READS | WRITES | fixed
    spelled: dict[_Part, str] = {}
    for kind, name in dict.fromkeys(parts):
        safe = kind if kind in fixed else _spelled(name)
        while kind not in fixed and (safe in taken or safe in spelled.values()):
            safe += "_"
        spelled[kind, name] = safe
    return spelled


def _body(asked: Asked, shape: Shape | None) -> dict[str, Json]:
    """What a client may set; what becomes a new document has the defaults of what was left out."""
    if shape is None:
        return asked.body
    is_new = asked.route.method == "POST" and asked.route.segments[-1:] == [shape.collection]
    return shape.settable(shape.filled(asked.body) if is_new else asked.body)


def _spelled(name: str) -> str:
    """A parameter's name as Python takes it."""
    safe = "".join(char if char.isascii() and char.isalnum() else "_" for char in name) or "_"
    safe = f"_{safe}" if safe[0].isdigit() else safe
    return f"{safe}_" if keyword.iskeyword(safe) else safe


def _reason(body: Json) -> str:
    if isinstance(body, dict):
        body = body.get("error") or body.get("detail") or body.get("message")
    return str(body) if body else "The request cannot be answered as it is."
