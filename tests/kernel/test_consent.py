import pytest

from llmos.errors import KernelError
from llmos.kernel.process import State
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, kinds, write_app

SEND = call("toy.send", to="ann", text="hi")


async def asked(boot, happens, tmp_path, *answers):
    write_app(tmp_path, ask=["toy.send"])
    kernel = await boot(ScriptedEngine(list(answers)))
    pid = kernel.spawn("helper", "greet ann").pid
    return kernel, pid, await happens(kernel, pid, "question.asked")


async def test_a_call_that_wants_consent_waits_for_a_person_and_says_exactly_what_will_happen(boot, happens, tmp_path):
    kernel, pid, question = await asked(boot, happens, tmp_path, SEND, "Sent.")
    assert question.data["tool"] == "toy.send"
    assert question.data["arguments"] == {"to": "ann", "text": "hi"}
    process = kernel.process(pid)
    assert (process.state, process.waiting_on) == (State.WAITING, "person")
    assert [open.seq for open in kernel.questions.open()] == [question.seq]
    assert "syscall.intent" not in kinds(kernel, pid)


async def test_once_allows_one_call_and_the_next_asks_again(boot, happens, finished, tmp_path):
    again = call("toy.send", to="bob", text="hi")
    kernel, pid, question = await asked(boot, happens, tmp_path, SEND, again, "Both.")
    kernel.answer(question.seq, "once")
    second = await happens(kernel, pid, "question.asked", after=question.seq)
    assert second.data["arguments"]["to"] == "bob"
    kernel.answer(second.seq, "once")
    assert (await finished(kernel, pid)).result == {"text": "Both."}


async def test_process_allows_this_process_and_no_other(boot, happens, finished, tmp_path):
    again = call("toy.send", to="bob", text="hi")
    kernel, pid, question = await asked(boot, happens, tmp_path, SEND, again, "Both.", SEND)
    kernel.answer(question.seq, "process")
    assert (await finished(kernel, pid)).result == {"text": "Both."}
    other = kernel.spawn("helper", "greet ann").pid
    await happens(kernel, other, "question.asked")


async def test_always_allows_the_app_also_under_the_next_kernel_until_it_is_taken_back(
    boot, happens, finished, tmp_path
):
    kernel, pid, question = await asked(boot, happens, tmp_path, SEND, "Sent.")
    kernel.answer(question.seq, "always")
    await finished(kernel, pid)
    kernel = await boot(ScriptedEngine([SEND, "Sent.", SEND]))
    assert (await finished(kernel, kernel.spawn("helper", "again").pid)).result == {"text": "Sent."}
    kernel.questions.revoke("helper", "toy.send")
    await happens(kernel, kernel.spawn("helper", "again").pid, "question.asked")
    with pytest.raises(KernelError, match="does not hold"):
        kernel.questions.revoke("helper", "toy.send")


async def test_no_is_told_to_the_model_and_nothing_happens(boot, happens, finished, tmp_path):
    kernel, pid, question = await asked(boot, happens, tmp_path, SEND, "I did not send it.")
    kernel.answer(question.seq, "no")
    assert (await finished(kernel, pid)).result == {"text": "I did not send it."}
    assert "syscall.intent" not in kinds(kernel, pid)
    assert "does not allow toy.send" in kernel.engine.requests[1].messages[-1].text


async def test_an_open_question_survives_a_restart_and_is_not_asked_twice(boot, happens, finished, tmp_path):
    _, pid, question = await asked(boot, happens, tmp_path, SEND)
    kernel = await boot(ScriptedEngine(["Sent."]))
    assert [open.seq for open in kernel.questions.open()] == [question.seq]
    kernel.answer(question.seq, "once")
    assert (await finished(kernel, pid)).result == {"text": "Sent."}
    assert kinds(kernel, pid).count("question.asked") == 1


async def test_an_answer_given_just_before_a_restart_holds(boot, happens, finished, tmp_path):
    kernel, pid, question = await asked(boot, happens, tmp_path, SEND)
    kernel.answer(question.seq, "once")  # the process has had no chance yet to act on it
    kernel = await boot(ScriptedEngine(["Sent."]))
    assert (await finished(kernel, pid)).result == {"text": "Sent."}
    assert kinds(kernel, pid).count("question.asked") == 1


