"""The shell in plain lines: pipes, a talk, questions in words, and nothing but text."""

import asyncio
import io

import pytest

from llmos.errors import LlmosError
from llmos.shell.link import Link
from llmos.shell.plain.lines import Lines

OPEN = {"call": "browser.open", "arguments": {"url": "https://example.org/page"}}


class Typed(io.StringIO):
    """What somebody types at a terminal, so that nothing but the lines tells where it ends."""


async def talk(place, typed, *, once=False):
    out = io.StringIO()
    async with asyncio.timeout(40):
        await Lines(Link(place.home), Typed(typed), out).run(once=once)
    return out.getvalue()


async def test_what_is_piped_in_is_answered_once(place):
    place.script.say("Four.")
    assert await talk(place, "what is\ntwo and two\n", once=True) == "Four.\n"
    assert place.script.requests[-1].messages[-1].text.endswith("what is\ntwo and two")
    assert [row["state"] for row in await place.processes()] == ["done"]


async def test_what_cannot_be_answered_once_is_an_error(place):
    place.script.follow = lambda request: " "
    with pytest.raises(LlmosError):
        await talk(place, "hello", once=True)


async def test_lines_are_a_talk_that_remembers(place):
    place.script.say("Hello Ann.", "You are Ann.")
    told = await talk(place, "I am Ann\nwho am I\n/quit\n")
    assert "Hello Ann.\n" in told and "You are Ann.\n" in told
    [process] = await place.processes()
    assert process["session"] and process["state"] == "waiting"


async def test_a_syscall_is_told_in_words(place):
    place.script.say({"call": "python.run", "arguments": {"code": "print(6 * 7)"}}, "It is 42.")
    told = await talk(place, "6 times 7\n")
    assert "Uses python.run: print(6 * 7)\npython.run gave: 42\nIt is 42.\n" in told


async def test_a_question_is_asked_in_full_and_answered_by_a_word(place):
    place.script.say(OPEN, "I did not.")
    told = await talk(place, "/app browse\nlook\nmaybe\nno\n")
    assert "Question: May browse use browser.open:example.org?\nbrowser.open\nurl: https://example.org/page\n" in told
    assert "  once: this time only\n" in told and "Say one of: once, process, always, no.\n" in told
    assert "Decided: no.\n" in told and told.endswith("I did not.\n")


async def test_where_nobody_can_answer_it_is_told_how(place):
    place.script.say(OPEN, "I did not.")
    out = io.StringIO()
    lines = Lines(Link(place.home), Typed("/app browse\nlook\n"), out)
    await lines.run(once=False)
    assert "Error: Nobody answered; llmos approve" in out.getvalue()


async def test_commands_are_lines_too(place):
    place.script.say("Hello.", "Hello again.")
    told = await talk(place, "hi\n/ps\n/retry\n/apps\n/nonsense\n/clear\n/ps\n/help\n")
    assert "1 assistant, waiting for message" in told and "Hello again." in told
    assert "todo, backend: A to-do list that speaks the Todo-Backend API.\n" in told
    assert "There is no command /nonsense." in told
    assert "Anew.\nNo process is alive.\n" in told and "/approve" in told


async def test_a_process_is_gone_on_with(place):
    place.script.say("I remember plums.", "Plums.")
    await talk(place, "remember plums\n")
    told = await talk(place, "/open 1\nwhat was it\n")
    assert "You said: remember plums\nassistant: I remember plums.\n" in told and told.endswith("Plums.\n")


async def test_an_error_of_the_kernel_is_a_line_and_the_talk_goes_on(place):
    place.script.say("Here.")
    told = await talk(place, "/open 99\n/app nowhere\nhello\n")
    assert "Error: There is no process 99" in told and "Error: There is no app 'nowhere'" in told
    assert told.endswith("Here.\n")


async def test_nothing_of_an_answer_acts_on_the_terminal(place):
    place.script.say("\x1b[31mred\x1b]0;title\x07 \u202eevil")
    told = await talk(place, "go on\n")
    assert "␛[31mred␛]0;title␇ ⟨U+202E⟩evil\n" in told and "\x1b" not in told


async def test_a_shell_line_is_run_in_the_sandbox(place):
    assert "42\n" in await talk(place, "!echo $((6 * 7))\n")


async def test_the_last_thing_is_said_otherwise_and_gone_back_to(place):
    place.script.say("Red.", "Green.", "Still red.")
    told = await talk(place, "/undo\na colour\n/edit another\n/undo\nsure?\n/quit\n")
    assert "Error: Nothing was said otherwise here.\n" in told
    assert "Green.\nYou said: a colour\nassistant: Red.\n" in told
    shown = [message.text for message in place.script.requests[-1].messages[1:]]
    assert shown == ["a colour", "Red.", "sure?"]
