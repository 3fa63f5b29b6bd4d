"""Served backends with every route compiled, from the handlers that lie in tests/backend/handlers."""

import json
import shutil

from llmos.backend.compile.shelf import Entry
from llmos.backend.routes import rules_of
from llmos.kernel.app import find_app
from llmos.paths import bundle_root
from tests.backend.by_hand import APPS, handler_for, handlers_of


def put_to_use(world, name, others=None):
    """Handlers of all routes of an app, promoted as the compiler promotes them; the model is never asked.

    `others` are the sources of handlers that a test puts in the place of these, by route.
    """
    workshop = world.sites.workshop
    bench = workshop.bench(find_app(world.home, name))
    for route, handler in (handlers_of(name) | written(name, others or {})).items():
        entry = Entry(route, bench.routes.editions[route], "live", handler.source)
        bench.routes.shelf.keep(entry)
        workshop.told(name, "backend.compiled", {"route": route, "digest": entry.digest, "standing": "live"})
        bench.routes.forget(route)
    workshop._attested = None  # read from the journal again


def written(name, sources):
    routes = {route.name: route for route in rules_of(APPS[name]).routes}
    return {name: handler_for(routes[name], source) for name, source in sources.items()}


def install(home, name, manifest):
    """A shipped app as an installed one, its manifest followed by `manifest`."""
    folder = home / "apps" / name
    shutil.copytree(bundle_root() / "apps" / name, folder)
    (folder / "app.toml").write_text(f"{(folder / 'app.toml').read_text()}\n{manifest}")


async def serve_compiled(world, name, others=None):
    """The client of a served app whose routes are all compiled. A request that reaches the model has a 502."""
    put_to_use(world, name, others)
    world.script.follow = lambda request: "I would rather not."
    return await world.serve(name)


async def state_of(world, name):
    return (await world.api.get(f"/state/{name}")).json()["value"]


def is_problem(answer):
    """Whether a refusal says why, in a document of RFC 9457."""
    kind = answer.headers["content-type"]
    return kind == "application/problem+json" and json.loads(answer.content)["status"] == answer.status_code
