"""A request as a backend meets it, and what code can tell of it before anybody thinks."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from llmos.backend.asked import Asked
from llmos.backend.body import is_form, parse_body
from llmos.backend.problem import HttpError
from llmos.backend.replies import fingerprint
from llmos.backend.routes import Match, Route, sends
from llmos.backend.scope import Scoped
from llmos.backend.shape import Problem, Shape
from llmos.backend.upload import Upload
from llmos.backend.window import named_by_path, shown, target_of
from llmos.contracts import Json
from llmos.errors import AppError
from llmos.state.files import digests
from llmos.state.pointer import join_pointer
from llmos.state.schema import StateSchema
from llmos.state.store import AppState

MAX_PATH_CHARS = 500
MAX_SHOWN_CHARS = 6000
UNSPEAKABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, halves of pairs, separators of lines and paragraphs
BAD_BODY = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST)


@dataclass(frozen=True)
class Request:
    """`path` is decoded; names in `headers` are lower case; `base` is the address that was called, without a path.

    `user` is whose token came with it; None where an app has no users, or nobody is known. `upload` is the body
    of a form with files, which was read as it came; then `body` is empty.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = ""
    base: str = ""
    user: str | None = None
    upload: Upload | None = None

    @property
    def reading(self) -> bool:
        return self.method in ("GET", "HEAD")

    @property
    def fingerprint(self) -> str:
        query = json.dumps(sorted(self.query.items()))
        by = [] if self.user is None else [self.user]
        # each sending of a form has another boundary; its fields and the hashes of its files are the same
        body = self.body if self.upload is None else json.dumps(self.upload.body, sort_keys=True)
        return fingerprint(self.method, self.path, query, self.content_type.partition(";")[0], body, *by)

    def check_address(self) -> None:
        """Raises HttpError."""
        if len(self.path) > MAX_PATH_CHARS or len(shown(self.query)) > MAX_SHOWN_CHARS:
            raise HttpError(414, "The address is longer than the model can read at once; shorten it.")
        if any(unicodedata.category(char) in UNSPEAKABLE for char in self.path):
            raise HttpError(400, "The path holds a character that ends a line or controls a terminal.")


class Reader:
    """Reads requests to one app by its schema."""

    def __init__(self, shapes: dict[str, Shape], state: AppState) -> None:
        """Raises AppError when `requests` in schema.json is no object of schemas."""
        self._shapes = shapes
        self._state = state
        self._bodies = _bodies(state.schema)

    def shape(self, route: Route) -> Shape | None:
        """What the body of a request must look like: by `requests` in schema.json, or as the documents of its path."""
        if route.name in self._bodies:
            return self._bodies[route.name]
        target = target_of(route, self._shapes)
        return self._shapes[target] if target else None

    def read(self, request: Request, match: Match, now: str) -> Asked:
        """Raises HttpError: the body is malformed, too large, or no form and no JSON."""
        route, shape = match.route, self.shape(match.route)
        body = _body(request, shape) if sends(route.method) else {}
        if len(shown(body)) > MAX_SHOWN_CHARS:
            raise HttpError(413, "The body has more fields than the model can read at once; send fewer.")
        problems = shape.problems(body, partial=route.method == "PATCH") if shape and sends(route.method) else []
        came = frozenset(request.upload.files if request.upload else ())
        return Asked(request.path, match, request.query, body, tuple(problems), now, request.base, request.user, came)

    def check(self, asked: Asked) -> None:
        """Refuse what the rule refuses and code can see: a document that is not stored, a body that does not fit.

        Raises HttpError with a status that the rule names.
        """
        statuses = asked.route.statuses
        scope = Scoped(self._state, self._shapes, asked.user)
        for collection, key in named_by_path(asked.match, self._shapes):
            # PUT may store under an id that is free, but not under another user's
            if asked.route.method == "PUT":
                is_missing = scope.is_foreign(collection, key)
            else:
                is_missing = 404 in statuses and scope.document(collection, key) is None
            if is_missing:
                raise HttpError(404, f"There is no {join_pointer([collection, key])}.")
        problems = asked.problems or tuple(self._later_problems(asked, scope))
        if problems and (status := next((status for status in BAD_BODY if status in statuses), None)):
            errors: list[Json] = [{"name": problem.name, "detail": str(problem)} for problem in problems]
            raise HttpError(int(status), f"{'; '.join(map(str, problems))}.", errors=errors)

    def _later_problems(self, asked: Asked, scope: Scoped) -> Iterator[Problem]:
        """Those that only the state shows: a change that does not go with the rest, a file that nobody sent."""
        shape = self.shape(asked.route) if sends(asked.route.method) else None
        if shape is None:
            return
        for name in shape.files & asked.body.keys():
            for digest in set(digests(asked.body[name])) - asked.files if asked.files is not None else ():
                if not any(scope.document(*place) is not None for place in self._state.holders(digest)):
                    yield Problem(name, "is no file that came with the request; send it as multipart/form-data")
        stored = _stored(asked, shape, scope) if asked.route.method == "PATCH" else None
        if stored is not None:
            yield from shape.whole_problems(stored | shape.settable(asked.body))


def _body(request: Request, shape: Shape | None) -> dict[str, Json]:
    if request.upload is not None:
        return shape.coerced(request.upload.body) if shape else request.upload.body
    body = parse_body(request.body, request.content_type)
    if shape is None:
        return body
    return shape.coerced(body) if is_form(request.content_type) else shape.typed(body)


def _stored(asked: Asked, shape: Shape, scope: Scoped) -> dict[str, Json] | None:
    """The document that a request is about."""
    named = dict(named_by_path(asked.match, {shape.collection: shape}))
    found = scope.document(shape.collection, named[shape.collection]) if shape.collection in named else None
    return found if isinstance(found, dict) else None


def body_shape(route: Route, shapes: dict[str, Shape]) -> Shape | None:
    """As `Reader.shape` says."""
    source = next(iter(shapes.values())).source if shapes else None
    part = source.source.get("requests", {}).get(route.name) if source else None
    if source is not None and part is not None:
        return Shape(route.name, source, part)
    return shapes.get(target_of(route, shapes) or "")


def _bodies(schema: StateSchema) -> dict[str, Shape]:
    requests = schema.source.get("requests", {})
    if not isinstance(requests, dict) or not all(isinstance(part, dict) for part in requests.values()):
        raise AppError('schema.json: "requests" is an object: {"POST /path": SCHEMA}.')
    return {name: Shape(name, schema, part) for name, part in requests.items()}
