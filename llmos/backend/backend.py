"""An app as an HTTP backend. A request is answered by a handler or by the model, checked, and committed as one
transaction with its record; every refusal and failure is a problem document, and then nothing has changed.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Protocol
from urllib.parse import quote

from llmos.backend.asked import Asked
from llmos.backend.files import Files
from llmos.backend.interpret import Interpreter, Think
from llmos.backend.invariants import Invariants
from llmos.backend.lookups import CallTool, Lookups
from llmos.backend.pages import Page, Pages
from llmos.backend.preconditions import names
from llmos.backend.problem import HttpError, Response
from llmos.backend.proposal import Proposal
from llmos.backend.references import RESERVED
from llmos.backend.replies import Replies, fingerprint
from llmos.backend.request import Reader, Request
from llmos.backend.routes import Match, rules_of
from llmos.backend.scope import Scoped, check_users
from llmos.backend.shape import Shape
from llmos.contracts import Json
from llmos.errors import (
    AppError,
    Conflict,
    ContextFull,
    EngineBusy,
    EngineError,
    EngineUnavailable,
    HandlerError,
    InvariantBroken,
    PatchError,
    SchemaMismatch,
    StateError,
    StorageFull,
)
from llmos.kernel.app import App
from llmos.kernel.blobs import Blobs
from llmos.state.store import AppState

MAX_WAITING_WRITES = 64
MAX_CACHED_READS = 128
MAX_CONFLICTS = 3
LARGE_BYTES = 64 * 1024  # of a list in memory, of which a handler may tell a page sooner
RETRY_AFTER_S = "5"
VARY = "Authorization"  # or a cache would give to one user what another got

Record = Callable[[str, dict[str, Json]], object]
Transaction = Callable[[], AbstractContextManager[object]]


class Handlers(Protocol):
    """Handlers of routes, which answer in place of the model."""

    def propose(self, asked: Asked) -> Proposal | None:
        """What the route's handler answers; None when there is none. Raises HandlerError when it cannot."""
        ...

    def stumbled(self, asked: Asked, error: str) -> None:
        """Its proposal could not be used; the model answers this request."""
        ...

    def interpreted(self, asked: Asked) -> None:
        """The model answered a request to this route."""
        ...


