"""Pages of the origins that an app names may use its backend from their own site. The guard decides who; this tells."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from llmos.backend.routes import METHODS

SENT = ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID", "Cache-Control")
EXPOSED = ("ETag", "Link", "Location", "Retry-After")


def with_cors(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    """`app` with preflights answered and the headers on every response, errors too; itself when no origin is named."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=(*METHODS, "HEAD", "OPTIONS"),
        allow_headers=SENT,
        expose_headers=EXPOSED,
        allow_private_network=True,
    )


def is_preflight(method: str, headers: Headers) -> bool:
    """A browser's question before a request, which carries no token and no body."""
    return method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
