"""What a process uses, in figures, over the API."""

import asyncio
import json

from llmos.contracts import Event
from llmos.kernel.process import advance, spawned
from llmos.kernel.speeds import MIN_PIECES, Speeds

DEADLINE = 20


async def ended(world, pid, answers=1):
    async with asyncio.timeout(DEADLINE):
        async for event in world.kernel.journal.follow(pid):
            answers -= event.kind in ("process.done", "process.failed", "process.answered")
            if not answers:
                return


async def start(world, text, app="assistant", **more):
    body = {"app": app, "text": text, **more}
    return (await world.api.post("/processes", json=body)).json()["pid"]


async def usage(world, pid):
    return (await world.api.get(f"/processes/{pid}/usage")).json()


async def test_a_process_tells_its_speed_its_window_and_its_budget(world):
    call = json.dumps({"call": "python.run", "arguments": {"code": "print(1)"}})
    world.script.say(call, "One it is.")
    pid = await start(world, "count", app="compute")
    await ended(world, pid)
    used, process = await usage(world, pid), (await world.api.get(f"/processes/{pid}")).json()
    assert used["window_tokens"] == 8192
    assert 0 < used["context_tokens"] < 8192
    assert used["writing_tokens"] == 0
    assert used["spent"] == {"steps": 2, "tokens": process["tokens"], "syscalls": 1}
    assert used["budget"]["steps"] >= 2
    assert process["prompt_tokens"] > used["context_tokens"]


async def test_each_answer_of_a_session_has_a_budget_of_its_own_and_the_cost_adds_up(world):
    world.script.say("One two three.", "Four.")
    pid = await start(world, "1", session=True)
    await ended(world, pid)
    first = await usage(world, pid)
    await world.api.post(f"/processes/{pid}/messages", json={"text": "2"})
    await ended(world, pid, answers=2)
    second, process = await usage(world, pid), (await world.api.get(f"/processes/{pid}")).json()
    assert (first["spent"]["steps"], second["spent"]["steps"], process["steps"]) == (1, 1, 2)
    assert process["tokens"] == first["spent"]["tokens"] + second["spent"]["tokens"]
    assert second["context_tokens"] > first["context_tokens"]


async def test_rows_tell_it_where_asked_for_and_after_the_next_kernel_has_started(world):
    world.script.say("Done.")
    pid = await start(world, "do")
    await ended(world, pid)
    assert "usage" not in (await world.api.get("/processes")).json()[-1]
    before = (await world.api.get("/processes?with_usage=true")).json()[-1]
    await world.boot()
    assert (await world.api.get("/processes?with_usage=true")).json()[-1] == before
    assert before["usage"] == await usage(world, pid)


async def test_what_a_removed_app_used_is_still_told(world):
    folder = world.home / "apps" / "gone"
    folder.mkdir(parents=True)
    (folder / "app.toml").write_text('name = "gone"\ntitle = "G"\nkind = "chat"\n')
    (folder / "prompt.md").write_text("You go.")
    world.script.say("Bye.")
    pid = (await world.api.post("/processes", json={"app": "gone", "text": "go"})).json()["pid"]
    await ended(world, pid)
    for file in folder.iterdir():
        file.unlink()
    assert (await usage(world, pid))["budget"] is None
    assert (await world.api.get("/processes/99/usage")).status_code == 404


def test_a_process_writes_as_fast_as_in_its_last_call_and_asides_leave_its_context_alone():
    process = spawned(Event(1, 1, 0.0, "process.spawned", {"app": "a", "kind": "chat"}))
    said = {"tokens": 30, "prompt_tokens": 500, "cached_tokens": 400, "seconds": 2.0}
    process = advance(process, Event(2, 1, 0.0, "engine.answer", said))
    assert (process.tokens_per_second, process.context_tokens, process.answer.steps) == (15.0, 530, 1)
    process = advance(process, Event(3, 1, 0.0, "engine.answer", {**said, "purpose": "compact"}))
    assert (process.context_tokens, process.answer.steps, process.answer.tokens) == (530, 1, 60)
    assert (process.prompt_tokens, process.cached_tokens) == (1000, 800)


def test_how_fast_it_writes_now_is_known_only_while_it_writes():
    speeds = Speeds()
    assert speeds.of(1) is None
    for _ in range(MIN_PIECES):
        speeds.heard(1)
    assert speeds.of(1) > 0
    assert (speeds.written(1), speeds.written(2)) == (MIN_PIECES, 0)
    assert speeds.of(2) is None
    speeds.ended(1)
    assert speeds.of(1) is None
