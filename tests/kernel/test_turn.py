import asyncio

from llmos.errors import EngineUnavailable
from llmos.kernel.process import State
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, kinds, write_app


class ThenSilent(ScriptedEngine):
    """Answers once, then never again."""

    async def stream(self, request):
        if self.requests:
            await asyncio.sleep(3600)
        async for chunk in super().stream(request):
            yield chunk


async def test_an_app_without_tools_answers_in_plain_text(boot, finished, tmp_path):
    write_app(tmp_path)
    engine = ScriptedEngine(["Lima."])
    kernel = await boot(engine)
    process = await finished(kernel, kernel.spawn("helper", "Capital of Peru?").pid)
    assert (process.state, process.result) == (State.DONE, {"text": "Lima."})
    asked = engine.requests[0].messages
    assert [(m.role, m.text) for m in asked] == [("system", "You help."), ("user", "Capital of Peru?")]


async def test_nothing_asked_is_not_answered(boot, finished, tmp_path):
    write_app(tmp_path)
    engine = ScriptedEngine([])
    kernel = await boot(engine)
    process = await finished(kernel, kernel.spawn("helper", " \n").pid)
    assert "Nothing was asked" in process.error
    assert engine.requests == []


async def test_a_call_is_journaled_before_and_after_its_effect(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.add"])
    engine = ScriptedEngine([call("toy.add", a=2, b=3), "five"])
    kernel = await boot(engine)
    process = await finished(kernel, kernel.spawn("helper", "2+3?").pid)
    assert process.result == {"text": "five"}
    assert kinds(kernel, process.pid) == [
        "process.spawned",
        "message.user",
        "engine.request",
        "engine.answer",
        "syscall.intent",
        "syscall.result",
        "engine.request",
        "engine.answer",
        "process.done",
    ]
    assert '{"sum": 5}' in engine.requests[1].messages[-1].text


async def test_what_a_driver_refuses_is_told_to_the_model(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.refuse"])
    engine = ScriptedEngine([call("toy.refuse"), "it would not"])
    kernel = await boot(engine)
    process = await finished(kernel, kernel.spawn("helper", "try").pid)
    assert process.result == {"text": "it would not"}
    assert "not today" in engine.requests[1].messages[-1].text


async def test_a_tool_that_the_manifest_does_not_list_is_denied_whatever_the_model_says(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.add"])
    engine = ScriptedEngine([call("toy.die")])
    kernel = await boot(engine)
    process = await finished(kernel, kernel.spawn("helper", "die").pid)
    assert process.state == State.FAILED
    assert "may not use toy.die" in process.error
    assert "syscall.intent" not in kinds(kernel, process.pid)


async def test_arguments_that_the_tool_does_not_take_are_told_to_the_model_and_never_reach_it(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.add"])
    engine = ScriptedEngine([call("toy.add", a="two"), "I cannot."])
    kernel = await boot(engine)
    process = await finished(kernel, kernel.spawn("helper", "2+3?").pid)
    assert process.result == {"text": "I cannot."}
    assert "does not take these arguments" in engine.requests[1].messages[-1].text
    assert "syscall.intent" not in kinds(kernel, process.pid)


async def test_a_model_that_repeats_itself_is_stopped(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.add"], budget="steps = 50")
    kernel = await boot(ScriptedEngine([call("toy.add", a=1, b=1)] * 50))
    process = await finished(kernel, kernel.spawn("helper", "loop").pid)
    assert "again and again" in process.error
    assert process.steps < 6


async def test_a_model_that_runs_in_circles_or_has_one_step_left_may_only_answer(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.add"], budget="steps = 5")
    steps = iter([call("toy.add", a=1, b=1)] * 3)

    def script(request):
        only_answer = "root ::= answer\n" in request.grammar
        assert only_answer == ("Answer now" in request.messages[-1].text)
        return "two" if only_answer else next(steps)

    kernel = await boot(ScriptedEngine(script))
    assert (await finished(kernel, kernel.spawn("helper", "loop").pid)).result == {"text": "two"}
    steps = (call("toy.add", a=n, b=1) for n in range(9))
    process = await finished(kernel, kernel.spawn("helper", "count").pid)
    assert (process.result, process.steps) == ({"text": "two"}, 5)


async def test_the_step_budget_ends_a_process(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.add"], budget="steps = 3")
    kernel = await boot(ScriptedEngine([call("toy.add", a=n, b=1) for n in range(9)]))
    process = await finished(kernel, kernel.spawn("helper", "count").pid)
    assert (process.steps, "spent its budget" in process.error) == (3, True)


async def test_an_engine_that_dies_once_is_asked_again(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine([EngineUnavailable("The engine died."), "Here I am."]))
    process = await finished(kernel, kernel.spawn("helper", "hello?").pid)
    assert process.result == {"text": "Here I am."}
    assert "engine.retry" in kinds(kernel, process.pid)


async def test_an_engine_that_stays_dead_fails_the_process_with_its_sentence(boot, finished, tmp_path, monkeypatch):
    monkeypatch.setattr("llmos.kernel.call.RETRY_SECONDS", (0.0, 0.01))
    write_app(tmp_path)
    kernel = await boot(
        ScriptedEngine([EngineUnavailable("The engine died.")] * 2 + [EngineUnavailable("It is gone.")])
    )
    process = await finished(kernel, kernel.spawn("helper", "hello?").pid)
    assert (process.state, process.error) == (State.FAILED, "It is gone.")


async def test_a_prompt_longer_than_the_window_is_refused_with_both_numbers(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["never"]))
    process = await finished(kernel, kernel.spawn("helper", "word " * 200_000).pid)
    assert process.state == State.FAILED
    assert "window has" in process.error


async def test_a_killed_process_stays_killed(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.hang"])
    kernel = await boot(ScriptedEngine([call("toy.hang")]))
    pid = kernel.spawn("helper", "hang").pid
    async for event in kernel.journal.follow(pid):
        if event.kind == "syscall.intent":
            break
    kernel.kill(pid)
    assert (await finished(kernel, pid)).state == State.KILLED
    again = await boot(ScriptedEngine([]))
    assert again.process(pid).state == State.KILLED


async def test_the_next_kernel_continues_from_the_last_event_without_repeating_a_step(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.add"])
    kernel = await boot(ThenSilent([call("toy.add", a=2, b=3)]))
    pid = kernel.spawn("helper", "2+3?").pid
    async for event in kernel.journal.follow(pid):
        if event.kind == "syscall.result":
            break
    following = ScriptedEngine(["five"])
    kernel = await boot(following)
    process = await finished(kernel, pid)
    assert process.result == {"text": "five"}
    assert len(following.requests) == 1
    assert kinds(kernel, pid).count("syscall.intent") == 1


async def test_a_driver_that_dies_in_a_call_that_is_not_safe_to_repeat_waits_for_a_person(
    boot, happens, finished, tmp_path
):
    write_app(tmp_path, tools=["toy.die"])
    kernel = await boot(ScriptedEngine([call("toy.die"), "noted"]))
    pid = kernel.spawn("helper", "die").pid
    question = await happens(kernel, pid, "question.asked")
    assert "may have happened already" in question.data["text"]
    kernel.answer(question.seq, "happened")
    assert (await finished(kernel, pid)).result == {"text": "noted"}


async def test_a_driver_that_dies_in_a_read_only_call_is_asked_again_and_not_for_ever(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.look_and_die"])
    kernel = await boot(ScriptedEngine([call("toy.look_and_die"), "it keeps dying"]))
    process = await finished(kernel, kernel.spawn("helper", "look").pid)
    assert process.result == {"text": "it keeps dying"}
    assert "The driver toy" in kernel.engine.requests[-1].messages[-1].text
