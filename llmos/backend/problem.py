"""Refusals on the way of a request, and the documents that say why (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from llmos.contracts import Json
from llmos.errors import LlmosError


@dataclass(frozen=True)
class Response:
    """`version` is the state's: after the commit, or the one that was read; None where the state was not looked at."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    version: int | None = None
    is_part: bool = False  # of a list, as much as the page that was asked for needs


class HttpError(LlmosError):
    """The request ends here with `status`, and nothing has changed."""

    def __init__(
        self, status: int, detail: str, headers: Mapping[str, str] | None = None, errors: list[Json] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = dict(headers or {})
        self.errors = errors or []

    def response(self) -> Response:
        document: dict[str, Json] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": str(self),
        }
        if self.errors:
            document["errors"] = self.errors
        body = json.dumps(document, ensure_ascii=False).encode()
        return Response(self.status, {"Content-Type": "application/problem+json", **self.headers}, body)
