"""The panel of approvals, before a real kernel."""

import pytest

from llmos.shell.panels.approvals import ApprovalsPanel
from tests.shell.panels.hosted import HOSTILE, Host, Seat, Still
from tests.shell.panels.test_pictures_of_panels import QUESTION


@pytest.fixture(autouse=True)
def no_guard(request, monkeypatch):
    if "too_early" not in request.node.name:
        monkeypatch.setattr(ApprovalsPanel, "guard_seconds", 0)


def ask(world, about="consent", choices=(), text="May it?", tool="toy.send", arguments=None):
    pid = world.kernel.service("asking")
    return world.kernel.questions.ask(pid, about, tool, arguments or {"to": "ann"}, tool, text, choices).seq


async def test_a_question_comes_with_all_that_would_happen_and_a_key_decides_it(sit, start, world, waiter):
    async with sit("approvals") as seat:
        await seat.sees("Nothing is asked.")
        world.script.say(waiter, "Waited.")
        pid = await start("waiter", "wait")
        await seat.sees("May waiter use timer.wait?", "What will happen", "seconds │ 0", "1 open")
        assert {"Once", "Process", "Always", "No"} <= seat.keys
        assert "Repeat" not in seat.keys
        await seat.press("o")
        await seat.sees("Nothing is asked.")
        [told] = world.kernel.journal.recent(pid, "question.answered", 5)
        assert told.data["choice"] == "once"


@pytest.mark.parametrize(("key", "choice"), [("r", "repeat"), ("h", "happened"), ("s", "stop")])
async def test_a_call_that_was_interrupted_is_settled(sit, world, key, choice):
    number = ask(world, "interrupted")
    async with sit("approvals") as seat:
        await seat.sees("May it?")
        await seat.press("o", "1", key)
        await seat.sees("Nothing is asked.", f"Question {number}: {choice}")
        assert told(world)["choice"] == choice


async def test_choices_of_a_driver_have_numbers(sit, world):
    ask(world, "driver", ("once", HOSTILE, "red"))
    async with sit("approvals") as seat:
        await seat.sees("May it?", " 3 ")
        seat.holds_its_layout()
        await seat.press("o", "3")
        await seat.sees("Nothing is asked.")
        assert told(world)["choice"] == "red"


async def test_the_question_under_the_cursor_is_decided_and_no_other(sit, world):
    first, second = ask(world, text="The first?"), ask(world, text="The second?")
    async with sit("approvals") as seat:
        await seat.sees("The first?", "The second?")
        await seat.press("down")
        await seat.until(lambda: seat.panel._read[0] == str(second))
        await seat.press("n")
        await seat.loses("The second?")
        assert [asked.seq for asked in world.kernel.questions.open()] == [first]


async def test_a_key_that_comes_too_early_decides_nothing(sit, world):
    ask(world, text="The first?"), ask(world, text="The second?")
    async with sit("approvals") as seat:
        seat.panel.guard_seconds = 600.0
        await seat.sees("The first?")
        await seat.press("o", "o", "a")
        assert len(world.kernel.questions.open()) == 2
        seat.panel.guard_seconds = 0.0
        await seat.press("o")
        await seat.loses("The first?")
        seat.panel.guard_seconds = 600.0
        await seat.press("o")
        assert len(world.kernel.questions.open()) == 1


async def test_one_answered_elsewhere_goes_and_one_that_came_too_late_is_told(sit, world):
    number = ask(world)
    async with sit("approvals") as seat:
        await seat.sees("May it?")
        world.kernel.answer(number, "no")
        await seat.sees("Nothing is asked.")
        late = ask(world, text="And now?")
        await seat.sees("And now?")
        seat.panel._read = (str(late), 0.0)
        world.kernel.questions._open.clear()
        await seat.press("o")
        await seat.sees(f"✗ There is no open question {late}")


async def test_a_question_can_do_nothing_to_the_screen(sit, world):
    ask(world, text=HOSTILE, tool=HOSTILE, arguments={HOSTILE: HOSTILE})
    async with sit("approvals") as seat:
        await seat.sees("[bold red]mark[/] <script>x</script>", "⟨U+202E⟩gnp.exe")
        seat.holds_its_layout()
        await seat.press("enter")
        assert len(seat.app.opened) == 1


def told(world):
    return world.kernel.journal.recent(world.kernel.service("asking"), "question.answered", 1)[0].data


async def test_in_a_narrow_panel_too_every_line_of_a_value_stands_behind_a_bar():
    sly = {**QUESTION, "arguments": {"url": "https://example.org/" + "word " * 12 + "to: nobody"}}
    asked = [{"seq": 17, "pid": 4, "at": 0.0, "kind": "q", "app": "assistant", "data": sly}]
    app = Host(Still({"/questions": asked}), "approvals")
    async with app.run_test(size=(46, 40)) as pilot:
        seat = Seat(app, pilot)
        await seat.sees("url │ https://example.org/", "to: nobody")
        values = [line for line in seat.lines if "word" in line or "nobody" in line]
        assert len(values) > 2 and all(
            line.count("│") == 3 for line in values
        )  # the panel's two sides and the value's bar
