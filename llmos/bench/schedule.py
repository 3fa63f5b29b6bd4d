"""The same agents on the same engine through different schedulers, side by side in one run.

A runs them one after another. B is threads on a mutex. C collects calls for a second, runs them as a batch and waits
for its slowest. D is llmos: the real kernel with its journal and state. Then D with one of its parts taken away.
The second half measures an interactive call beside a long background job, with and without priorities.
"""

import asyncio
import json
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from llmos.bench.agents import MAX_TOKENS, Agent, Outcome, Write, agents, work
from llmos.bench.lent import Lent
from llmos.contracts import ChatRequest, Engine, Json, Message
from llmos.kernel.app import App
from llmos.kernel.call import call_engine
from llmos.kernel.drivers import DriverHost
from llmos.kernel.kernel import Kernel
from llmos.kernel.scheduler import Priority, Scheduler
from llmos.state.database import open_database
from llmos.state.store import AppState

WINDOW_SECONDS = 1.0  # for which C collects calls, as AIOS does
NUM_INTERACTIVE = 8
SYSCALLS_A_ROUND = 3  # a call of the engine, a tool, a write
NOTE = {"type": "object", "properties": {"agent": {"type": "string"}, "said": {"type": "string"}}}
SCHEMA = {"type": "object", "properties": {"notes": {"type": "object", "additionalProperties": NOTE}}}
MANIFEST = 'name = "{name}"\ntitle = "Agent"\nkind = "chat"\n[budget]\nseconds = 3600\n'

Run = Callable[[Engine, int, list[Agent], Path], Awaitable[Outcome]]


async def bench_schedule(engine: Engine, slots: int, seed: int, home: Path, progress: Callable[[str], None]) -> Json:
    """Every variant once; rows with ratios to A."""
    everyone = agents(seed)
    progress("warming the engine")
    await _one_by_one(engine, slots, everyone[:2], home / "warm")
    rows: dict[str, Json] = {}
    first = Outcome()
    for name, run in VARIANTS.items():
        progress(name)
        outcome = await run(engine, slots, everyone, home / name.split()[0])
        first = first if rows else outcome
        rows[name] = _row(outcome, first)
    progress("interactive beside a long job")
    return {
        "agents": len(everyone),
        "slots": slots,
        "model": (await engine.info()).model,
        "variants": rows,
        "interactive": await _interactive(engine, slots),
    }


async def _one_by_one(engine: Engine, slots: int, everyone: list[Agent], home: Path) -> Outcome:
    return await _bare(everyone, home, lambda request: _ask(engine, request), together=False)


async def _mutex(engine: Engine, slots: int, everyone: list[Agent], home: Path) -> Outcome:
    mutex, waits = asyncio.Lock(), []

    async def think(request: ChatRequest) -> str:
        asked = time.monotonic()
        async with mutex:
            waits.append(time.monotonic() - asked)
            return await _ask(engine, request)

    return await _bare(everyone, home, think, waits)


async def _batches(engine: Engine, slots: int, everyone: list[Agent], home: Path) -> Outcome:
    waiting: list[tuple[ChatRequest, asyncio.Future[str], float]] = []
    waits: list[float] = []
    places = asyncio.Semaphore(slots)

    async def serve(request: ChatRequest, answer: "asyncio.Future[str]", asked: float) -> None:
        async with places:
            waits.append(time.monotonic() - asked)
            answer.set_result(await _ask(engine, request))

    async def collect() -> None:
        while True:
            await asyncio.sleep(WINDOW_SECONDS)
            batch, waiting[:] = list(waiting), []
            await asyncio.gather(*(serve(*call) for call in batch))

    async def think(request: ChatRequest) -> str:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        waiting.append((request, answer, time.monotonic()))
        return await answer

    collecting = asyncio.create_task(collect())
    try:
        return await _bare(everyone, home, think, waits)
    finally:
        collecting.cancel()


def _llmos(*, one_slot: bool = False, nonces: bool = False, hold: bool = False, equal: bool = False) -> Run:
    """The kernel, whole or without a part: batching, prefix reuse, work during tool waits, priorities."""

    async def run(engine: Engine, slots: int, everyone: list[Agent], home: Path) -> Outcome:
        outcome, by_name = Outcome(), {agent.name: agent for agent in everyone}
        held = asyncio.Semaphore(slots)

        async def live(kernel: Kernel, pid: int, app: App) -> Json:
            agent = by_name[app.name.replace("-", " ")]
            priority = Priority.REQUEST if equal else Priority(int(agent.name.split()[1]) % 3)

            async def tool(seconds: float) -> None:
                kernel.record(pid, "syscall.intent", {"tool": "bench.wait", "arguments": {}, "by": "model"})
                await asyncio.sleep(seconds)
                kernel.record(pid, "syscall.result", {"tool": "bench.wait", "by": "model", "result": seconds})

            def write(note: Json) -> None:
                with kernel.journal.transaction():
                    _store(kernel.state(app), note)
                    kernel.record(pid, "state.commit", {"version": 0, "patch": []})

            nonce = f"{secrets.token_hex(16)} " if nonces else ""
            async with _held(held if hold else None):
                outputs = await work(agent, lambda request: kernel.think(pid, request, priority), tool, write, nonce)
            outcome.outputs[agent.name] = outputs
            outcome.turnarounds.append(time.monotonic() - began)
            return {"text": outputs[-1]}

        for agent in everyone:
            _install(home, agent.name.replace(" ", "-"))
        kernel = Kernel(home, Lent(engine), DriverHost({}, home / "logs"), {"chat": live}, 1 if one_slot else slots)
        began = time.monotonic()
        pids = [kernel.spawn(agent.name.replace(" ", "-"), "go").pid for agent in everyone]
        await asyncio.gather(*(_ended(kernel, pid) for pid in pids))
        outcome.seconds = time.monotonic() - began
        answers = [event.data for event in kernel.journal.events() if event.kind == "engine.answer"]
        outcome.queue_waits = [answer["queued_seconds"] for answer in answers]
        await kernel.close()
        return outcome

    return run


