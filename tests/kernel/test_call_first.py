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
