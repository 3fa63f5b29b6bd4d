"""The journal as a whole over the API: events of all processes as they happen, and what happened last."""

import asyncio
import json
from contextlib import asynccontextmanager

from llmos.kernel import journal

DEADLINE = 20


@asynccontextmanager
async def watching(world, **query):
    """The events of /v0/events, one at a time."""
    async with asyncio.timeout(DEADLINE), world.api.stream("GET", "/events", params=query) as response:
        lines = response.aiter_lines()

        async def following():
            async for line in lines:
                if line.startswith("data:"):
                    return json.loads(line[5:])
            raise AssertionError("the stream ended")

        yield following


async def until(following, kind):
    seen = [await following()]
    while seen[-1]["kind"] != kind:
        seen.append(await following())
    return seen


async def run(world, text="Hello", app="assistant"):
    return (await world.api.post("/processes", json={"app": app, "text": text})).json()["pid"]


async def test_events_of_all_processes_stream_with_the_text_as_it_grows(world):
    world.script.say("Hello yourself.", "And you.")
    async with watching(world) as following:
        assert (await following())["kind"] == "watch.begun"
        first = await run(world)
        seen = await until(following, "process.done")
        second = await run(world)
        seen += await until(following, "process.done")
    assert {event["pid"] for event in seen} == {first, second}
    assert [event["kind"] for event in seen].count("process.done") == 2
    streamed = "".join(event["data"]["text"] for event in seen if event["kind"] == "engine.delta")
    assert streamed == "Hello yourself.And you."
    recorded = [event["seq"] for event in seen if event["seq"]]
    assert recorded == sorted(set(recorded))


async def test_a_watch_begins_now_and_one_that_says_after_what_goes_on_there(world):
    world.script.say("One.", "Two.")
    async with watching(world) as following:
        await run(world)
        last = (await until(following, "process.done"))[-1]
    async with watching(world) as following:
        assert (await following())["data"] == {"after": last["seq"]}
    async with watching(world, after=last["seq"] - 2) as following:
        assert [event["seq"] for event in await until(following, "process.done")] == [0, last["seq"] - 1, last["seq"]]


async def test_a_slow_reader_misses_streamed_text_but_no_recorded_event(world, monkeypatch):
    monkeypatch.setattr(journal, "MAX_QUEUED", 10)
    monkeypatch.setattr(journal, "EVENTS_AT_ONCE", 7)
    kernel, seen = world.kernel, []
    pid = kernel.service("test")
    follower = kernel.journal.follow(None, kernel.journal.newest())
    reading = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0)  # it listens now
    for number in range(100):  # and reads nothing meanwhile
        kernel.journal.publish(journal.Event(0, pid, 0.0, "engine.delta", {"text": "x"}))
        kernel.record(pid, "noted", {"number": number})
    async with asyncio.timeout(DEADLINE):
        seen.append(await reading)
        while seen[-1].data.get("number") != 99:
            seen.append(await anext(follower))
    await follower.aclose()
    assert [event.data["number"] for event in seen if event.kind == "noted"] == list(range(100))
    assert len(seen) < 200


async def test_what_happened_last_is_told_by_kind(world):
    world.script.say(json.dumps({"call": "python.run", "arguments": {"code": "print(6 * 7)"}}), "42.")
    async with watching(world) as following:
        pid = await run(world, app="compute")
        await until(following, "process.done")
    told = (await world.api.get("/journal?kind=syscall.intent&kind=syscall.result&last=10")).json()
    assert [(event["pid"], event["kind"]) for event in told] == [(pid, "syscall.intent"), (pid, "syscall.result")]
    assert (await world.api.get("/journal?kind=syscall.intent&last=0")).status_code == 422
    assert (await world.api.get("/journal")).status_code == 422
