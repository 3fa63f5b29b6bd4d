"""Where the routes of a kernel's backends are compiled: on request, and by itself once one is asked for again."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from llmos.backend.asked import Asked
from llmos.backend.compile.compiler import Compiler
from llmos.backend.compile.routes import CompiledRoutes, editions
from llmos.backend.compile.shadow import Shadow
from llmos.backend.compile.shelf import Entry, Shelf
from llmos.backend.compile.source import Handler
from llmos.backend.compile.trial import Verdict
from llmos.backend.examples import Example, load_examples
from llmos.backend.problem import HttpError
from llmos.backend.routes import Route, Rules, rules_of
from llmos.backend.shape import Shape
from llmos.contracts import ChatRequest, Event, Json
from llmos.errors import AppError, LlmosError, UsageError
from llmos.kernel.app import App
from llmos.kernel.calling import look_up
from llmos.kernel.kernel import Kernel
from llmos.kernel.scheduler import Priority

log = logging.getLogger(__name__)

MAX_HISTORY = 20
MAX_VERSIONS_BACK = 200  # an older state costs too much to walk back to
SERVICE = "compiler"
HOUR_SECONDS = 3600
IDLE_SECONDS = 20.0  # that an app is left alone before its routes are compiled by themselves: visitors come first


class Bench:
    """One app's routes, rules and compiler."""

    def __init__(self, workshop: Workshop, app: App, pid: int) -> None:
        kernel = workshop.kernel
        self.app = app
        self.pid = pid
        self.rules: Rules = rules_of(app)
        self._state = kernel.state(app)
        shapes = {name: Shape(name, self._state.schema) for name in self._state.schema.collections}
        shelf = Shelf(kernel.db, app.name, workshop.attested)
        examples = _examples(app)
        made_from = editions(app, self.rules, examples)
        hot = partial(workshop.schedule, self) if app.http.compile else lambda route: None
        watch = partial(workshop.watch, self) if app.http.shadow_per_hour else lambda: None
        tell = partial(workshop.told, app.name)
        self.routes = CompiledRoutes(self._state, shapes, shelf, made_from, hot, watch, tell)
        self.shadow = Shadow(app, self._state, self.rules, shapes, self.routes, workshop.think, tell)
        self._journal = kernel.journal
        self.compiler = Compiler(
            app,
            self._state,
            self.rules,
            shapes,
            self.routes,
            examples,
            workshop.think,
            self._history,
            partial(look_up, kernel, self.pid, app),
        )

    def route(self, name: str) -> Route:
        """Raises UsageError that names the routes."""
        for route in self.rules.routes:
            if route.name == name:
                return route
        known = ", ".join(route.name for route in self.rules.routes)
        raise UsageError(f"{self.app.name} has no route {name!r}; it has: {known or 'none'}.")

    def _history(self, route: Route) -> list[tuple[Asked, Json, Verdict]]:
        """What the model answered on this route lately: request, the state before, and what came of it."""
        newest = self._state.version
        found = []
        for event in self._journal.recent(self.pid, "http.answer", 10 * MAX_HISTORY):
            asked = self._remembered(event)
            if asked is not None and asked.route == route and newest - event.data["on"] <= MAX_VERSIONS_BACK:
                found.append((asked, self._state.at(event.data["on"]), self._verdict(event)))
        return found[:MAX_HISTORY]

    def _remembered(self, event: Event) -> Asked | None:
        data = event.data
        if data.get("by") != "model" or "on" not in data or data["version"] is None:
            return None
        if ("user" in data) != self.app.http.users:
            return None  # from before the app had users, or from when it had
        try:
            match = self.rules.match(data["method"], data["path"])
        except HttpError:
            return None
        asked = Asked(data["path"], match, data["query"], data["body"], (), data["now"], data["base"], data.get("user"))
        return replace(asked, found=data.get("found", {}))

    def _verdict(self, event: Event) -> Verdict:
        status = int(event.data["status"])
        return Verdict(status, event.data["answer"] if status < 400 else None, self._state.at(event.data["version"]))


