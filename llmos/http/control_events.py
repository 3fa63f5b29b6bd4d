"""The part of the control API that is about the journal as a whole: as it grows, and what happened last."""

import dataclasses
import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from llmos.contracts import Event, Json
from llmos.http.depends import InKernel

events = APIRouter()


@events.get("/events", response_class=EventSourceResponse)
async def watch(kernel: InKernel, after: Annotated[int | None, Query(ge=0)] = None) -> AsyncIterator[ServerSentEvent]:
    """Events of all processes with `seq > after`, or from now on, and streamed text as it comes; never ends.

    The first event, `watch.begun`, tells with `after` where the stream begins. One who reads slower than events happen
    misses streamed text, but no recorded event.
    """
    after = kernel.journal.newest() if after is None else after
    yield as_sent(Event(0, 0, time.time(), "watch.begun", {"after": after}))
    async for event in kernel.journal.follow(None, after):
        yield as_sent(event)


@events.get("/journal")
async def latest(
    kernel: InKernel, kind: Annotated[list[str], Query()], last: Annotated[int, Query(ge=1, le=1000)] = 100
) -> Json:
    """The newest events of some kinds, oldest first: of all processes, among the last 20,000 events."""
    return [dataclasses.asdict(event) for event in kernel.journal.latest(kind, last)]


def as_sent(event: Event) -> ServerSentEvent:
    return ServerSentEvent(data=dataclasses.asdict(event), event=event.kind)
