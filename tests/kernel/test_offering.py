"""A process whose tools are chosen for each message: what the model is shown, and what stays as it was."""

import json
from dataclasses import asdict
from itertools import pairwise

import pytest

from llmos.http.narrate import narrate
from llmos.kernel.drivers import DriverHost
from llmos.kernel.drivers.manifest import ToolSettings
from llmos.kernel.kernel import Kernel
from llmos.kernel.process import State
from llmos.kernel.turn import run_chat
from llmos.testing import ScriptedEngine

from .conftest import TOY, call, write_app

SUM = 'tools = ["toy.add"]\ntold = "Add with toy.add."\nmessages = ["How much is 3 plus 4?"]\n'
POST = 'tools = ["toy.send"]\nmessages = ["Send a message to Ann."]\n'
TALK = 'messages = ["What is the capital of Spain?"]\n'


@pytest.fixture
async def chosen(tmp_path):
    """A kernel for an app whose tools are chosen; called again, the next kernel of the same folder."""
    kernels = []

    async def start(answers, first="", after=None):
        while kernels:
            await kernels.pop().close()
        write_app(tmp_path, tools=["toy.add", "toy.send", "toy.recite"])
        manifest = tmp_path / "apps" / "helper" / "app.toml"
        manifest.write_text(manifest.read_text() + "choose = 2\n")
        examples = manifest.parent / "examples"
        examples.mkdir(exist_ok=True)
        for name, text in (("sum", SUM + first), ("post", POST), ("talk", TALK)):
            (examples / f"{name}.toml").write_text(text)
        toy = TOY.model_copy(update={"tools": {"recite": ToolSettings(after=(after or "add",))}})
        engine = ScriptedEngine(answers)
        kernels.append(Kernel(tmp_path, engine, DriverHost({"toy": toy}, tmp_path / "logs"), {"chat": run_chat}))
        kernels[-1].start()
        return kernels[-1]

    yield start
    for kernel in kernels:
        await kernel.close()


def offers(kernel, pid):
    return [event.data for event in kernel.journal.events(pid) if event.kind == "tools.offered"]


async def test_plain_talk_is_shown_no_tool_and_starts_no_driver(chosen, finished):
    kernel = await chosen(["Rome."])
    process = await finished(kernel, kernel.spawn("helper", "What is the capital of Italy?").pid)
    assert process.result == {"text": "Rome."}
    [request] = kernel.engine.requests
    assert [message.text for message in request.messages] == ["You help.", "What is the capital of Italy?"]
    assert request.grammar is None and kernel.drivers.health("toy").state == "idle"
    assert [offer["tools"] for offer in offers(kernel, process.pid)] == [[]]


async def test_a_task_is_shown_its_tools_and_the_apps_words_before_the_question(chosen, finished):
    kernel = await chosen([call("toy.add", a=5, b=6), "11."])
    pid = kernel.spawn("helper", "How much is 5 plus 6?").pid
    assert (await finished(kernel, pid)).result == {"text": "11."}
    asked = kernel.engine.requests[0].messages[-1].text
    assert asked.startswith("Add with toy.add.\n\n") and asked.endswith("\n\nNow this: How much is 5 plus 6?")
    assert "- toy.add(" in asked and "toy.send" not in asked
    assert r"\"toy.add\"" in kernel.engine.requests[0].grammar
    first = offers(kernel, pid)[0]
    assert (first["tools"], first["tasks"], first["by"]) == (["toy.add"], ["sum"], "words")
    assert first["scores"]["sum"] > first["scores"]["talk"]


async def test_a_tool_that_worked_opens_those_that_come_after_it(chosen, finished):
    kernel = await chosen([call("toy.add", a=5, b=6), call("toy.recite", num_lines=1), "11."])
    pid = kernel.spawn("helper", "How much is 5 plus 6?").pid
    assert (await finished(kernel, pid)).state is State.DONE
    assert [offer["tools"] for offer in offers(kernel, pid)] == [["toy.add"], ["toy.recite"]]
    assert offers(kernel, pid)[1]["by"] == "after toy.add"
    told = [narrate(asdict(event)) for event in kernel.journal.events(pid) if event.kind == "tools.offered"]
    assert [line.split("  ")[-1] for line in told] == ["may call toy.add for sum", "may call toy.recite, after toy.add"]
    result = kernel.engine.requests[1].messages[-1].text
    assert result.index('{"sum": 11}') < result.index("You may also call these tools now:\n- toy.recite(")


async def test_a_task_may_begin_with_a_call_and_only_its_first_step_must_be_one(chosen, finished):
    kernel = await chosen([call("toy.add", a="x"), "I cannot."], first="first = true\n")
    pid = kernel.spawn("helper", "How much is 5 plus x?").pid
    assert (await finished(kernel, pid)).result == {"text": "I cannot."}
    grammars = [request.grammar for request in kernel.engine.requests]
    assert "root ::= call\n" in grammars[0] and "root ::= call | answer\n" in grammars[1]


