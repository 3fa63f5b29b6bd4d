"""/v1/responses: answers that are kept, and that the next request can go on from."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from functools import partial
from typing import Annotated, Literal

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from llmos.contracts import Json
from llmos.errors import LlmosError
from llmos.http.openai.answering import Outcome, answer
from llmos.http.openai.incoming import read_body, unless_gone
from llmos.http.openai.items import item_of
from llmos.http.openai.refusal import Refusal
from llmos.http.openai.response_body import Object, new_response
from llmos.http.openai.response_events import Telling
from llmos.http.openai.response_lower import named_as_sent, response_question
from llmos.http.openai.response_requests import ItemIn, ResponseIn
from llmos.http.openai.response_store import ResponseStore
from llmos.kernel.kernel import Kernel

Pieces = AsyncGenerator[str | Outcome, None]
Keep = Callable[[Object], None]


def add_responses(api: FastAPI, kernel: Kernel, pid: int) -> None:
    """The routes, on the app that serves the rest of /v1."""
    store = ResponseStore(kernel, pid)

    @api.post("/v1/responses")
    async def create(request: Request) -> Response:
        body = await read_body(request, ResponseIn)
        items = _items(store, body)
        pieces = answer(kernel, pid, response_question(body, [*_before(store, body), *items]))
        with named_as_sent():  # what is refused is refused with its status, before anything is told
            first = await unless_gone(request, anext(pieces))
        telling = Telling(new_response(body))
        keep = partial(store.add, items=items) if body.store is not False else _forget
        if body.stream:
            return StreamingResponse(_sse(_streamed(telling, first, pieces, keep)), media_type="text/event-stream")
        return JSONResponse(await unless_gone(request, _last(_told(telling, first, pieces, keep))))

    @api.get("/v1/responses/{name}")
    async def retrieve(name: str, stream: bool = False) -> Json:
        if stream:
            raise Refusal("A response that is stored is not streamed again; leave stream out.", "stream")
        return _stored(store, name)

    @api.delete("/v1/responses/{name}")
    async def delete(name: str) -> Json:
        if not store.delete(name):
            raise _missing(name)
        return {"id": name, "object": "response", "deleted": True}

    @api.get("/v1/responses/{name}/input_items")
    async def input_items(
        name: str,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        order: Literal["asc", "desc"] = "desc",
        after: str | None = None,
    ) -> Json:
        _stored(store, name)
        items = store.inputs(name)
        return _page(items if order == "asc" else items[::-1], limit, after)


def _before(store: ResponseStore, body: ResponseIn) -> list[Json]:
    """What the request goes on from."""
    name = body.previous_response_id
    if name is None:
        return []
    if not store.is_whole(name):
        raise Refusal(
            f"Previous response with id {name!r} not found, or one before it was deleted; send the whole input.",
            "previous_response_id",
            code="previous_response_not_found",
        )
    return store.conversation(name)


def _items(store: ResponseStore, body: ResponseIn) -> list[Json]:
    """What was sent, as it is stored."""
    sent = [ItemIn(role="user", content=body.input)] if isinstance(body.input, str) else body.input
    items = []
    for at, item in enumerate(sent):
        if item.type == "item_reference":
            found = store.item(item.id or "")
            if found is None:
                raise Refusal(f"Item with id {item.id!r} not found.", f"input[{at}].id", 404)
        else:
            found = item_of(item, at)
        items += [found] if found else []
    if not items:
        raise Refusal("There is nothing to answer in the input.", "input")
    return items


async def _told(telling: Telling, first: str | Outcome, pieces: Pieces, keep: Keep) -> AsyncIterator[Object]:
    """The events; `keep` is given the whole response before its end is told."""
    for event in [*telling.begin(), *_tell(telling, first, keep)]:
        yield event
    async with aclosing(pieces):
        async for piece in pieces:
            for event in _tell(telling, piece, keep):
                yield event


async def _streamed(telling: Telling, first: str | Outcome, pieces: Pieces, keep: Keep) -> AsyncIterator[Object]:
    try:
        async for event in _told(telling, first, pieces, keep):
            yield event
    except LlmosError as error:  # too late for a status
        for event in telling.fail(error):
            yield event


def _tell(telling: Telling, piece: str | Outcome, keep: Keep) -> list[Object]:
    if isinstance(piece, str):
        return telling.say(piece)
    events = telling.end(piece)
    keep(telling.response)
    return events


def _forget(response: Object) -> None:
    """Of a response that is not stored nothing is kept but the API's journal."""


async def _last(events: AsyncIterator[Object]) -> Json:
    *_, last = [event async for event in events]
    return last["response"]


async def _sse(events: AsyncIterator[Object]) -> AsyncIterator[str]:
    async for event in events:
        yield f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"


def _stored(store: ResponseStore, name: str) -> Json:
    response = store.get(name)
    if response is None:
        raise _missing(name)
    return response


def _missing(name: str) -> Refusal:
    return Refusal(f"Response with id {name!r} not found.", "response_id", 404)


def _page(items: list[Json], limit: int, after: str | None) -> Json:
    if after is not None:
        names = [item["id"] for item in items]
        if after not in names:
            raise Refusal(f"There is no item {after!r} in this list.", "after")
        items = items[names.index(after) + 1 :]
    shown = items[:limit]
    ends = {"first_id": shown[0]["id"], "last_id": shown[-1]["id"]} if shown else {"first_id": None, "last_id": None}
    return {"object": "list", "data": shown, **ends, "has_more": len(items) > limit}
