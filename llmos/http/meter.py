"""Counts a site's requests and writes each down: for Prometheus, and as one JSON line in the log folder.

A line tells the method, path, status, time and client's address. Queries, headers and bodies are never written.
"""

import json
import logging
import logging.handlers
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llmos.backend.problem import HttpError
from llmos.backend.routes import METHODS, RESERVED_PATHS, rules_of
from llmos.kernel.app import App

OTHER = "other"  # a file, or what nothing is served at; the status tells which
BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)  # seconds; a model takes some
MAX_LOG_BYTES = 10 * 2**20
MAX_PATH_CHARS = 500
_KNOWN_METHODS = frozenset({*METHODS, "HEAD", "OPTIONS"})


class RequestLog:
    """A file of JSON lines, a new one every few megabytes; the last three are kept."""

    def __init__(self, path: Path, max_bytes: int = MAX_LOG_BYTES) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=max_bytes, backupCount=3, encoding="utf-8", delay=True
        )

    def write(self, **line: str | float) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        text = json.dumps({"at": at, **line})
        self._handler.handle(logging.makeLogRecord({"msg": text}))

    def close(self) -> None:
        self._handler.close()


class Meter:
    """One site's numbers. Labels are route patterns, never paths, so that no client can make them many."""

    def __init__(self, app: App, version: Callable[[], int], log: RequestLog) -> None:
        self.registry = CollectorRegistry()
        self._app = app.name
        self._rules = rules_of(app)
        self._log = log
        self._requests = Counter(
            "llmos_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "llmos_http_request_seconds",
            "From a request to the start of its answer.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        Gauge("llmos_state_version", "The newest version of the app's state.", registry=self.registry).set_function(
            version
        )
        self.registry.register(_Commits(version))

    def count(self, method: str, path: str, status: int, seconds: float, client: str) -> None:
        route = self.route(method, path)
        label = method if method in _KNOWN_METHODS else OTHER
        self._requests.labels(label, route, str(status)).inc()
        self._seconds.labels(label, route).observe(seconds)
        self._log.write(
            app=self._app,
            method=method[:20],
            path=path[:MAX_PATH_CHARS],
            status=status,
            ms=round(seconds * 1000, 1),
            client=client,
        )

    def route(self, method: str, path: str) -> str:
        """The pattern that a path falls under."""
        first = f"/{path.strip('/').partition('/')[0]}"
        if first in RESERVED_PATHS:
            return first
        try:
            return self._rules.match(method, path).route.path
        except HttpError:
            return next((route.path for route in self._rules.routes if route.match(path) is not None), OTHER)


class Metered:
    """ASGI middleware around everything else of a site, so that refusals are counted as well."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self._app = app
        self._meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun, client = time.monotonic(), (scope.get("client") or ("",))[0]

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                spent = time.monotonic() - begun
                self._meter.count(scope["method"], scope["path"], message["status"], spent, client)
            await send(message)

        return await self._app(scope, receive, watched)


class _Commits:
    """Versions are counted by commits, so the newest one is how many there were."""

    def __init__(self, version: Callable[[], int]) -> None:
        self._version = version

    def collect(self) -> Iterator[CounterMetricFamily]:
        yield CounterMetricFamily("llmos_state_commits", "Commits of the app's state.", value=self._version())