async def test_what_was_asked_is_said_again_where_the_task_says_so_and_for_that_message_alone(chosen, happens):
    kernel = await chosen(
        [call("toy.add", a=5, b=6), "11.", call("toy.send", to="Ann", text="hi"), "Sent."], first="remind = true\n"
    )
    pid = kernel.spawn("helper", "How much is 5 plus 6?", session=True).pid
    after = (await happens(kernel, pid, "process.answered")).seq
    kernel.send(pid, "Send a message to Ann.")
    await happens(kernel, pid, "process.answered", after)
    newest = [request.messages[-1].text for request in kernel.engine.requests]
    assert ["The user asked: How much is 5 plus 6?" in text for text in newest] == [False, True, False, False]
    assert "The user asked" not in newest[3]


async def test_all_that_was_said_before_stays_as_it_was_when_other_tools_are_chosen(chosen, happens):
    kernel = await chosen(["Rome.", call("toy.add", a=5, b=6), "11.", call("toy.send", to="Ann", text="hi"), "Sent."])
    pid, after = kernel.spawn("helper", "What is the capital of Italy?", session=True).pid, 0
    for text in ("How much is 5 plus 6?", "Send a message to Ann.", ""):
        after = (await happens(kernel, pid, "process.answered", after)).seq
        if text:
            kernel.send(pid, text)
    shown = [request.messages for request in kernel.engine.requests]
    for earlier, later in pairwise(shown):
        assert later[: len(earlier)] == earlier
    assert r"\"toy.send\"" in kernel.engine.requests[-2].grammar


async def test_the_next_kernel_offers_and_tells_the_same(chosen, happens, finished):
    kernel = await chosen([call("toy.send", to="Ann", text="hi")])
    manifest = kernel.home / "apps" / "helper" / "app.toml"
    manifest.write_text(manifest.read_text().replace("ask = []", 'ask = ["toy.send"]').replace('"toy.send", ', "", 1))
    pid = kernel.spawn("helper", "Send a message to Ann.").pid
    question = await happens(kernel, pid, "question.asked")
    told = kernel.engine.requests[0].messages
    kernel = await chosen(["Sent."])
    (kernel.home / "apps" / "helper" / "examples" / "post.toml").write_text(TALK)
    kernel.answer(question.seq, "once")
    assert (await finished(kernel, pid)).result == {"text": "Sent."}
    assert kernel.engine.requests[0].messages[: len(told)] == told
    assert len(offers(kernel, pid)) == 1


async def test_a_model_that_makes_the_same_call_again_must_answer_next(chosen, finished):
    kernel = await chosen([call("toy.add", a=5, b=6), call("toy.add", a=5, b=6), "11."])
    assert (await finished(kernel, kernel.spawn("helper", "How much is 5 plus 6?").pid)).result == {"text": "11."}
    assert "root ::= answer\n" in kernel.engine.requests[2].grammar


async def test_what_is_granted_may_be_called_though_it_was_not_shown_and_nothing_else(chosen, finished):
    """An engine without grammars may say anything; capabilities decide."""
    kernel = await chosen([call("toy.send", to="Ann", text="hi"), "Done."])
    pid = kernel.spawn("helper", "How much is 5 plus 6?").pid
    assert (await finished(kernel, pid)).result == {"text": "Done."}
    kernel = await chosen([call("toy.erase", what="all")])
    process = await finished(kernel, kernel.spawn("helper", "How much is 5 plus 6?").pid)
    assert process.state is State.FAILED and "may not use toy.erase" in process.error


async def test_a_driver_that_does_not_start_is_left_out_and_the_event_says_why(tmp_path, finished):
    write_app(tmp_path, tools=["toy.add"])
    folder = tmp_path / "apps" / "helper"
    (folder / "app.toml").write_text((folder / "app.toml").read_text() + "choose = 1\n")
    (folder / "examples").mkdir()
    (folder / "examples" / "sum.toml").write_text(SUM)
    broken = TOY.model_copy(update={"command": (*TOY.command, "--broken")})
    kernel = Kernel(
        tmp_path, ScriptedEngine(["About 11."]), DriverHost({"toy": broken}, tmp_path / "logs"), {"chat": run_chat}
    )
    pid = kernel.spawn("helper", "How much is 5 plus 6?").pid
    assert (await finished(kernel, pid)).result == {"text": "About 11."}
    [offer] = offers(kernel, pid)
    assert offer["tools"] == [] and "did not start" in json.dumps(offer["missing"])
    await kernel.close()
