"""Who asks, for apps with users: the one whose token a request carries.

Covers: requests without a token, with one that nobody has or more than one, with another app's, with a removed user's.
Does not cover: what a user may do, which is up to the rules and `llmos.backend.scope`; files, /health and /docs, which
are for everybody whom the guard lets in.
"""

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import Scope

from llmos.backend.backend import stranger
from llmos.backend.users import Users
from llmos.kernel.app import App
from llmos.state.database import Database

FOR_THE_OPERATOR = frozenset({"/metrics"})


class Door:
    """One app's; where that has no users everybody may enter, and is nobody."""

    def __init__(self, db: Database, app: App) -> None:
        self._users = Users(db, app.name) if app.http.users else None

    def enter(self, request: Request) -> str | None:
        """The user's name. Raises HttpError 401."""
        user = self._known(request.headers)
        if self._users is not None and user is None:
            raise stranger()
        return user

    def is_still(self, request: Request, user: str | None) -> bool:
        """Whether a request that goes on for long is still this user's."""
        return self._known(request.headers) == user

    def admits(self, scope: Scope) -> bool:
        """Whether a user's token opens the guard of a site that asks strangers for the operator's."""
        return scope["path"] not in FOR_THE_OPERATOR and self._known(Headers(scope=scope)) is not None

    def _known(self, headers: Headers) -> str | None:
        sent = headers.getlist("authorization")
        if self._users is None or len(sent) != 1:
            return None
        scheme, _, token = sent[0].partition(" ")
        return self._users.find(token) if scheme.lower() == "bearer" else None
