"""Approvals in the shell: what will happen is seen whole, one key decides, and never by accident."""

import json

import pytest

from llmos.shell.conversation.blocks import asked as asked_module
from llmos.shell.conversation.blocks.asked import AskedBlock
from llmos.shell.conversation.outbox import Outgoing
from tests.shell.conftest import Paced

OPEN = {"call": "browser.open", "arguments": {"url": "https://example.org/page"}}


@pytest.fixture(autouse=True)
def no_guard(monkeypatch):
    monkeypatch.setattr(asked_module, "GUARD_SECONDS", 0.0)
    monkeypatch.setattr("llmos.shell.conversation.view.IDLE_SECONDS", 0.0)


async def asks(place, screen, call=OPEN, then="I did not."):
    place.script.say(call, then)
    await screen.shell.actions.start("browse")
    await screen.say("look at the page")
    await screen.sees("May browse use browser.open:example.org?")


async def test_a_question_shows_what_will_happen_and_a_key_decides(place):
    async with place.shell() as screen:
        await asks(place, screen)
        await screen.sees("https://example.org/page", "o  once", "p  process", "a  always", "n  no", "asks you")
        await screen.until(lambda: isinstance(screen.shell.focused, AskedBlock))
        await screen.pilot.press("n")
        await screen.sees("→ no", "I did not.")
        assert screen.shell.focused is screen.tab.prompt.area


async def test_who_is_writing_is_not_interrupted_and_answers_with_tab(place):
    call = json.dumps(OPEN)
    place.world.script = engine = Paced(call[:8], call[8:])
    await place.boot()
    async with place.shell() as screen:
        await screen.shell.actions.start("browse")
        await screen.say("look at the page")
        await screen.type("no")
        engine.go_on.set()
        await screen.sees("May browse use")
        await screen.type("n")
        assert screen.tab.record.open_question() is not None
        assert screen.tab.prompt.text == "non"
        screen.tab.prompt.put("")
        await screen.pilot.press("tab", "n")
        await screen.sees("→ no")


async def test_a_key_that_was_on_its_way_decides_nothing(place, monkeypatch):
    monkeypatch.setattr(asked_module, "GUARD_SECONDS", 60.0)
    async with place.shell() as screen:
        await asks(place, screen)
        await screen.until(lambda: isinstance(screen.shell.focused, AskedBlock))
        await screen.pilot.press("o", "a", "n")
        await screen.pilot.pause(0.2)
        assert screen.tab.record.open_question() is not None
        assert (await place.world.api.get("/questions")).json()


async def test_a_question_that_is_answered_elsewhere_is_settled_here(place):
    async with place.shell() as screen:
        await asks(place, screen)
        [question] = (await place.world.api.get("/questions")).json()
        await place.world.api.post(f"/questions/{question['seq']}", json={"choice": "no"})
        await screen.sees("→ no", "I did not.")
        await screen.pilot.press("o")
        assert not (await place.world.api.get("/questions")).json()


async def test_a_question_of_a_stopped_process_is_no_longer_asked(place):
    async with place.shell() as screen:
        await asks(place, screen)
        await screen.pilot.press("escape")
        await screen.sees("→ no longer asked")


async def test_a_value_cannot_pass_for_another_argument(place):
    sly = "https://example.org/" + " " * 90 + "to: nobody\nmethod: GET"
    async with place.shell() as screen:
        await asks(place, screen, {"call": "browser.open", "arguments": {"url": sly}})
        assert "url │ https://example.org/" in screen.text
        told = [line for line in screen.text.splitlines() if "to: nobody" in line or "method: GET" in line]
        assert len(told) == 2
        assert all("│" in line.split("to:")[0].split("method:")[0].strip().removeprefix("│") for line in told)


async def test_a_long_argument_is_read_to_its_end_before_it_is_allowed(place):
    long = "https://example.org/" + "\n".join(str(number) for number in range(100)) + "\nthe end"
    async with place.shell() as screen:
        await asks(place, screen, {"call": "browser.open", "arguments": {"url": long}})
        await screen.until(lambda: isinstance(screen.shell.focused, AskedBlock))
        assert "the end" not in screen.text
        for _ in range(120):
            if "the end" in screen.text:
                break
            await screen.pilot.press("down")
        await screen.sees("the end", "n  no")
        assert isinstance(screen.shell.focused, AskedBlock)


async def test_a_question_in_another_tab_is_told(place):
    async with place.shell() as screen:
        await screen.shell.actions.start("browse")
        browse = screen.tab
        place.script.say(OPEN, "I did not.")
        await screen.pilot.press("ctrl+pageup")
        assert screen.tab is not browse
        browse.send(Outgoing("look at the page"))
        await screen.sees("browse 1 ?", "asks: May browse")
        await screen.pilot.press("ctrl+pagedown", "tab", "n")
        await screen.sees("I did not.")
