"""Who may talk to a listener.

Covers: requests for another host name (DNS rebinding), requests sent or loads made by another site's page
(Origin, Sec-Fetch-Site), and, where a token is set, requests without it that are not admitted otherwise. Pages of the
origins that an app names are let through: their preflights without the token, as browsers send them, their requests
with it like any other.
Does not cover: other users of the same machine on a listener without a token; such a listener is loopback only.
"""

import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from llmos.http.cors import is_preflight, with_cors

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Guard:
    """ASGI middleware. With `hosts` None any host name is served, for listeners that need a token anyway."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str] | None,
        token: str | None,
        origins: tuple[str, ...] = (),
        admits: Callable[[Scope], bool] = lambda scope: False,
    ) -> None:
        """Pages of `origins` are let through; "*" is any. `admits` is asked of requests that come without `token`."""
        self._app = with_cors(app, origins)
        self._origins = origins
        self._hosts = hosts
        self._token = token
        self._admits = admits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (refusal := self._refuse(scope)) is None:
            await self._app(scope, receive, send)
        else:
            response: ASGIApp = _problem(*refusal)
            # with_cors would answer a preflight itself, and say yes
            is_asked = is_preflight(scope["method"], Headers(scope=scope))
            await (response if is_asked else with_cors(response, self._origins))(scope, receive, send)

    def _refuse(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts is not None and _name(host) not in self._hosts:
            return 421, "This server answers only to its own address; open it as http://127.0.0.1."
        if host and not _name(host):
            return 421, "The Host header names no host; send the one of the address that is called."
        origin = headers.get("origin")
        is_named = origin is not None and ("*" in self._origins or origin in self._origins)
        if origin is not None and not is_named and origin.partition("://")[2] != host:
            return 403, "Pages of other sites may not send requests here."
        is_loading = headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate"
        if is_loading and not is_named:
            return 403, "Pages of other sites may not load from here; follow a link instead."
        is_asking = is_named and is_preflight(scope["method"], headers)
        if self._token is not None and not is_asking and not (self._authorised(headers) or self._admits(scope)):
            return 401, "Send the token: Authorization: Bearer TOKEN."
        return None

    def _authorised(self, headers: Headers) -> bool:
        sent = headers.get("authorization", "")
        return hmac.compare_digest(sent.encode(), f"Bearer {self._token}".encode())


def _problem(status: int, title: str) -> JSONResponse:
    problem = {"type": "about:blank", "status": status, "title": title}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(problem, status, headers, media_type="application/problem+json")


def _name(host: str) -> str:
    """The host name of a Host header; empty when it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