class Workshop:
    """The benches of all apps of one kernel. One route is compiled at a time: others want the engine as well."""

    def __init__(self, kernel: Kernel, idle_seconds: float = IDLE_SECONDS) -> None:
        self.kernel = kernel
        self._idle_seconds = idle_seconds
        self._benches: dict[str, Bench] = {}
        self._attested: set[str] | None = None
        self._compiling = asyncio.Lock()
        self._scheduled: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._watched: dict[str, asyncio.Task[None]] = {}

    def bench(self, app: App) -> Bench:
        """The bench of an app as it is now; one that was made from another edition of it is cleared away."""
        known = self._benches.get(app.name)
        if known is not None and known.app == app and _same_examples(known, app):
            return known
        if known is not None:
            known.routes.close()
        if app.kind != "backend":
            raise UsageError(f"{app.name} is not a backend, so it has no routes; run it with `llmos run {app.name}`.")
        self.kernel.forget(app.name)
        self._benches[app.name] = Bench(self, app, self.kernel.attach(app.name).pid)
        return self._benches[app.name]

    async def compile(self, app: App, route_name: str) -> Entry:
        """Compile one route now, and put it to use when it passes. Raises AppError when an example is malformed."""
        load_examples(app.folder)
        bench = self.bench(app)
        route = bench.route(route_name)
        async with self._compiling:
            entry = await bench.compiler.compile(route)
        with self.kernel.journal.transaction():
            bench.routes.shelf.keep(entry)
            if entry.standing == "live":
                bench.routes.index(Handler(entry.source, ()))
            self.told(app.name, "backend.compiled", {"route": entry.route, "digest": entry.digest, **_short(entry)})
        if entry.standing == "live":
            self._digests().add(entry.digest)
        bench.routes.forget(route.name)
        return entry

    def settle(self, app: App, route_name: str, choice: int) -> Path:
        """Write the example that settles a dispute, answered as candidate `choice` (1 or 2) did; compile it next.

        Raises UsageError when there is no such dispute or choice, AppError when the file cannot be written.
        """
        bench = self.bench(app)
        bench.route(route_name)
        entry = bench.routes.shelf.entry(route_name)
        disputes = entry.evidence.get("disputes", []) if entry else []
        if not disputes or not 1 <= choice <= len(disputes[0]["answers"]):
            raise UsageError(f"{route_name} has no dispute with an answer {choice}; `llmos backend routes` shows them.")
        return _write_example(app, disputes[0], choice)

    def schedule(self, bench: Bench, route: Route) -> None:
        """Compile a route in the background, once for each edition of it."""
        key = (bench.app.name, route.name)
        if key not in self._scheduled and not bench.routes.was_tried(route):
            self._scheduled[key] = asyncio.create_task(self._in_background(bench, route.name, key))

    async def _in_background(self, bench: Bench, route_name: str, key: tuple[str, str]) -> None:
        app = bench.app
        try:
            await self._left_alone(bench)
            await self.compile(app, route_name)
        except LlmosError as error:
            log.warning("%s of %s was not compiled: %s", route_name, app.name, error)
        finally:
            del self._scheduled[key]

    def watch(self, bench: Bench) -> None:
        """Ask the model, too, what a handler of this app was asked; now and then, once the app is left alone."""
        if bench.app.name not in self._watched:
            self._watched[bench.app.name] = asyncio.create_task(self._shadowed(bench))

    async def _shadowed(self, bench: Bench) -> None:
        try:
            await self._left_alone(bench)
            await bench.shadow.one()
            await asyncio.sleep(HOUR_SECONDS / bench.app.http.shadow_per_hour)
        except LlmosError as error:
            log.warning("No answer of %s was compared with the model's: %s", bench.app.name, error)
        finally:
            del self._watched[bench.app.name]

    async def _left_alone(self, bench: Bench) -> None:
        idle = 0.0
        while idle < self._idle_seconds:
            await asyncio.sleep(self._idle_seconds - idle)
            idle = time.monotonic() - bench.routes.last_asked

    async def close(self) -> None:
        tasks = [*self._scheduled.values(), *self._watched.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for bench in self._benches.values():
            bench.routes.close()

    def attested(self, digest: str) -> bool:
        return digest in self._digests()

    def told(self, app: str, kind: str, data: dict[str, Json]) -> None:
        """Write into the journal what became of a handler."""
        self.kernel.record(self.kernel.service(SERVICE), kind, {"app": app, **data})

    async def think(self, request: ChatRequest) -> str:
        pid = self.kernel.service(SERVICE)
        return await self.kernel.think(pid, request, Priority.BACKGROUND, purpose="compile")

    def _digests(self) -> set[str]:
        """Of all handlers that were ever promoted here, read once from the journal."""
        if self._attested is None:
            promoted = self.kernel.journal.recent(self.kernel.service(SERVICE), "backend.compiled", -1)
            self._attested = {event.data["digest"] for event in promoted if event.data["standing"] == "live"}
        return self._attested


def _same_examples(bench: Bench, app: App) -> bool:
    return bench.routes.editions == editions(app, bench.rules, _examples(app))


def _examples(app: App) -> list[Example]:
    """None where one is malformed: that stands in the way of compiling, not of serving."""
    try:
        return load_examples(app.folder)
    except AppError as error:
        log.warning("%s", error)
        return []


def _short(entry: Entry) -> dict[str, Json]:
    evidence = {name: entry.evidence.get(name) for name in ("written", "examples", "journaled", "cases", "agreed")}
    return {"standing": entry.standing, "edition": entry.edition, "reason": entry.reason, **evidence}


def _write_example(app: App, dispute: Json, choice: int) -> Path:
    answer = dispute["answers"][choice - 1]
    expect = {name: answer[name] for name in ("status", "body", "state") if answer["status"] < 400 or name != "body"}
    folder = app.folder / "examples"
    number = next(n for n in range(1, 10_000) if not (folder / f"settled-{n}.json").exists())
    path = folder / f"settled-{number}.json"
    example = {"name": path.stem, "state": dispute["state"], "request": dispute["request"], "expect": expect}
    try:
        path.write_text(json.dumps(example, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}; write the example yourself.") from error
    return path
