"""The same calls answered in four ways by the same engine, judged call by call against a reference written by hand.

(i) the backend-GPT protocol, (ii) interpreted: no handlers, (iii) reads that were answered before, (iv) compiled. After
a call that left a wrong state the right one is put back, so that each call is judged by itself.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from llmos.backend.backend import Backend
from llmos.backend.request import Request
from llmos.bench.backend.baseline import UNREAD, Baseline
from llmos.bench.backend.figures import percentiles
from llmos.bench.backend.generator import from_outside
from llmos.bench.backend.inside import Inside, inside
from llmos.bench.backend.mixed import mixed
from llmos.bench.backend.reference import BASE, Call, Reference, plain, reference
from llmos.bench.backend.scripts import CREATED, CRUD, FIRST, READS, TOGETHER, together
from llmos.bench.lent import Lent
from llmos.contracts import ChatRequest, Chunk, Engine, Json
from llmos.errors import LlmosError
from llmos.http.sites import Sites

APPS = ("todo", "bank", "notes", "shop", "chess", "guestbook")
COUNTS = ("asked_again", "unread", "wrong_statuses", "wrong_bodies", "wrong_states")


class Subject(Protocol):
    """Something that answers calls."""

    async def ask(self, call: Call) -> tuple[int, Json]: ...

    def state(self) -> Json: ...

    def store(self, state: dict[str, Json], next_ids: dict[str, int]) -> dict[str, int]:
        """Let this be the state; returns the next ids that hold then."""
        ...


@dataclass
class Figures:
    """`asked_again` counts answers that the model was shown with their error."""

    milliseconds: list[float] = field(default_factory=list)
    tokens: int = 0
    asked_again: int = 0
    unread: int = 0
    wrong_statuses: int = 0
    wrong_bodies: int = 0
    wrong_states: int = 0

    def told(self) -> Json:
        calls = len(self.milliseconds)
        return {
            "calls": calls,
            "ms": percentiles(self.milliseconds),
            "tokens_a_call": round(self.tokens / calls, 1) if calls else 0.0,
            **{name: getattr(self, name) for name in COUNTS},
        }


class Counted(Lent):
    """An engine whose answers and their tokens are counted."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.tokens = self.answers = 0
        self._engine = engine
        self.stream = self._counted

    async def _counted(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        self.answers += 1
        async with aclosing(self._engine.stream(request)) as chunks:
            async for chunk in chunks:
                self.tokens += chunk.usage.completion_tokens if chunk.usage else 0
                yield chunk


class Llmos:
    """An app's backend as a subject."""

    def __init__(self, app: Inside, backend: Backend) -> None:
        self._app, self._backend = app, backend

    async def ask(self, call: Call) -> tuple[int, Json]:
        answer = await self._backend.handle(request_of(call))
        return answer.status, json.loads(answer.body) if answer.body and answer.status < 400 else None

    def state(self) -> Json:
        return self._app.state.get("")

    def store(self, state: dict[str, Json], next_ids: dict[str, int]) -> dict[str, int]:
        self._app.store(json.loads(json.dumps(state).replace('"..."', '"2026-01-02T03:04:05Z"')))
        return {name: int(self._app.state.next_id(name)) for name in next_ids}


@dataclass(frozen=True)
class Limits:
    """Of a mixed load: calls of a fast mode; seconds after which one that asks the model makes no more."""

    calls: int
    seconds: float
    seed: int


async def bench_modes(
    engine: Engine, folder: Path, limits: Limits, progress: Callable[[str], None], apps: tuple[str, ...] = APPS
) -> Json:
    """Every app in every mode; each in a state folder of its own."""
    return {
        "model": (await engine.info()).model,
        "together": TOGETHER,
        "apps": {app: await _one_app(engine, folder / app, app, limits, progress) for app in apps},
    }


async def _one_app(engine: Engine, folder: Path, app: str, limits: Limits, progress: Callable[[str], None]) -> Json:
    counted = Counted(engine)
    async with inside(folder / "interpreted", app, counted) as bare:
        progress(f"{app}: whole state in, whole state out")
        schema = json.dumps(bare.app.state_schema["properties"])
        baseline = Baseline(counted, f"{bare.app.prompt}\n\nThe database state has: {schema}")
        rows = {"baseline": await measured(baseline, app, limits, counted)}
        progress(f"{app}: interpreted")
        subject = Llmos(bare, bare.backend(compiled=False))
        rows["interpreted"] = await measured(subject, app, limits, counted)
        progress(f"{app}: cached reads")
        rows["cached"] = await _cached(subject, app, limits.calls)
    async with inside(folder / "compiled", app, counted) as whole:
        progress(f"{app}: compiling")
        failed = await _compile(whole)
        progress(f"{app}: compiled")
        rows["compiled"] = await _compiled(whole, app, limits, counted)
    return {"not_compiled": failed, **rows}


async def measured(subject: Subject, app: str, limits: Limits, counted: Counted) -> Json:
    """The script, the mixed load, and writes that are sent together."""
    store = _fresh(subject, app, [])
    script = await _judged(subject, store, iter(CRUD[app]), len(CRUD[app]), counted)
    store = _fresh(subject, app, FIRST[app])
    ends = time.monotonic() + limits.seconds
    load = await _judged(subject, store, mixed(app, store, limits.seed), limits.calls, counted, ends)
    return {"crud": script.told(), "mixed": load.told(), "lost_updates": await _lost(subject, app)}


async def _judged(
    subject: Subject, store: Reference, calls: Iterator[Call], most: int, counted: Counted, ends: float = float("inf")
) -> Figures:
    figures = Figures()
    while len(figures.milliseconds) < most and time.monotonic() < ends:
        call = next(calls)
        tokens, answers, began = counted.tokens, counted.answers, time.perf_counter()
        status, body = await subject.ask(call)
        figures.milliseconds.append((time.perf_counter() - began) * 1000)
        figures.tokens += counted.tokens - tokens
        figures.asked_again += max(0, counted.answers - answers - 1)
        _judge(subject, store, call, (status, body), figures)
    return figures


def _judge(subject: Subject, store: Reference, call: Call, answer: tuple[int, Json], figures: Figures) -> None:
    status, body = answer
    right_status, right_body = store.answer(call)
    figures.unread += status == UNREAD
    if status != right_status:
        figures.wrong_statuses += 1
    elif status < 400 and plain(body) != plain(right_body):
        figures.wrong_bodies += 1
    if plain(subject.state()) != plain(store.state):
        figures.wrong_states += 1
        store.next_ids = subject.store(store.state, store.next_ids)


def _fresh(subject: Subject, app: str, first: list[Call]) -> Reference:
    """A reference that made these calls, and the subject in the same state."""
    store = reference(app)
    for call in first:
        store.answer(call)
    store.next_ids = subject.store(store.state, store.next_ids)
    return store


async def _lost(subject: Subject, app: str) -> Json:
    """Writes sent at the same time: how many were acknowledged, and how many of those are not stored."""
    _fresh(subject, app, FIRST[app])
    before = subject.state()
    answers = await asyncio.gather(*(subject.ask(call) for call in together(app)))
    acknowledged = sum(status < 300 for status, _ in answers)
    return {"acknowledged": acknowledged, "lost": acknowledged - _made(before, subject.state(), CREATED[app])}


def _made(before: Json, after: Json, collection: str) -> int:
    """How many documents there are that were not there before."""
    stored = after.get(collection) if isinstance(after, dict) else None
    return len(stored.keys() - before[collection].keys()) if isinstance(stored, dict) else 0


async def _cached(subject: Llmos, app: str, calls: int) -> Json:
    """Reads whose answers are known; the first time each is asked is not measured."""
    _fresh(subject, app, FIRST[app])
    figures = Figures()
    for read in READS[app]:
        await subject.ask(read)
    for number in range(calls):
        began = time.perf_counter()
        await subject.ask(READS[app][number % len(READS[app])])
        figures.milliseconds.append((time.perf_counter() - began) * 1000)
    return {"reads": {"calls": calls, "ms": percentiles(figures.milliseconds)}}


async def _compile(app: Inside) -> list[str]:
    """The routes that could not be compiled."""
    routes = [route.name for route in app.workshop.bench(app.app).rules.routes]
    return [name for name in routes if (await app.workshop.compile(app.app, name)).standing != "live"]


async def _compiled(app: Inside, name: str, limits: Limits, counted: Counted) -> Json:
    subject = Llmos(app, app.backend(compiled=True))
    row = await measured(subject, name, Limits(limits.calls, float("inf"), limits.seed), counted)
    return {**row, "http": await _over_http(app, subject, name, limits)}


async def _over_http(app: Inside, subject: Llmos, name: str, limits: Limits) -> Json:
    """The mixed load once more, one call after the other over a socket, sent by another process."""
    store = _fresh(subject, name, FIRST[name])
    source = mixed(name, store, limits.seed)
    requests = []
    for _ in range(limits.calls):
        call = next(source)
        store.answer(call)
        requests.append({"method": call.method, "path": _address(call), "body": call.body})
    sites = Sites(app.kernel)
    try:
        opened = await sites.open(name, port=0)
        _, answers = await asyncio.to_thread(from_outside, "127.0.0.1", opened.listener.port, requests, 1)
    finally:
        await sites.shutdown()
    if any(answer.status == 0 or answer.status >= 500 for answer in answers):
        raise LlmosError(f"{name} failed over HTTP; run the benchmark again.")
    return {"calls": len(answers), "ms": percentiles([answer.milliseconds for answer in answers])}


def request_of(call: Call) -> Request:
    """The call as a backend meets it."""
    body = b"" if call.body is None else json.dumps(call.body).encode()
    kind = "application/json" if body else ""
    return Request(call.method, call.path, dict(call.query), body=body, content_type=kind, base=BASE)


def _address(call: Call) -> str:
    return f"{call.path}?{urlencode(call.query)}" if call.query else call.path
