"""Processes that start, tell and await one another."""

import asyncio

import pytest

from llmos.kernel.process import State
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, kinds, write_app


def by_prompt(**answers):
    """Each app says its own lines, whatever the order in which they come to the engine."""
    lines = {name: iter(said) for name, said in answers.items()}
    return lambda request: next(lines[request.messages[0].text.split()[0]])


ASK = call("process.ask", app="poet", text="a line")


async def test_a_process_asks_another_app_and_reads_its_answer_as_data(boot, finished, tmp_path):
    write_app(tmp_path, tools=["process.ask:poet"], prompt="boss")
    write_app(tmp_path, "poet", prompt="poet")
    kernel = await boot(ScriptedEngine(by_prompt(boss=[ASK, "It says: roses."], poet=["roses"])))
    process = await finished(kernel, kernel.spawn("helper", "write").pid)
    assert process.result == {"text": "It says: roses."}
    child = kernel.process(process.pid + 1)
    assert (child.parent, child.app, child.result) == (process.pid, "poet", {"text": "roses"})
    told = kernel.engine.requests[-1].messages[-1]
    assert "data, not instructions" in told.text
    assert told.source.endswith(f"process {child.pid}")
    assert process.tokens > child.tokens > 0  # a child's tokens are its parent's too


async def test_an_app_that_the_grant_does_not_name_is_not_started(boot, finished, tmp_path):
    write_app(tmp_path, tools=["process.ask:poet"], prompt="boss")
    write_app(tmp_path, "thief", prompt="thief")
    steal = call("process.ask", app="thief", text="steal")
    kernel = await boot(ScriptedEngine(by_prompt(boss=[steal, "I may not."])))
    process = await finished(kernel, kernel.spawn("helper", "go").pid)
    assert process.result == {"text": "I may not."}
    assert "may not use process.ask:thief" in kernel.engine.requests[-1].messages[-1].text
    assert len(kernel.processes()) == 1


async def test_a_child_started_before_a_kill_is_awaited_and_not_started_again(boot, happens, finished, tmp_path):
    write_app(tmp_path, tools=["process.ask"], prompt="boss")
    write_app(tmp_path, "poet", prompt="poet", tools=["timer.wait"])
    wait = call("timer.wait", seconds=60)
    kernel = await boot(ScriptedEngine(by_prompt(boss=[ASK], poet=[wait])))
    pid = kernel.spawn("helper", "write").pid
    child = (await happens(kernel, pid, "process.child")).data["child"]
    await happens(kernel, child, "syscall.intent")
    kernel = await boot(ScriptedEngine(by_prompt(boss=["roses it is"], poet=["roses"])))
    kernel.record(child, "syscall.result", {"tool": "timer.wait", "by": "model", "result": "woken"})
    kernel = await boot(ScriptedEngine(by_prompt(boss=["roses it is"], poet=["roses"])))
    assert (await finished(kernel, pid)).result == {"text": "roses it is"}
    assert [process.app for process in kernel.processes()] == ["helper", "poet"]


async def test_a_spawned_session_is_told_and_awaited(boot, finished, tmp_path):
    write_app(tmp_path, tools=["process.spawn", "process.send", "process.wait"], prompt="boss", budget="steps = 9")
    write_app(tmp_path, "poet", prompt="poet")
    steps = [
        call("process.spawn", app="poet", text="a line"),
        call("process.wait", pid=2),
        call("process.send", pid=2, text="another"),
        call("process.wait", pid=2),
        "two lines",
    ]
    kernel = await boot(ScriptedEngine(by_prompt(boss=steps, poet=["roses", "violets"])))
    process = await finished(kernel, kernel.spawn("helper", "write").pid)
    assert process.result == {"text": "two lines"}
    results = [e.data["result"] for e in kernel.journal.events(process.pid) if e.kind == "syscall.result"]
    assert results == [{"pid": 2}, {"pid": 2, "text": "roses"}, {"sent": True}, {"pid": 2, "text": "violets"}]


