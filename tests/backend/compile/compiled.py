"""An app whose routes are compiled, for tests."""

import json
import textwrap
from contextlib import contextmanager

from llmos.backend.asked import Asked
from llmos.backend.backend import Backend
from llmos.backend.compile.compiler import Compiler
from llmos.backend.compile.routes import CompiledRoutes, editions
from llmos.backend.compile.run import parameters
from llmos.backend.compile.shelf import Entry, Shelf
from llmos.backend.compile.source import parse_handler
from llmos.backend.examples import load_examples
from llmos.backend.request import Request
from llmos.backend.routes import Match, rules_of
from llmos.backend.shape import Shape
from llmos.kernel.app import App
from llmos.state.database import open_database
from llmos.state.store import AppState

PROMPT = """Notes.

## POST /notes
Add the body as a new note. Answer 201 with the note, or 422.

## GET /notes
Answer 200 with all notes.

## GET /notes/{id}
Answer 200 with the note, or 404.

## PATCH /notes/{id}
Change the note. Answer 200 with it, or 404.

## POST /clear
Remove all notes. Answer 204.

## POST /silent
Do something.
"""
SCHEMA = {
    "type": "object",
    "properties": {
        "notes": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "title": {"type": "string", "minLength": 1},
                    "stars": {"type": "integer", "minimum": 0, "maximum": 5},
                    "done": {"type": "boolean", "default": False},
                },
                "required": ["id", "title"],
            },
        }
    },
}
TEA = {"id": 1, "title": "tea", "done": True}
EXAMPLES = {
    "add": {
        "request": {"method": "POST", "path": "/notes", "body": {"title": "tea", "stars": 3, "done": True}},
        "expect": {"status": 201, "body": {"id": 1, "title": "tea", "stars": 3, "done": True}},
    },
    "add-nothing": {"request": {"method": "POST", "path": "/notes", "body": {}}, "expect": {"status": 422}},
    "read": {
        "state": {"notes": {"1": TEA}},
        "request": {"method": "GET", "path": "/notes/1"},
        "expect": {"status": 200, "body": TEA},
    },
    "list": {
        "state": {"notes": {"1": TEA}},
        "request": {"method": "GET", "path": "/notes"},
        "expect": {"status": 200, "body": [TEA]},
    },
    "change-unknown": {
        "request": {"method": "PATCH", "path": "/notes/1", "body": {"title": "x"}},
        "expect": {"status": 404},
    },
}


class Compiled:
    """An app whose routes can be compiled, over a real state; the model says what a test puts into `answers`."""

    def __init__(self, home, prompt=PROMPT, schema=SCHEMA, examples=None, attested=(), call=None, **manifest):
        (home / "examples").mkdir(exist_ok=True)
        for name, example in (EXAMPLES if examples is None else examples).items():
            (home / "examples" / f"{name}.json").write_text(json.dumps({"name": name, **example}))
        fields = {"name": "notes", "title": "Notes", "kind": "backend", "folder": home} | manifest
        self.app = App(prompt=prompt, state_schema=schema, **fields)
        self.db = open_database(home / "llmos.db")
        self.state = AppState(self.db, "notes", schema)
        self.rules, self.call = rules_of(self.app), call
        self.shapes = {name: Shape(name, self.state.schema) for name in self.state.schema.collections}
        self.editions = editions(self.app, self.rules, load_examples(home))
        self.attested = set(attested)
        self.hot = []
        self.answers = []
        self.asked = []
        self.journal = []
        self.shelf = Shelf(self.db, "notes", self.attested.__contains__)
        self.routes = CompiledRoutes(self.state, self.shapes, self.shelf, self.editions, self.hot.append)
        self.backend = Backend(self.app, self.state, self.think, self.record, self.transaction, self.routes, call)

    def close(self):
        self.routes.close()
        self.db.close()

    def compiler(self, history=lambda route: []):
        return Compiler(
            self.app,
            self.state,
            self.rules,
            self.shapes,
            self.routes,
            load_examples(self.app.folder),
            self.think,
            history,
            self.call,
        )

    def route(self, name):
        return next(route for route in self.rules.routes if route.name == name)

    async def compile(self, name, *bodies, history=lambda route: []):
        """Compile with candidates of these bodies."""
        self.answers = [textwrap.indent(textwrap.dedent(body).strip(), "    ") for body in bodies]
        return await self.compiler(history).compile(self.route(name))

    def handle(self, name, body):
        """Let a handler of this body answer a route."""
        route = self.route(name)
        names = ", ".join(parameters(route))
        text = f"def handle({names}):\n" + textwrap.indent(textwrap.dedent(body).strip(), "    ")
        handler = parse_handler(text, parameters(route), reading=route.method == "GET")
        self.attested.add(handler.digest)
        self.shelf.keep(Entry(name, self.editions[name], "live", handler.source))
        self.routes.forget(name)
        return handler

    def asked_of(self, name, body=None, **found):
        return Asked("/x", Match(self.route(name), found), {}, body or {}, (), "2026-01-02T03:04:05Z")

    async def think(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        answer = answer() if callable(answer) else answer
        return answer if isinstance(answer, str) else json.dumps(answer)

    def record(self, kind, data):
        assert self.db.conn.in_transaction, "an event belongs into the commit's transaction"
        self.journal.append((kind, data))

    @contextmanager
    def transaction(self):
        with self.db.atomic():
            yield

    async def ask(self, method, path, body=None, **more):
        raw = b"" if body is None else json.dumps(body).encode()
        return await self.backend.handle(Request(method, path, body=raw, content_type="application/json", **more))

    def note(self, key=1, **fields):
        document = {"id": key, "title": "tea", "done": False} | fields
        self.state.commit([{"op": "add", "path": f"/notes/{key}", "value": document}], cause={})