class Backend:
    """The backend of one app. Reads run side by side; writes that the model thinks about run one after the other."""

    def __init__(
        self,
        app: App,
        state: AppState,
        think: Think,
        record: Record,
        transaction: Transaction,
        handlers: Handlers | None = None,
        call: CallTool | None = None,
        blobs: Blobs | None = None,
    ) -> None:
        """`record(kind, data)` appends to the journal; inside `transaction()` it is durable with the commit.
        `call` asks a driver for what is looked up, `blobs` is where files are kept.

        Raises AppError when prompt.md, schema.json, the invariants or the lookups cannot be those of a backend.
        """
        self._state = state
        self._record = record
        self._transaction = transaction
        self._handlers = handlers
        self._rules = rules_of(app)
        self.has_users = app.http.users
        self._shapes = shapes = {name: Shape(name, state.schema) for name in state.schema.collections}
        if reserved := RESERVED & state.schema.source["properties"].keys():
            raise AppError(f"schema.json must not call anything {reserved.pop()!r}: that name is the request's.")
        check_users(app, shapes, state)
        self._reader = Reader(shapes, state)
        self.files = Files(app.http, state, shapes, self._rules, self._reader, blobs)
        self._invariants = Invariants(app.invariants, state, {route.name for route in self._rules.routes})
        self._lookups = Lookups(app, self._rules, shapes, state, call)
        self._interpreter = Interpreter(app, state, self._rules, shapes, think)
        self._pages = Pages(app.http)
        self._edition = fingerprint(app.prompt, json.dumps(app.state_schema), f"{app.http.page_size}")[:8]
        self._replies = Replies(state.db, app.name)
        self._reads: OrderedDict[tuple[int, str], Response] = OrderedDict()
        self._writing = asyncio.Lock()
        self._num_waiting = 0

    async def handle(self, request: Request) -> Response:
        """Answer a request."""
        response = await self._answer(request)
        return replace(response, headers={**response.headers, "Vary": VARY}) if self.has_users else response

    async def _answer(self, request: Request) -> Response:
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
        except StorageFull as error:
            return HttpError(507, str(error)).response()
        except StateError as error:
            return HttpError(500, str(error)).response()

    async def _handle(self, request: Request) -> Response:
        if self.has_users and request.user is None:
            raise stranger()
        request.check_address()
        if request.method == "OPTIONS" and (allowed := self._rules.allowed(request.path)):
            return Response(204, {"Allow": ", ".join(allowed)})
        match = self._rules.match(request.method, request.path)
        if request.reading:
            response = await self._read(request, match)
            return replace(response, body=b"") if request.method == "HEAD" else response
        return await self._write(request, match)

    async def _read(self, request: Request, match: Match) -> Response:
        page, query = self._pages.asked(match.route, request.query), self._pages.without(match.route, request.query)
        etag = self._etag(self._state.version, request.user)
        if names(request.headers.get("if-none-match", ""), etag, weakly=True):
            self._reader.check(self._asked(request, match))  # the version is the state's: it is no news of what is gone
            return Response(304, {"ETag": etag}, version=self._state.version)
        whole = await self._read_whole(replace(request, query=query), match, page)
        return page.cut(whole, request.path, query) if page else whole

    async def _read_whole(self, request: Request, match: Match, page: Page | None) -> Response:
        """All of it, from memory where it was read before; or of a list at least what the page needs."""
        question = json.dumps([request.user, request.base, request.path, sorted(request.query.items())])
        cached = self._reads.get((self._state.version, question))
        if cached is not None and (page is None or len(cached.body) < LARGE_BYTES):
            return cached
        asked = replace(self._asked(request, match), page=page)
        self._reader.check(asked)
        asked = await self._lookups.made(asked)
        response = await self._by_handler(request, asked) or cached or await self._by_model(request, asked)
        if response.status < 500 and response.version is not None and not response.is_part:
            self._reads[response.version, question] = response
            if len(self._reads) > MAX_CACHED_READS:
                self._reads.popitem(last=False)
        return response

    async def _write(self, request: Request, match: Match) -> Response:
        asked = self._asked(request, match)
        known = self._known(request)
        if known is not None:
            return known
        self._check(request, asked)
        asked = await self._lookups.made(asked)
        if response := await self._by_handler(request, asked):
            return response
        if self._num_waiting >= MAX_WAITING_WRITES:
            raise HttpError(
                503, f"{self._num_waiting} changes are waiting; try again soon.", {"Retry-After": RETRY_AFTER_S}
            )
        self._num_waiting += 1
        try:
            async with self._writing:
                return self._known(request) or await self._by_model(request, asked)
        finally:
            self._num_waiting -= 1

    def _asked(self, request: Request, match: Match) -> Asked:
        return self._reader.read(request, match, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def _known(self, request: Request) -> Response | None:
        """The response that this request had before, by the key that the client gave it."""
        key = request.headers.get("idempotency-key")
        return None if key is None else self._replies.find(key, request.fingerprint, request.user)

    def _check(self, request: Request, asked: Asked) -> None:
        wanted = request.headers.get("if-match")
        if wanted is not None and not names(wanted, self._etag(self._state.version, request.user), weakly=False):
            raise HttpError(412, "The state has changed since; read it again.")
        self._reader.check(asked)

    async def _by_handler(self, request: Request, asked: Asked) -> Response | None:
        """The answer of the route's handler; None when there is none, or when what it says cannot be used."""
        if self._handlers is None:
            return None
        for _ in range(MAX_CONFLICTS):
            try:
                return self._handled(request, await self._lookups.made(asked), self._handlers)
            except Conflict:
                continue
        raise _restless()

    def _handled(self, request: Request, asked: Asked, handlers: Handlers) -> Response | None:
        try:
            with self._transaction():
                proposal = handlers.propose(asked)
                return None if proposal is None else self._settle(request, asked, proposal)
        except (HandlerError, PatchError, SchemaMismatch, InvariantBroken) as error:
            handlers.stumbled(asked, str(error))
            return None

    async def _by_model(self, request: Request, asked: Asked) -> Response:
        for _ in range(MAX_CONFLICTS):
            asked = await self._lookups.made(asked)
            try:
                response = await self._interpreter.answer(asked, partial(self._settled, request, asked))
            except Conflict:
                continue  # something else was committed while the model thought: it must think again
            if self._handlers is not None:
                self._handlers.interpreted(asked)
            return response
        raise _restless()

    def _settled(self, request: Request, asked: Asked, proposal: Proposal) -> Response:
        with self._transaction():
            return self._settle(request, asked, proposal)

    def _settle(self, request: Request, asked: Asked, proposal: Proposal) -> Response:
        """Check, commit, record and keep the reply: all of it or nothing. Called in a transaction."""
        self._lookups.check(asked)
        cause = {"method": asked.route.method, "path": asked.path, "status": proposal.status}
        if asked.user is not None:
            cause["user"] = asked.user
        if proposal.patch:
            self._commit(asked, proposal, cause)
            self._keep(request)
        response = self._response(asked, proposal)
        if proposal.by == "model" or not asked.reading:
            told = {"query": asked.query, "body": asked.body, "now": asked.now, "base": asked.base, "by": proposal.by}
            decided_on = {"on": proposal.base_version, "answer": _told(response)}
            if asked.found:
                told["found"] = asked.found
            self._record("http.answer", {**cause, "version": response.version, **told, **decided_on})
        key = None if asked.reading else request.headers.get("idempotency-key")
        if key is not None:
            self._replies.keep(key, request.fingerprint, response, request.user)
        return response

    def _commit(self, asked: Asked, proposal: Proposal, cause: dict[str, Json]) -> None:
        """Raises Conflict, PatchError, SchemaMismatch, InvariantBroken; then the transaction is undone."""
        scope = Scoped(self._state, self._shapes, asked.user)
        patch = scope.stamped(proposal.patch)
        with scope.guarded(patch), self.files.guarded(asked, patch), self._invariants.kept(asked.route, patch):
            commit = self._state.commit(patch, proposal.base_version, cause=cause)
        if commit is not None:
            self._record("state.commit", {"version": commit.version, "patch": commit.patch, **cause})

    def _keep(self, request: Request) -> None:
        """The files that are referred to now; the others are discarded by who received them."""
        for digest, file in (request.upload.files if request.upload else {}).items():
            if file is not None and self._state.holders(digest):
                file.keep()

    def _response(self, asked: Asked, proposal: Proposal) -> Response:
        # a read was decided on its window: its tag must not vouch for what was committed since
        version = proposal.base_version if asked.reading else self._state.version
        if proposal.error is not None:
            errors: list[Json] = [{"name": problem.name, "detail": str(problem)} for problem in asked.problems]
            return replace(HttpError(proposal.status, proposal.error, errors=errors).response(), version=version)
        headers = {"ETag": self._etag(version, asked.user)}
        if proposal.status == 201 and (location := _location(asked, proposal)):
            headers["Location"] = location
        if proposal.status == 204:
            return Response(204, headers, version=version)
        body = json.dumps(proposal.body(), ensure_ascii=False).encode()
        headers["Content-Type"] = "application/json"
        return Response(proposal.status, headers, body, version, proposal.is_part)

    def _etag(self, version: int, user: str | None) -> str:
        edition = self._edition if user is None else fingerprint(self._edition, user)[:8]
        return f'"{version}-{edition}"'


def _restless() -> HttpError:
    return HttpError(503, "The state keeps changing; try again soon.", {"Retry-After": RETRY_AFTER_S})


def stranger() -> HttpError:
    """The refusal of a request that comes from no user of the app."""
    return HttpError(
        401, "Send a user's token: Authorization: Bearer TOKEN.", {"WWW-Authenticate": "Bearer", "Vary": VARY}
    )


def _told(response: Response) -> Json:
    return json.loads(response.body) if response.body else None


def _location(asked: Asked, proposal: Proposal) -> str | None:
    """Where the one document that was added is read."""
    added = [op["path"] for op in proposal.patch if op["op"] == "add" and op["path"].startswith(f"{asked.path}/")]
    return quote(added[0]) if len(added) == 1 else None
