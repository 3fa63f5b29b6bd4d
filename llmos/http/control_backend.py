"""The part of the control API that is about backends: their routes, and compiling them."""

import dataclasses

from fastapi import APIRouter
from pydantic import BaseModel

from llmos.backend.compile.routes import Uses
from llmos.contracts import Json
from llmos.http.depends import InKernel, InSites
from llmos.kernel.app import find_app

backend = APIRouter(prefix="/backend/{app}")


class RouteIn(BaseModel):
    route: str


class SettleIn(RouteIn):
    choice: int


@backend.get("/routes")
async def routes(app: str, kernel: InKernel, sites: InSites) -> Json:
    """Each route: how it stands, what speaks for it, and how often it answered since the site was opened."""
    bench = sites.workshop.bench(find_app(kernel.home, app))
    entries = {entry.route: entry for entry in bench.routes.shelf.entries()}
    rows = []
    for route in bench.rules.routes:
        entry = entries.get(route.name)
        current = entry is not None and entry.edition == bench.routes.editions[route.name]
        told: dict[str, Json] = dataclasses.asdict(entry) if entry and current else {"standing": "interpreted"}
        running = bench.routes.handler(route) is not None
        uses = bench.routes.uses.get(route.name, Uses())
        rows.append({**told, "route": route.name, "running": running, **dataclasses.asdict(uses)})
    return rows


@backend.post("/compile")
async def compile(app: str, body: RouteIn, kernel: InKernel, sites: InSites) -> Json:
    """Compile one route; the answer comes when that is done."""
    return dataclasses.asdict(await sites.workshop.compile(find_app(kernel.home, app), body.route))


@backend.post("/settle")
async def settle(app: str, body: SettleIn, kernel: InKernel, sites: InSites) -> Json:
    """Write the example that settles a dispute, and compile the route again."""
    path = sites.workshop.settle(find_app(kernel.home, app), body.route, body.choice)
    entry = await sites.workshop.compile(find_app(kernel.home, app), body.route)
    return {"example": str(path), **dataclasses.asdict(entry)}