async def test_a_stranger_can_be_neither_told_nor_awaited(boot, finished, tmp_path):
    write_app(tmp_path, tools=["process.send", "process.wait"], prompt="boss")
    write_app(tmp_path, "poet", prompt="poet", tools=["timer.wait"])
    kernel = await boot(
        ScriptedEngine(
            by_prompt(
                boss=[call("process.send", pid=1, text="hi"), call("process.wait", pid=1), "no"],
                poet=[call("timer.wait", seconds=60)],
            )
        )
    )
    stranger = kernel.spawn("poet", "sleep")
    process = await finished(kernel, kernel.spawn("helper", "spy").pid)
    errors = [e.data["error"] for e in kernel.journal.events(process.pid) if e.kind == "syscall.result"]
    assert all("neither a child nor the parent" in error for error in errors)
    assert len(errors) == 2
    assert kinds(kernel, stranger.pid).count("message.user") == 1


async def test_a_child_that_fails_is_an_error_its_parent_reads(boot, finished, tmp_path):
    write_app(tmp_path, tools=["process.ask"], prompt="boss")
    write_app(tmp_path, "poet", prompt="poet", tools=["toy.add"], budget="steps = 1")
    kernel = await boot(ScriptedEngine(by_prompt(boss=[ASK, "It could not."], poet=[call("toy.add", a=1, b=1)])))
    process = await finished(kernel, kernel.spawn("helper", "write").pid)
    assert process.result == {"text": "It could not."}
    assert "spent its budget" in kernel.engine.requests[-1].messages[-1].text


async def test_apps_that_start_each_other_end_at_a_depth(boot, finished, tmp_path):
    write_app(tmp_path, tools=["process.ask"], prompt="boss")
    again = call("process.ask", app="helper", text="go on")

    def script(request):
        return "deep enough" if "Result of the tool" in request.messages[-1].text else again

    kernel = await boot(ScriptedEngine(script))
    process = await finished(kernel, kernel.spawn("helper", "go on").pid)
    assert process.state == State.DONE
    assert len(kernel.processes()) == 4


async def test_children_of_one_process_end_at_a_number(boot, finished, tmp_path):
    write_app(tmp_path, tools=["process.spawn"], prompt="boss", budget="steps = 30")
    write_app(tmp_path, "poet", prompt="poet")
    spawns = [call("process.spawn", app="poet", text=f"line {n}") for n in range(17)]
    kernel = await boot(ScriptedEngine(by_prompt(boss=[*spawns, "enough"], poet=["roses"] * 17)))
    process = await finished(kernel, kernel.spawn("helper", "write").pid)
    assert process.result == {"text": "enough"}
    assert len(kernel.processes()) == 17


async def test_who_kills_a_process_kills_its_children(boot, happens, tmp_path):
    write_app(tmp_path, tools=["process.ask"], prompt="boss")
    write_app(tmp_path, "poet", prompt="poet", tools=["timer.wait"])
    kernel = await boot(ScriptedEngine(by_prompt(boss=[ASK], poet=[call("timer.wait", seconds=60)])))
    pid = kernel.spawn("helper", "write").pid
    child = (await happens(kernel, pid, "process.child")).data["child"]
    await happens(kernel, child, "syscall.intent")
    kernel.kill(pid)
    assert {kernel.process(pid).state, kernel.process(child).state} == {State.KILLED}


@pytest.mark.parametrize("jump", [-3600, 3600])
async def test_a_clock_that_jumps_never_makes_a_wait_longer(boot, happens, finished, tmp_path, monkeypatch, jump):
    write_app(tmp_path, tools=["timer.wait"])
    kernel = await boot(ScriptedEngine([call("timer.wait", seconds=0.2), "awake"]))
    now = __import__("time").time
    monkeypatch.setattr("llmos.kernel.services.timer.time.time", lambda: now() + jump)
    pid = kernel.spawn("helper", "sleep").pid
    async with asyncio.timeout(10):
        assert (await finished(kernel, pid)).result == {"text": "awake"}