async def test_waiting_for_a_person_costs_no_time_of_the_budget(boot, happens, finished, tmp_path):
    write_app(tmp_path, ask=["toy.send"], budget="seconds = 5")
    kernel = await boot(ScriptedEngine([SEND, "Sent."]))
    pid = kernel.spawn("helper", "greet").pid
    question = await happens(kernel, pid, "question.asked")
    assert kernel.clocks.is_paused(pid)
    kernel.answer(question.seq, "once")
    assert (await finished(kernel, pid)).state == State.DONE


@pytest.mark.parametrize(
    ("number", "choice", "sentence"), [(0, "maybe", "takes once"), (99, "once", "no open question")]
)
async def test_a_wrong_answer_is_a_sentence(boot, happens, tmp_path, number, choice, sentence):
    kernel, _, question = await asked(boot, happens, tmp_path, SEND)
    with pytest.raises(KernelError, match=sentence):
        kernel.answer(question.seq + number, choice)


async def test_the_question_of_a_killed_process_is_closed(boot, happens, tmp_path):
    kernel, pid, question = await asked(boot, happens, tmp_path, SEND)
    kernel.kill(pid)
    assert kernel.questions.open() == []
    with pytest.raises(KernelError, match="no open question"):
        kernel.answer(question.seq, "once")


def interrupted(kernel, step, tool, **arguments):
    """The journal of a process whose kernel was killed in the middle of a call."""
    pid = kernel.journal.next_pid()
    kernel.record(pid, "process.spawned", {"app": "helper", "kind": "chat"})
    kernel.record(pid, "message.user", {"text": "go", "attachments": []})
    kernel.record(pid, "engine.answer", {"text": step, "tokens": 1})
    kernel.record(pid, "syscall.intent", {"tool": tool, "arguments": arguments, "by": "model"})
    return pid


async def test_an_interrupted_call_that_is_read_only_is_repeated(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.add"])
    kernel = await boot(ScriptedEngine([]))
    pid = interrupted(kernel, call("toy.add", a=2, b=3), "toy.add", a=2, b=3)
    kernel = await boot(ScriptedEngine(["five"]))
    assert (await finished(kernel, pid)).result == {"text": "five"}
    assert kinds(kernel, pid).count("syscall.intent") == 1


@pytest.mark.parametrize(("choice", "told"), [("repeat", "sent to ann"), ("happened", "took effect")])
async def test_any_other_interrupted_call_waits_for_a_person_who_knows(boot, happens, finished, tmp_path, choice, told):
    write_app(tmp_path, tools=["toy.send"])
    kernel = await boot(ScriptedEngine([]))
    pid = interrupted(kernel, SEND, "toy.send", to="ann", text="hi")
    kernel = await boot(ScriptedEngine(["Done."]))
    question = await happens(kernel, pid, "question.asked")
    assert question.data["about"] == "interrupted"
    assert "may have happened already" in question.data["text"]
    kernel.answer(question.seq, choice)
    assert (await finished(kernel, pid)).result == {"text": "Done."}
    assert told in kernel.engine.requests[0].messages[-1].text


async def test_a_person_can_stop_a_process_whose_call_was_interrupted(boot, happens, finished, tmp_path):
    write_app(tmp_path, tools=["toy.send"])
    kernel = await boot(ScriptedEngine([]))
    pid = interrupted(kernel, SEND, "toy.send", to="ann", text="hi")
    kernel = await boot(ScriptedEngine([]))
    kernel.answer((await happens(kernel, pid, "question.asked")).seq, "stop")
    assert "was interrupted" in (await finished(kernel, pid)).error


async def test_a_repeated_call_that_is_interrupted_again_is_asked_about_again(boot, happens, finished, tmp_path):
    write_app(tmp_path, tools=["toy.send"])
    kernel = await boot(ScriptedEngine([]))
    pid = interrupted(kernel, SEND, "toy.send", to="ann", text="hi")
    facts = {"about": "interrupted", "tool": "toy.send", "arguments": {}, "grant": "toy.send", "text": "?"}
    first = kernel.record(pid, "question.asked", {**facts, "choices": ["repeat", "happened", "stop"]})
    kernel.record(pid, "question.answered", {"question": first.seq, "choice": "repeat", "grant": "toy.send"})
    kernel.record(pid, "syscall.intent", {"tool": "toy.send", "arguments": {"to": "ann", "text": "hi"}, "by": "model"})
    kernel = await boot(ScriptedEngine(["Done."]))
    second = await happens(kernel, pid, "question.asked", after=first.seq)
    kernel.answer(second.seq, "happened")
    assert (await finished(kernel, pid)).result == {"text": "Done."}
