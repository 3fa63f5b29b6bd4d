"""An app as an HTTP backend: a request is answered by the model, checked by code, and committed as one transaction.

What a compiled handler of a route would answer, it would answer in place of `Backend._think`.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from llmos.backend.answer import Answer, parse_answer
from llmos.backend.body import parse_body
from llmos.backend.grammar import answer_schema
from llmos.backend.problem import HttpError, Response
from llmos.backend.prompt import correction, messages
from llmos.backend.references import RESERVED, Read, reader, resolve
from llmos.backend.replies import Replies, fingerprint
from llmos.backend.routes import READING, Match, parse_rules
from llmos.backend.shape import Shape
from llmos.backend.window import Window, look, shown, target_of
from llmos.contracts import ChatRequest, Json, Message
from llmos.errors import (
    AnswerError,
    AppError,
    Conflict,
    ContextFull,
    EngineBusy,
    EngineError,
    EngineUnavailable,
    PatchError,
    SchemaMismatch,
    StateError,
)
from llmos.kernel.app import App
from llmos.state.store import AppState

ATTEMPTS = 2
MAX_WAITING_WRITES = 64
MAX_CACHED_READS = 128
MAX_CONFLICTS = 3
MAX_PATH_CHARS = 500
MAX_SHOWN_CHARS = 6000
RETRY_AFTER_S = "5"
UNFOUNDED = "Nothing is missing or empty and every field fits; what the texts say is no reason to refuse."

Think = Callable[[ChatRequest], Awaitable[str]]
Record = Callable[[str, dict[str, Json]], object]
Transaction = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Request:
    """`path` is decoded; names in `headers` are lower case."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    content_type: str = ""

    @property
    def fingerprint(self) -> str:
        query = json.dumps(sorted(self.query.items()))
        return fingerprint(self.method, self.path, query, self.content_type.partition(";")[0], self.body)


