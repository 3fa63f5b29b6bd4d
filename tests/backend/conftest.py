import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from llmos.backend.asked import Asked
from llmos.backend.backend import Backend
from llmos.backend.interpret import Think
from llmos.backend.problem import Response
from llmos.backend.request import Request
from llmos.backend.routes import Match, Route, sends
from llmos.backend.shape import Shape
from llmos.backend.window import Window, look, target_of
from llmos.contracts import ChatRequest, Json
from llmos.kernel.app import App
from llmos.state.database import open_database
from llmos.state.store import AppState
from tests.backend.shared_app import Shared

NOW = "2026-01-02T03:04:05Z"

PROMPT = """A guestbook.

## POST /entries
If `name` is missing, answer 422. Otherwise add the body and answer 201.

## GET /entries
Answer 200 with all entries.

## GET /entries/{id}
Answer 200 with the entry, or 404.

## DELETE /entries/{id}
Answer 204, or 404.

## PATCH /entries/{id}
Answer 200, or 404.

## POST /reset
Set the title and answer 200.
"""

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "entries": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "created": {"type": "string", "format": "date-time"},
                    "name": {"type": "string", "minLength": 1},
                    "stars": {"type": "integer", "maximum": 5},
                    "gift": {"type": "boolean"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "required": ["id", "created", "name"],
                "additionalProperties": False,
            },
        },
        "title": {"type": "string", "default": "Guests"},
    },
}


class World:
    """A backend over a real state, whose model says what a test puts into `answers`."""

    def __init__(self, home: Path, prompt: str = PROMPT, schema: Json = SCHEMA) -> None:
        self.app = App(name="guests", title="Guests", kind="backend", folder=home, prompt=prompt, state_schema=schema)
        self.db = open_database(home / "llmos.db")
        self.state = AppState(self.db, "guests", schema)
        self.answers: list[Any] = []
        self.asked: list[ChatRequest] = []
        self.journal: list[tuple[str, dict[str, Json]]] = []
        self.backend = Backend(self.app, self.state, self.think, self.record, self.transaction)

    def window(self, method: str, path: str, body: Json = None, query: Json = None, **named: Any) -> Window:
        """What the model would see of a request to a route whose path is `route_path`, with these `parameters`."""
        shapes = {name: Shape(name, self.state.schema) for name in self.state.schema.collections}
        route = Route(method, named.get("route_path", path), named.get("rule", ""))
        shape = shapes.get(target_of(route, shapes) or "")
        problems = shape.problems(body or {}, partial=method == "PATCH") if shape and sends(method) else []
        match = Match(route, named.get("parameters", {}))
        return look(self.state, shapes, Asked(path, match, query or {}, body or {}, tuple(problems), NOW))

    def think_instead(self, think: Think) -> None:
        """From now on somebody else thinks."""
        self.backend = Backend(self.app, self.state, think, self.record, self.transaction)

    async def think(self, request: ChatRequest) -> str:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Callable):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, str) else json.dumps(answer)

    def record(self, kind: str, data: dict[str, Json]) -> None:
        assert self.db.conn.in_transaction, "an event belongs into the commit's transaction"
        self.journal.append((kind, data))

    @contextmanager
    def transaction(self):
        with self.db.atomic():
            yield

    async def ask(self, method: str, path: str, body: Json = None, **more: Any) -> Response:
        raw = more.pop("raw", b"" if body is None else json.dumps(body).encode())
        content_type = more.pop("content_type", "application/json")
        return await self.backend.handle(Request(method, path, body=raw, content_type=content_type, **more))

    def signed(self, key: int) -> Json:
        """The answer of a model that follows the rule of POST /entries."""
        document = {"ref": "/body", "with": {"id": key, "created": {"ref": "/now"}}}
        added = {"op": "add", "path": f"/entries/{key}", "value": document}
        return {"status": 201, "patch": [added], "body": {"ref": f"/entries/{key}"}}

    async def sign(self, key: int, **fields: Json) -> Response:
        self.answers.append(self.signed(key))
        return await self.ask("POST", "/entries", fields)

    async def sign_with_key(self, idempotency_key: str, key: int, **fields: Json) -> Response:
        self.answers.append(self.signed(key))
        return await self.ask("POST", "/entries", fields, headers={"idempotency-key": idempotency_key})


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[..., World]:
    return lambda *args: World(tmp_path, *args)


@pytest.fixture
def make_shared(tmp_path: Path) -> Iterator[Callable[..., Shared]]:
    made: list[Shared] = []

    def make(**options: Any) -> Shared:
        made.append(Shared(tmp_path, **options))
        return made[-1]

    yield make
    for shared in made:
        shared.close()


@pytest.fixture
def shared(make_shared: Callable[..., Shared]) -> Shared:
    return make_shared()