VARIANTS: dict[str, Run] = {
    "A one after another": _one_by_one,
    "B threads on a mutex": _mutex,
    "C batches of one second": _batches,
    "D llmos": _llmos(),
    "D1 without batching": _llmos(one_slot=True),
    "D2 without prefix reuse": _llmos(nonces=True),
    "D3 without overlap of tools": _llmos(hold=True),
    "D4 without priorities": _llmos(equal=True),
}


async def _bare(
    everyone: list[Agent],
    home: Path,
    think: Callable[[ChatRequest], Awaitable[str]],
    waits: list[float] | None = None,
    *,
    together: bool = True,
) -> Outcome:
    """Agents without a kernel, on the same kind of database."""
    db = open_database(home / "llmos.db")
    state, outcome = AppState(db, "bench", SCHEMA), Outcome(queue_waits=waits or [])
    write: Write = lambda note: _store(state, note)  # noqa: E731
    began = time.monotonic()

    async def one(agent: Agent) -> None:
        outcome.outputs[agent.name] = await work(agent, think, asyncio.sleep, write)
        outcome.turnarounds.append(time.monotonic() - began)

    if together:
        await asyncio.gather(*map(one, everyone))
    else:
        for agent in everyone:
            await one(agent)
    outcome.seconds, outcome.queue_waits = time.monotonic() - began, waits or [0.0]
    db.close()
    return outcome


async def _interactive(engine: Engine, slots: int) -> Json:
    """Seconds of a short call: alone, beside a long job that yields to it, and beside one that does not."""
    await _calls(engine, Scheduler(slots))  # warms the engine
    idle = await _calls(engine, Scheduler(slots))
    result: dict[str, Json] = {"idle_p90": _p90(idle)}
    for name, priority in (("with priorities", Priority.BACKGROUND), ("without", Priority.INTERACTIVE)):
        scheduler = Scheduler(slots)
        jobs = [asyncio.create_task(_long_job(engine, scheduler, priority, number)) for number in range(slots)]
        await asyncio.sleep(2)
        busy = await _calls(engine, scheduler)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        result[name] = {"p90": _p90(busy), "to_idle": round(_p90(busy) / _p90(idle), 2)}
    return result


async def _calls(engine: Engine, scheduler: Scheduler) -> list[float]:
    seconds = []
    for number in range(NUM_INTERACTIVE):
        request = ChatRequest((Message("user", f"Say hello to visitor {number}."),), max_tokens=MAX_TOKENS)
        began = time.monotonic()
        await call_engine(engine, scheduler, request, priority=Priority.INTERACTIVE, app="person")
        seconds.append(time.monotonic() - began)
        await asyncio.sleep(0.3)
    return seconds


async def _long_job(engine: Engine, scheduler: Scheduler, priority: Priority, number: int) -> None:
    while True:
        request = ChatRequest((Message("user", f"Write a long story about the sea, part {number}."),), max_tokens=400)
        await call_engine(engine, scheduler, request, priority=priority, app="job")


async def _ask(engine: Engine, request: ChatRequest) -> str:
    return "".join([chunk.text async for chunk in engine.stream(request)])


async def _ended(kernel: Kernel, pid: int) -> None:
    async for event in kernel.journal.follow(pid):
        if event.kind in ("process.done", "process.failed"):
            return


@asynccontextmanager
async def _held(places: asyncio.Semaphore | None) -> AsyncIterator[None]:
    if places is None:
        yield
    else:
        async with places:
            yield


def _store(state: AppState, note: Json) -> None:
    state.commit([{"op": "add", "path": f"/notes/{state.next_id('notes')}", "value": note}], cause={})


def _install(home: Path, name: str) -> None:
    folder = home / "apps" / name
    folder.mkdir(parents=True)
    (folder / "app.toml").write_text(MANIFEST.format(name=name), "utf-8")
    (folder / "prompt.md").write_text("", "utf-8")
    (folder / "schema.json").write_text(json.dumps(SCHEMA), "utf-8")


def _row(outcome: Outcome, first: Outcome) -> Json:
    num_syscalls = SYSCALLS_A_ROUND * sum(map(len, outcome.outputs.values()))
    same = sum(outcome.outputs[name] == said for name, said in first.outputs.items())
    return {
        "makespan": round(outcome.seconds, 2),
        "times_a": round(first.seconds / outcome.seconds, 2),
        "syscalls_per_second": round(num_syscalls / outcome.seconds, 2),
        "queue_wait_p50_p90": [round(statistics.median(outcome.queue_waits), 2), _p90(outcome.queue_waits)],
        "turnaround_p50_p90": [round(statistics.median(outcome.turnarounds), 2), _p90(outcome.turnarounds)],
        "agents_with_the_same_outputs": same,
    }


def _p90(values: list[float]) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))], 3)
