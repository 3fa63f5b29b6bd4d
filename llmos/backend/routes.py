"""`prompt.md` of a backend: an introduction, then one `## METHOD /path/{id}?query` section a route."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from llmos.backend.problem import HttpError
from llmos.errors import AppError
from llmos.kernel.app import App

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
RESERVED_PATHS = ("/health", "/events", "/metrics", "/openapi.json", "/docs")  # every site answers these itself

_HEADING = re.compile(r"^## +([A-Z]+) +(/\S*)\s*$", re.MULTILINE)
_KNOWN = frozenset(int(status) for status in HTTPStatus)
_STATUS = re.compile(r"\b[2-5]\d\d\b")


@dataclass(frozen=True)
class Route:
    """One rule. A segment in braces takes any text: `/entries/{id}`."""

    method: str
    path: str
    rule: str
    query: tuple[str, ...] = ()  # what a client may ask for: `## GET /notes?q&tag`
    user: bool = False  # whether whoever asks is a user of the app
    lookups: tuple[str, ...] = ()  # what is looked up before it is answered

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def segments(self) -> list[str]:
        return _segments(self.path)

    @property
    def statuses(self) -> tuple[int, ...]:
        """The HTTP statuses that the rule names, in its order."""
        numbers = dict.fromkeys(int(number) for number in _STATUS.findall(self.rule))
        return tuple(number for number in numbers if number in _KNOWN)

    def match(self, path: str) -> dict[str, str] | None:
        """The values of the braces, or None."""
        given, wanted = _segments(path), self.segments
        if len(given) != len(wanted):
            return None
        values = {}
        for value, segment in zip(given, wanted, strict=True):
            if is_parameter(segment):
                values[segment[1:-1]] = value
            elif value != segment:
                return None
        return values


@dataclass(frozen=True)
class Match:
    route: Route
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rules:
    introduction: str
    routes: tuple[Route, ...]

    def match(self, method: str, path: str) -> Match:
        """The route of a request; plain segments win over braces. Raises HttpError: 404, or 405 with Allow."""
        matches = [Match(route, found) for route in self.routes if (found := route.match(path)) is not None]
        if not matches or self._lacks_its_id(method, path):
            raise HttpError(404, f"Nothing is served at {path}; routes: {', '.join(self._paths()) or 'none'}.")
        wanted = "GET" if method == "HEAD" else method
        fitting = [match for match in matches if match.route.method == wanted]
        if not fitting:
            allowed = ", ".join(self.allowed(path))
            raise HttpError(405, f"{path} does not take {method}; it takes {allowed}.", {"Allow": allowed})
        return min(fitting, key=lambda match: len(match.parameters))

    def _lacks_its_id(self, method: str, path: str) -> bool:
        """`/todos/` or `/todos//` with no id in between: a page that has none must not remove or change them all."""
        if "//" in path:
            return True
        return method not in ("GET", "HEAD", "POST") and path.endswith("/") and self._takes(method, f"{path}0")

    def _takes(self, method: str, path: str) -> bool:
        return any(route.method == method and route.match(path) is not None for route in self.routes)

    def allowed(self, path: str) -> list[str]:
        methods = {route.method for route in self.routes if route.match(path) is not None}
        return [*sorted(methods), *(["HEAD"] if "GET" in methods else []), "OPTIONS"] if methods else []

    def _paths(self) -> list[str]:
        return list(dict.fromkeys(route.path for route in self.routes))


def rules_of(app: App) -> Rules:
    """The rules of an app, whether its requests come from users, and what is looked up for each. Raises AppError."""
    rules = parse_rules(app.prompt, users=app.http.users)
    return replace(rules, routes=tuple(replace(route, lookups=_lookups(app, route)) for route in rules.routes))


def parse_rules(prompt: str, *, users: bool = False) -> Rules:
    """Raises AppError when a route is there twice, has a method that HTTP does not have, or a path every site has."""
    introduction, *rest = _HEADING.split(prompt)
    routes = tuple(_route(method, path, rule, users) for method, path, rule in zip(*[iter(rest)] * 3, strict=True))
    seen: set[tuple[str, str]] = set()
    for route in routes:
        if route.method not in METHODS:
            raise AppError(f"prompt.md: `## {route.method} {route.path}` must start with one of {', '.join(METHODS)}.")
        if (route.method, route.path) in seen:
            raise AppError(f"prompt.md: `## {route.method} {route.path}` stands there twice; join the two rules.")
        if f"/{next(iter(route.segments), '')}" in RESERVED_PATHS:
            raise AppError(
                f"prompt.md: `## {route.method} {route.path}` is a path that every site answers itself; "
                f"choose one that does not begin with any of {', '.join(RESERVED_PATHS)}."
            )
        if users and ("{user}" in route.segments or "user" in route.query):
            raise AppError(f"prompt.md: in `## {route.method} {route.path}` call `user` otherwise: that is who asks.")
        seen.add((route.method, route.path))
    return Rules(introduction.strip(), routes)


def _lookups(app: App, route: Route) -> tuple[str, ...]:
    return tuple(name for name, lookup in app.lookups.items() if lookup.route == route.name)


def _route(method: str, address: str, rule: str, user: bool) -> Route:
    path, _, query = address.partition("?")
    return Route(method, path, rule.strip(), tuple(name for name in query.split("&") if name), user)


def sends(method: str) -> bool:
    """Whether a request of this method has a body."""
    return method in ("POST", "PUT", "PATCH")


def is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]
