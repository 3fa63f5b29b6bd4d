"""An app that Ann and Ben share: each has todos of their own, notices are everybody's."""

import json
from contextlib import contextmanager

from llmos.backend.backend import Backend
from llmos.backend.compile.routes import CompiledRoutes, editions
from llmos.backend.compile.run import parameters
from llmos.backend.compile.shelf import Entry, Shelf
from llmos.backend.compile.source import parse_handler
from llmos.backend.request import Request
from llmos.backend.routes import rules_of
from llmos.backend.shape import Shape
from llmos.kernel.app import App
from llmos.state.database import open_database
from llmos.state.store import AppState

PROMPT = """Todos, each of them one user's, and notices for all.

## GET /todos?title
Answer 200 with the list of todos; with `title` only those of that title.

## POST /todos
If `title` is missing, answer 422. Otherwise add the body and answer 201 with the todo.

## DELETE /todos
Remove all todos and answer 204.

## GET /todos/{id}
If there is no todo with this id, answer 404. Otherwise answer 200 with it.

## PUT /todos/{id}
Store the body under this id and answer 200 with the todo.

## PATCH /todos/{id}
If there is no todo with this id, answer 404. Otherwise change it and answer 200 with it.

## DELETE /todos/{id}
If there is no todo with this id, answer 404. Otherwise remove it and answer 204.

## POST /try
Do what the body says and answer 200, or 409.

## GET /notices
Answer 200 with the list of notices.

## POST /notices
Add the body as a notice and answer 201 with it.
"""

TEXT = {"type": "string"}


def collection(required, **fields):
    document = {"type": "object", "properties": fields, "required": required, "additionalProperties": False}
    return {"type": "object", "additionalProperties": document}


SCHEMA = {
    "type": "object",
    "properties": {
        "todos": collection(
            ["id", "user", "title"],
            id={"type": "integer"},
            user={"type": "string", "readOnly": True},
            title={"type": "string", "minLength": 1},
            done={"type": "boolean", "default": False},
        ),
        "notices": collection(["id", "text"], id={"type": "integer"}, text=TEXT, author=TEXT),
        "motto": {"type": "string", "default": "Share"},
    },
}

STATE = {
    "todos": {
        "1": {"id": 1, "user": "ann", "title": "buy milk", "done": False},
        "2": {"id": 2, "user": "ann", "title": "make tea", "done": True},
        "3": {"id": 3, "user": "ben", "title": "Ben's secret", "done": False},
    },
    "notices": {"1": {"id": 1, "text": "Welcome", "author": "ben"}},
    "motto": "Share",
}
BENS = STATE["todos"]["3"]


def shared_app(folder, prompt=PROMPT, schema=SCHEMA, **http):
    return App(
        name="shared",
        title="Shared",
        kind="backend",
        folder=folder,
        prompt=prompt,
        state_schema=schema,
        http={"users": True} | http,
    )


class Shared:
    """A backend over a real state. Routes in `handlers` are answered by their code, in the real sandbox."""

    def __init__(self, home, handlers=None, routes=None):
        self.app = shared_app(home)
        self.db = open_database(home / "llmos.db")
        self.state = AppState(self.db, "shared", SCHEMA)
        self.state.commit([{"op": "add", "path": f"/{name}", "value": part} for name, part in STATE.items()], cause={})
        self.shapes = {name: Shape(name, self.state.schema) for name in self.state.schema.collections}
        self.answers, self.asked, self.journal = [], [], []
        self.routes = routes or self._compiled(handlers or {})
        self.backend = Backend(self.app, self.state, self.think, self.record, self.transaction, self.routes)

    def _compiled(self, handlers):
        rules = rules_of(self.app)
        made_from = editions(self.app, rules, [])
        shelf = Shelf(self.db, "shared", lambda digest: True)
        for route in rules.routes:
            if route.name in handlers:
                names = parameters(route)
                text = f"def handle({', '.join(names)}):\n    {handlers[route.name]}"
                handler = parse_handler(text, names, reading=route.method == "GET")
                shelf.keep(Entry(route.name, made_from[route.name], "live", handler.source))
        return CompiledRoutes(self.state, self.shapes, shelf, made_from)

    async def think(self, request):
        self.asked.append(request)
        return json.dumps(self.answers.pop(0))

    def record(self, kind, data):
        self.journal.append((kind, data))

    @contextmanager
    def transaction(self):
        with self.db.atomic():
            yield

    async def ask(self, user, method, path, body=None, **more):
        raw = b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, body=raw, content_type="application/json", user=user, **more)
        return await self.backend.handle(request)

    def close(self):
        if isinstance(self.routes, CompiledRoutes):
            self.routes.close()
        self.db.close()


def said(response):
    return json.loads(response.body) if response.body else None


def ids(response):
    return [todo["id"] for todo in said(response)]
