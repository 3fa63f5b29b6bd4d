"""Compiled backends to be attacked: each holds one document, and must hold the same one afterwards."""

from dataclasses import dataclass

import httpx2

from tests.http import wire
from tests.http.compiled import is_problem, serve_compiled, state_of

DOCUMENTS = {
    "todo": ("todos", "title", {"title": "buy milk", "order": 4}),
    "notes": ("notes", "title", {"title": "Shopping", "text": "Milk", "tags": ["home"]}),
    "bank": ("accounts", "owner", {"owner": "Ada", "balance": 500}),
}


@dataclass
class Victim:
    """`field` is one that takes text, `held` the state that no refusal may change."""

    world: object
    name: str
    site: httpx2.AsyncClient
    collection: str
    field: str
    document: dict
    held: dict

    @property
    def path(self):
        return f"/{self.collection}"

    async def post(self, body, kind="application/json"):
        return await self.site.post(self.path, content=body, headers={"Content-Type": kind})

    async def refused(self, answer, *statuses, about=None):
        """Whether it is a problem document with one of these statuses, nothing has changed, and the site is alive."""
        is_told = wire.is_problem if isinstance(answer, wire.Answer) else is_problem
        status = answer.status if isinstance(answer, wire.Answer) else answer.status_code
        assert status in statuses, about
        assert is_told(answer), about
        await self.is_as_it_was()

    async def is_as_it_was(self):
        assert await state_of(self.world, self.name) == self.held
        assert (await self.site.get("/health")).status_code == 200
        assert self.world.script.requests == []


async def victim_of(world, name):
    collection, field, document = DOCUMENTS[name]
    site = await serve_compiled(world, name)
    assert (await site.post(f"/{collection}", json=document)).status_code == 201
    return Victim(world, name, site, collection, field, document, await state_of(world, name))
