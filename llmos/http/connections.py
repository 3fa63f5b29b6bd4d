"""How one connection is waited for: not for ever, and not beside any number of others.

Covers: clients that send a request slowly or never, bodies without an end, more connections than a process can hold,
a body with two ends, behind one of which another request could hide, and what is no HTTP at all. All are refused as
everything else is, by a problem document.
Does not cover: a client that reads its answer slowly; it holds its own connection, of which there are MAX_CONNECTIONS.
"""

from __future__ import annotations

import asyncio
import sys
import time
from http import HTTPStatus

import h11
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from llmos.backend.problem import HttpError

HEAD_SECONDS = 10.0  # for a request's line and headers, from the first byte or the opening of the connection
BODY_SECONDS = 60.0  # for all of a body
LINGER_SECONDS = 5.0  # for what a client still sends after its answer: closed at once, it would not read that
MAX_CONNECTIONS = 400  # of one listener; a process may have 1024 files open, and has others


class OneEnd:
    """ASGI middleware: a body has a length or chunks. For both, RFC 9112 (6.1) has the connection closed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if {"content-length", "transfer-encoding"} <= set(Headers(scope=scope)):
            answer = HttpError(400, "The request has a length and chunks; send one of them.").response()
            headers = {**answer.headers, "Connection": "close"}
            await Response(answer.body, answer.status, headers)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class Connection(H11Protocol):
    """One client's connection to a listener."""

    _timer: asyncio.TimerHandle | None = None
    _phase: tuple[str, bool] | None = None
    _since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._since = time.monotonic()
        if len(self.connections) > MAX_CONNECTIONS:
            self._make_room()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._wait(None)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._since = time.monotonic()
        self._look()

    def send_400_response(self, msg: str) -> None:
        """Called where h11 cannot read what came."""
        error = sys.exc_info()[1]
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        self.refuse(HttpError(status, "This is not a request that HTTP/1.1 knows; check its line and headers."))

    def refuse(self, error: HttpError) -> None:
        """Answer in the app's place, where nothing was answered yet, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = error.response()
            headers = {**answer.headers, "Content-Length": str(len(answer.body)), "Connection": "close"}
            reason = HTTPStatus(answer.status).phrase.encode()
            head = h11.Response(status_code=answer.status, headers=list(headers.items()), reason=reason)
            for event in (head, h11.Data(data=answer.body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    @property
    def idle_since(self) -> float | None:
        """Since when nothing was asked here; None while something is."""
        return self._since if self.conn.their_state is h11.IDLE and not self.transport.is_closing() else None

    def _make_room(self) -> None:
        """The connection that has been idle for longest goes; when all are busy, the new one does."""
        others = [one for one in self.connections if isinstance(one, Connection) and one is not self]
        idle = [one for one in others if one.idle_since is not None]
        if idle:
            min(idle, key=lambda one: one.idle_since or 0.0).transport.close()
        else:
            self.refuse(HttpError(503, "There are too many connections; try again soon.", {"Retry-After": "5"}))

    def _look(self) -> None:
        """Start a clock where something else is waited for than before."""
        their_state = str(self.conn.their_state)
        is_answered = self.cycle is not None and self.cycle.response_complete
        if (their_state, is_answered) == self._phase:
            return
        self._phase = (their_state, is_answered)
        waits = {"IDLE": HEAD_SECONDS, "SEND_BODY": LINGER_SECONDS if is_answered else BODY_SECONDS}
        self._wait(waits.get(their_state))

    def _wait(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.refuse(HttpError(408, "The request did not come to its end in time; send it again."))
