"""The shipped backends with handlers written by hand, from handlers/NAME.md, in the model's place."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from mcp.server.mcpserver.exceptions import ToolError

from drivers.chess import server as chess
from llmos.backend.compile.routes import propose
from llmos.backend.compile.run import parameters
from llmos.backend.compile.source import parse_handler
from llmos.backend.routes import parse_rules, rules_of
from llmos.backend.shape import Shape
from llmos.errors import ToolFailed
from llmos.kernel.app import load_app
from llmos.paths import bundle_root
from llmos.state.database import open_database
from llmos.state.store import AppState

HANDLERS = Path(__file__).parent / "handlers"
APPS = {app.name: app for app in map(load_app, sorted((bundle_root() / "apps").iterdir())) if app.kind == "backend"}


def empty_state(name):
    return AppState(open_database(Path(":memory:")), name, APPS[name].state_schema)


def shapes_of(state):
    return {name: Shape(name, state.schema) for name in state.schema.collections}


def handlers_of(name):
    written = parse_rules((HANDLERS / f"{name}.md").read_text())
    rules = rules_of(APPS[name])
    sources = {route.name: route.rule for route in written.routes}
    assert sources.keys() == {route.name for route in rules.routes}
    return {route.name: handler_for(route, sources[route.name]) for route in rules.routes}


def handler_for(route, source):
    return parse_handler(source, parameters(route), reading=route.method == "GET")


class Written:
    """`Handlers` of the backend that were written by hand."""

    def __init__(self, name, sandbox, state):
        self.handlers, self.sandbox, self.state = handlers_of(name), sandbox, state

    def propose(self, asked):
        handler = self.handlers[asked.route.name]
        return propose(self.sandbox, handler, asked, self.state, shapes_of(self.state))

    def stumbled(self, asked, error):
        pytest.fail(error)

    def interpreted(self, asked):
        pytest.fail(f"{asked.path} reached the model.")


async def drivers(tool, arguments):
    """What the tools of the chess driver say, without a process."""
    driver, _, name = tool.partition(".")
    assert driver == "chess"
    try:
        return asdict(getattr(chess, name)(**arguments))
    except ToolError as error:
        raise ToolFailed(str(error)) from error


async def nobody_thinks(request):
    pytest.fail("The model was asked.")


def seed_of(name):
    seed = APPS[name].folder / "seed.json"
    return json.loads(seed.read_text()) if seed.is_file() else {}
