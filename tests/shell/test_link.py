"""The shell's line to the kernel: sentences of the kernel, events that go on, and a kernel that was lost."""

import asyncio
import os

import pytest

from llmos.errors import KernelUnavailable, LlmosError
from llmos.http.address import Address, announce, withdraw
from llmos.shell.link import Link, LinkState
from tests.shell.conftest import until


async def kept(events, seen):
    async for event in events:
        seen += [event]


async def test_requests_are_answered_and_refusals_are_the_kernels_own_sentence(place):
    link = Link(place.home)
    assert (await link.get("/status"))["engine"]["model"] == "scripted"
    with pytest.raises(LlmosError, match="There is no process 99; `llmos ps` lists them"):
        await link.get("/processes/99")
    with pytest.raises(LlmosError, match="There is no app called 'nowhere'"):
        await link.post("/processes", {"app": "nowhere"})
    await link.close()


async def test_bytes_beside_the_journal_are_had_by_their_hash_and_nothing_else_is(place):
    link = Link(place.home)
    digest = place.world.kernel.blobs.put(b"picture")
    assert await link.blob(digest) == b"picture"
    for wrong in ("0" * 64, "..%2Fkernel.json", "kernel.json"):
        with pytest.raises(LlmosError):
            await link.blob(wrong)
    await link.close()


async def test_events_go_on_after_a_kernel_was_lost_none_twice_and_none_missing(place):
    link, seen, states = Link(place.home), [], []
    link.on_state = states.append
    place.script.say("One.", "Two.")
    pid = (await link.post("/processes", {"app": "assistant", "text": "1", "session": True}))["pid"]

    following = asyncio.create_task(kept(link.follow(pid), seen))
    async with asyncio.timeout(20):
        await until(lambda: any(event["kind"] == "process.answered" for event in seen))
        withdraw(place.home)
        await place.world.shutdown()
        await until(lambda: states[-1] is LinkState.LOST)
        await place.boot()
        await until(lambda: link.state is LinkState.UP)
        await link.post(f"/processes/{pid}/messages", {"text": "2"})
        await until(lambda: sum(event["kind"] == "process.answered" for event in seen) == 2)
        await link.delete(f"/processes/{pid}")
        await following  # a process's end is the end of its events
    durable = [event["seq"] for event in seen if event["seq"]]
    assert durable == [event.seq for event in place.world.kernel.journal.events(pid)]
    await link.close()


async def test_all_processes_are_watched_from_now_on(place):
    link = Link(place.home)
    place.script.say("One.", "Two.")
    seen = []

    watching = asyncio.create_task(kept(link.watch(), seen))
    async with asyncio.timeout(20):
        await link.connect()
        await asyncio.sleep(0.3)
        for _ in range(2):
            await link.post("/processes", {"app": "assistant", "text": "x"})
        await until(lambda: {(1, "process.done"), (2, "process.done")} <= {(e["pid"], e["kind"]) for e in seen})
    watching.cancel()
    await link.close()


async def test_a_line_to_a_kernel_that_dies_under_a_request_says_so(place):
    link = Link(place.home)
    await link.connect()
    withdraw(place.home)
    await place.world.shutdown()
    with pytest.raises(KernelUnavailable):
        await link.get("/status")
    assert link.state is LinkState.LOST
    await link.close()


async def test_a_watcher_misses_nothing_of_what_happens_while_a_kernel_is_lost(place):
    link, seen = Link(place.home), []
    watching = asyncio.create_task(kept(link.watch(), seen))
    async with asyncio.timeout(20):
        await until(lambda: seen)  # where the stream begins, and nothing has happened yet
        withdraw(place.home)
        await place.world.shutdown()
        await until(lambda: link.state is LinkState.LOST)
        place.script.say("One.")
        await place.world.boot()
        pid = place.world.kernel.spawn("assistant", "1").pid
        announce(place.home, Address(place.world.control.url, "t", os.getpid()))
        await until(lambda: any(event["kind"] == "process.done" for event in seen))
    assert [event["seq"] for event in seen if event["seq"]] == [e.seq for e in place.world.kernel.journal.events(pid)]
    watching.cancel()
    await link.close()
