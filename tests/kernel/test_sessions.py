import asyncio

import pytest

from llmos.contracts import Message
from llmos.errors import KernelError
from llmos.kernel.process import State
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, kinds, write_app


def said(engine, number=-1):
    return [(message.role, message.text) for message in engine.requests[number].messages[1:]]


async def test_a_session_answers_and_waits_for_the_next_message_with_all_that_was_said(boot, happens, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["Hello Ann.", "Ann."]))
    pid = kernel.spawn("helper", "I am Ann", session=True).pid
    first = await happens(kernel, pid, "process.answered")
    process = kernel.process(pid)
    assert (process.state, process.waiting_on, process.result) == (State.WAITING, "message", {"text": "Hello Ann."})
    kernel.send(pid, "Who am I?")
    await happens(kernel, pid, "process.answered", after=first.seq)
    assert said(kernel.engine) == [("user", "I am Ann"), ("assistant", "Hello Ann."), ("user", "Who am I?")]


async def test_a_session_may_begin_with_nothing_said(boot, happens, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["Hi."]))
    process = kernel.spawn("helper", session=True)
    assert process.waiting_on == "message"
    kernel.send(process.pid, "hello")
    await happens(kernel, process.pid, "process.answered", after=kernel.journal.newest() - 1)


async def test_a_session_goes_on_under_the_next_kernel(boot, happens, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["One."]))
    pid = kernel.spawn("helper", "first", session=True).pid
    first = await happens(kernel, pid, "process.answered")
    kernel = await boot(ScriptedEngine(["Two."]))
    kernel.send(pid, "second")
    await happens(kernel, pid, "process.answered", after=first.seq)
    assert said(kernel.engine) == [("user", "first"), ("assistant", "One."), ("user", "second")]


async def test_a_failed_answer_ends_the_turn_and_not_the_session(boot, happens, tmp_path):
    write_app(tmp_path, tools=["toy.add"], budget="steps = 1")
    kernel = await boot(ScriptedEngine([call("toy.add", a=1, b=1), "Better."]))
    pid = kernel.spawn("helper", "count", session=True).pid
    failed = await happens(kernel, pid, "process.answered")
    assert "spent its budget" in failed.data["error"]
    kernel.send(pid, "just answer")  # the budget is each answer's own
    answered = await happens(kernel, pid, "process.answered", after=failed.seq)
    assert answered.data["result"] == {"text": "Better."}


async def test_a_message_that_comes_during_the_work_is_read_with_the_next_step(boot, happens, finished, tmp_path):
    write_app(tmp_path, tools=["timer.wait"])
    kernel = await boot(ScriptedEngine([call("timer.wait", seconds=0.3), "Noted."]))
    pid = kernel.spawn("helper", "wait a bit").pid
    await happens(kernel, pid, "syscall.intent")
    kernel.send(pid, "and hurry")
    assert (await finished(kernel, pid)).result == {"text": "Noted."}
    assert "and hurry" in "".join(text for _, text in said(kernel.engine))


class Slow(ScriptedEngine):
    async def stream(self, request):
        if len(self.requests) == 0:
            self.requests.append(request)
            await asyncio.sleep(3600)
        async for chunk in super().stream(request):
            yield chunk


async def test_an_interrupted_session_waits_for_the_next_message(boot, happens, tmp_path):
    write_app(tmp_path)
    kernel = await boot(Slow(["Here."]))
    pid = kernel.spawn("helper", "think long", session=True).pid
    await happens(kernel, pid, "engine.request")
    kernel.interrupt(pid)
    stopped = await happens(kernel, pid, "process.answered")
    assert stopped.data["interrupted"]
    kernel.send(pid, "never mind, just answer")
    answered = await happens(kernel, pid, "process.answered", after=stopped.seq)
    assert answered.data["result"] == {"text": "Here."}


async def test_an_interrupted_process_that_is_no_session_is_killed(boot, happens, tmp_path):
    write_app(tmp_path)
    kernel = await boot(Slow([]))
    pid = kernel.spawn("helper", "think long").pid
    await happens(kernel, pid, "engine.request")
    kernel.interrupt(pid)
    assert kernel.process(pid).state == State.KILLED


async def test_what_was_said_before_a_process_began_is_its_history(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["Ann."]))
    history = [Message("user", "I am Ann", source="user"), Message("assistant", "Hello.", source="model")]
    await finished(kernel, kernel.spawn("helper", "Who am I?", history=history).pid)
    assert said(kernel.engine) == [("user", "I am Ann"), ("assistant", "Hello."), ("user", "Who am I?")]


async def test_nothing_can_be_said_to_a_process_that_ended(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["Done."]))
    pid = kernel.spawn("helper", "go").pid
    await finished(kernel, pid)
    with pytest.raises(KernelError, match="has ended"):
        kernel.send(pid, "more")


async def test_a_model_that_answers_nothing_is_asked_once_more_and_then_told_to_the_user(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["", "Now."]))
    assert (await finished(kernel, kernel.spawn("helper", "go").pid)).result == {"text": "Now."}
    kernel = await boot(ScriptedEngine(["", " \n"]))
    assert "answered nothing" in (await finished(kernel, kernel.spawn("helper", "go").pid)).error


async def test_the_syscall_budget_ends_a_process(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.add"], budget="steps = 9\nsyscalls = 2")
    kernel = await boot(ScriptedEngine([call("toy.add", a=n, b=1) for n in range(9)]))
    process = await finished(kernel, kernel.spawn("helper", "count").pid)
    assert ("spent its budget" in process.error, kinds(kernel, process.pid).count("syscall.intent")) == (True, 3)


async def test_each_app_thinks_with_the_model_that_its_manifest_names(boot, finished, tmp_path):
    write_app(tmp_path)
    write_app(tmp_path, "small")
    with (tmp_path / "apps" / "small" / "app.toml").open("a") as manifest:
        manifest.write('[model]\nname = "tiny"\n')
    opened = {}

    def open_engine(name):
        opened[name] = ScriptedEngine(["I am tiny.", "Still tiny."], model=name)
        return opened[name]

    kernel = await boot(ScriptedEngine(["I am the own one."]), open_engine=open_engine)
    results = [(await finished(kernel, kernel.spawn(app, "who?").pid)).result for app in ("small", "helper", "small")]
    assert [result["text"] for result in results] == ["I am tiny.", "I am the own one.", "Still tiny."]
    assert len(opened["tiny"].requests) == 2


async def test_a_model_that_cannot_be_had_fails_the_process_with_a_sentence(boot, finished, tmp_path):
    write_app(tmp_path)
    with (tmp_path / "apps" / "helper" / "app.toml").open("a") as manifest:
        manifest.write('[model]\nname = "tiny"\n')
    kernel = await boot(ScriptedEngine([]))
    assert "No engine for the model tiny" in (await finished(kernel, kernel.spawn("helper", "who?").pid)).error


async def test_an_answer_that_ran_out_of_tokens_says_that_it_is_cut(boot, finished, tmp_path):
    write_app(tmp_path)
    with (tmp_path / "apps" / "helper" / "app.toml").open("a") as manifest:
        manifest.write("[model]\nmax_tokens = 3\n")
    kernel = await boot(ScriptedEngine(["one two three four five"]))
    assert (await finished(kernel, kernel.spawn("helper", "count").pid)).result == {
        "text": "one two three",
        "cut": True,
    }
