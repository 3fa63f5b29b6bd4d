"""An app that has to call before it answers: what the grammar admits, step by step."""

import pytest

from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, write_app


@pytest.fixture
def calls_first(tmp_path):
    write_app(tmp_path, tools=["toy.add", "toy.refuse"], budget="steps = 4")
    manifest = tmp_path / "apps" / "helper" / "app.toml"
    manifest.write_text(f"{manifest.read_text()}first = true\n")


def admits_an_answer(request):
    return "root ::= call | answer" in request.grammar or "root ::= answer" in request.grammar


async def test_nothing_is_answered_before_a_call_has_worked(boot, finished, calls_first):
    engine = ScriptedEngine([call("toy.refuse"), call("toy.add", a=2, b=3), "five"])
    kernel = await boot(engine)
    process = await finished(kernel, kernel.spawn("helper", "2+3?").pid)
    assert process.result == {"text": "five"}
    assert [admits_an_answer(request) for request in engine.requests] == [False, False, True]


async def test_the_last_step_of_the_budget_may_answer_all_the_same(boot, finished, calls_first):
    engine = ScriptedEngine(
        [call("toy.refuse"), call("toy.refuse", why="x"), call("toy.refuse", why="y"), "It would not."]
    )
    kernel = await boot(engine)
    process = await finished(kernel, kernel.spawn("helper", "2+3?").pid)
    assert process.result == {"text": "It would not."}
    assert [admits_an_answer(request) for request in engine.requests] == [False, False, False, True]


@pytest.fixture
def reminded(tmp_path):
    write_app(tmp_path, tools=["toy.add", "toy.refuse", "toy.send"], budget="steps = 4")
    manifest = tmp_path / "apps" / "helper" / "app.toml"
    manifest.write_text(f"{manifest.read_text()}[model]\nremind = true\n")


async def test_what_was_asked_is_said_again_with_each_result_and_never_kept(boot, finished, reminded):
    engine = ScriptedEngine([call("toy.add", a=2, b=3), call("toy.refuse"), "five"])
    kernel = await boot(engine)
    process = await finished(kernel, kernel.spawn("helper", "Add 2 and 3 at http://x.example/?a=1, twice.").pid)
    assert process.result == {"text": "five"}
    newest = [request.messages[-1].text for request in engine.requests]
    assert ["The user asked: Add 2 and 3 at http://x.example/?a=1, twice.\n" in text for text in newest] == [
        False,
        True,
        True,
    ]
    assert sum("The user asked" in message.text for message in engine.requests[-1].messages) == 1


async def test_an_answer_is_followed_by_no_reminder_of_what_was_asked_before(boot, finished, reminded):
    engine = ScriptedEngine([call("toy.add", a=2, b=3), "five", "You are welcome."])
    kernel = await boot(engine)
    pid = kernel.spawn("helper", "Add 2 and 3.", session=True).pid
    await kernel.until(pid, lambda: len(engine.requests) == 2 or None)
    kernel.post(pid, "thanks")
    await kernel.until(pid, lambda: len(engine.requests) == 3 or None)
    assert "The user asked" not in engine.requests[2].messages[-1].text


@pytest.mark.parametrize(
    "question",
    ["How much is 2+3?", "What does http://x.example/ say?", "Is it 5? See http://x/", "Is it on http://x/?"],
)
async def test_who_asked_a_question_is_to_be_answered_from_what_was_read(boot, finished, reminded, question):
    engine = ScriptedEngine([call("toy.add", a=2, b=3), "five"])
    kernel = await boot(engine)
    await finished(kernel, kernel.spawn("helper", question).pid)
    newest = engine.requests[1].messages[-1].text
    assert "answer now" in newest and "left to do" not in newest


async def test_a_call_that_came_to_the_same_before_is_told_to_be_another(boot, finished, reminded):
    engine = ScriptedEngine([call("toy.refuse"), call("toy.refuse"), "five"])
    kernel = await boot(engine)
    await finished(kernel, kernel.spawn("helper", "Add 2 and 3.").pid)
    newest = [request.messages[-1].text for request in engine.requests]
    assert ["That very call was made before" in text for text in newest] == [False, False, True]


async def test_of_a_long_task_only_the_beginning_is_said_again(boot, finished, reminded):
    engine = ScriptedEngine([call("toy.add", a=2, b=3), "five"])
    kernel = await boot(engine)
    await finished(kernel, kernel.spawn("helper", "long " * 400).pid)
    assert engine.requests[1].messages[-1].text.count("long") == 120


async def test_as_long_as_nothing_was_done_that_is_said(boot, finished, reminded):
    """What only shows something, as `add`, does nothing of a task."""
    engine = ScriptedEngine([call("toy.add", a=2, b=3), call("toy.send", to="Ann", text="5"), "sent"])
    kernel = await boot(engine)
    await finished(kernel, kernel.spawn("helper", "Add 2 and 3 and send it to Ann.").pid)
    newest = [request.messages[-1].text for request in engine.requests]
    assert ["Nothing of that is done yet" in text for text in newest] == [False, True, False]
    assert "If something of that is left to do" in newest[2]