class Backend:
    """The backend of one app. Reads run side by side; writes run one after the other."""

    def __init__(self, app: App, state: AppState, think: Think, record: Record, transaction: Transaction) -> None:
        """`record(kind, data)` appends to the journal; inside `transaction()` it is durable with the commit.

        Raises AppError when prompt.md or schema.json cannot be those of a backend.
        """
        self._app = app
        self._state = state
        self._think = think
        self._record = record
        self._transaction = transaction
        self._rules = parse_rules(app.prompt)
        self._shapes = {name: Shape(name, state.schema) for name in state.schema.collections}
        if reserved := RESERVED & state.schema.source["properties"].keys():
            raise AppError(f"schema.json must not call anything {reserved.pop()!r}: that name is the request's.")
        self._edition = fingerprint(app.prompt, json.dumps(app.state_schema))[:8]
        self._replies = Replies(state.db, app.name)
        self._reads: OrderedDict[tuple[int, str], Response] = OrderedDict()
        self._writing = asyncio.Lock()
        self._num_waiting = 0

    async def handle(self, request: Request) -> Response:
        """Answer a request. Every refusal and failure is a problem document; then nothing has changed."""
        try:
            return await self._handle(request)
        except HttpError as refusal:
            return refusal.response()
        except EngineBusy as error:
            return HttpError(429, str(error), {"Retry-After": str(error.retry_after)}).response()
        except EngineUnavailable as error:
            return HttpError(503, str(error), {"Retry-After": RETRY_AFTER_S}).response()
        except ContextFull:
            return HttpError(413, "The request is larger than the model can read at once; send less.").response()
        except EngineError as error:
            return HttpError(502, str(error)).response()
        except StateError as error:
            return HttpError(500, str(error)).response()

    async def _handle(self, request: Request) -> Response:
        _check_address(request)
        if request.method == "OPTIONS" and (allowed := self._rules.allowed(request.path)):
            return Response(204, {"Allow": ", ".join(allowed)})
        match = self._rules.match(request.method, request.path)
        if request.method in READING:
            response = await self._read(request, match)
            return replace(response, body=b"") if request.method == "HEAD" else response
        return await self._write(request, match)

    async def _read(self, request: Request, match: Match) -> Response:
        etag = self._etag(self._state.version)
        if etag in request.headers.get("if-none-match", ""):
            return Response(304, {"ETag": etag}, version=self._state.version)
        question = json.dumps([request.path, sorted(request.query.items())])
        cached = self._reads.get((self._state.version, question))
        if cached is not None:
            return cached
        response = await self._answer(request, match, {})
        if response.status < 500 and response.version is not None:
            self._reads[response.version, question] = response
            if len(self._reads) > MAX_CACHED_READS:
                self._reads.popitem(last=False)
        return response

    async def _write(self, request: Request, match: Match) -> Response:
        body = self._body(request, match)
        if self._num_waiting >= MAX_WAITING_WRITES:
            raise HttpError(
                503, f"{self._num_waiting} changes are waiting; try again soon.", {"Retry-After": RETRY_AFTER_S}
            )
        self._num_waiting += 1
        try:
            async with self._writing:
                key = request.headers.get("idempotency-key")
                if key is not None and (known := self._replies.find(key, request.fingerprint)):
                    return known
                return await self._answer(request, match, body)
        finally:
            self._num_waiting -= 1

    def _body(self, request: Request, match: Match) -> dict[str, Json]:
        body = parse_body(request.body, request.content_type)
        target = target_of(match, self._shapes)
        body = self._shapes[target].coerced(body) if target else body
        if len(shown(body)) > MAX_SHOWN_CHARS:
            raise HttpError(413, "The body has more fields than the model can read at once; send fewer.")
        return body

    async def _answer(self, request: Request, match: Match, body: dict[str, Json]) -> Response:
        for _ in range(MAX_CONFLICTS):
            try:
                return await self._interpret(request, match, body)
            except Conflict:
                continue  # something else was committed while the model thought: it must think again
        raise HttpError(503, "The state keeps changing; try again soon.", {"Retry-After": RETRY_AFTER_S})

    async def _interpret(self, request: Request, match: Match, body: dict[str, Json]) -> Response:
        """Ask the model, and once more when its answer cannot be used. Raises Conflict, HttpError."""
        corrected: tuple[Message, ...] = ()
        for _ in range(ATTEMPTS):
            with self._state.db.atomic():
                window = look(self._state, self._shapes, match, body, request.query, request.path)
            schema = answer_schema(match.route, window, self._shapes, self._state.schema)
            text = await self._think(self._question(match, window, schema, corrected))
            try:
                return self._settle(request, window, text, schema, reconsidered=bool(corrected))
            except (AnswerError, PatchError, SchemaMismatch) as error:
                corrected, problem = correction(text, str(error)), str(error)
        raise HttpError(502, f"The model gave no usable answer, and nothing was changed: {problem}")

    def _question(self, match: Match, window: Window, schema: Json, corrected: tuple[Message, ...]) -> ChatRequest:
        told = messages(self._rules, match.route, self._shapes, window)
        settings = self._app.model
        return ChatRequest(
            (*told, *corrected), max_tokens=settings.max_tokens, temperature=settings.temperature, schema=schema
        )

    def _settle(self, request: Request, window: Window, text: str, schema: Json, *, reconsidered: bool) -> Response:
        """Check, commit, record and keep the reply: all of it or nothing."""
        read = reader(window, self._shapes, self._state.get)
        with self._transaction():
            answer = parse_answer(text, schema, window, read)
            if answer.status == 422 and window.fits and not reconsidered:
                raise AnswerError(UNFOUNDED)
            cause = {"method": window.method, "path": window.path, "status": answer.status}
            commit = self._state.commit(answer.patch, window.version, cause=cause) if answer.patch else None
            if commit is not None:
                self._record("state.commit", {"version": commit.version, "patch": commit.patch, **cause})
            response = self._response(window, answer, read)
            self._record("http.answer", {**cause, "version": response.version})
            key = None if window.reading else request.headers.get("idempotency-key")
            if key is not None:
                self._replies.keep(key, request.fingerprint, response)
        return response

    def _response(self, window: Window, answer: Answer, read: Read) -> Response:
        # a read was decided on its window: its tag must not vouch for what was committed since
        version = window.version if window.reading else self._state.version
        if answer.error is not None:
            errors = [{"name": problem.name, "detail": str(problem)} for problem in window.problems]
            return replace(HttpError(answer.status, answer.error, errors=errors).response(), version=version)
        headers = {"ETag": self._etag(version)}
        if answer.status == 201 and (location := _location(window, answer)):
            headers["Location"] = location
        if answer.status == 204:
            return Response(204, headers, version=version)
        body = json.dumps(resolve(answer.body, read), ensure_ascii=False).encode()
        return Response(answer.status, {"Content-Type": "application/json", **headers}, body, version)

    def _etag(self, version: int) -> str:
        return f'"{version}-{self._edition}"'


def _location(window: Window, answer: Answer) -> str | None:
    """Where the one document that was added is read."""
    added = [op["path"] for op in answer.patch if op["op"] == "add" and op["path"].startswith(f"{window.path}/")]
    return quote(added[0]) if len(added) == 1 else None


def _check_address(request: Request) -> None:
    if len(request.path) > MAX_PATH_CHARS or len(shown(request.query)) > MAX_SHOWN_CHARS:
        raise HttpError(414, "The address is longer than the model can read at once; shorten it.")
    if not request.path.isprintable():
        raise HttpError(400, "The path holds characters that cannot be printed.")
