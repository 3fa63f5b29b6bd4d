"""Talking in the shell: sending, streaming, stopping, asking again, copying, and what was written before."""

import asyncio

from llmos.shell.conversation.blocks.answer import AnswerBlock
from llmos.shell.conversation.blocks.called import CalledBlock
from llmos.shell.link import Link
from tests.shell.conftest import Paced, Slow


def asked(place):
    """What the engine was shown last, without the app's prompt."""
    return [message.text for message in place.script.requests[-1].messages[1:]]


async def test_what_is_said_is_answered(place):
    place.script.say("It is **noon**, says `date`.")
    async with place.shell() as screen:
        await screen.type("what time is it")
        await screen.pilot.press("enter")
        await screen.sees("what time is it", "It is noon, says date.")
        assert screen.tab.prompt.text == ""


async def test_what_is_typed_before_the_kernel_is_there_goes_as_soon_as_it_is(place):
    place.script.say("Here I am.")
    link = Slow(place.home)
    async with place.shell(link=link, ready=False) as screen:
        await screen.say("are you there")
        await screen.sees("are you there", "waits for the kernel", "starts …")
        assert not await place.processes()
        link.go_on.set()
        await screen.sees("Here I am.")


async def test_a_message_that_waits_for_the_kernel_can_be_taken_back(place):
    class Never(Link):
        async def connect(self):
            await asyncio.Event().wait()

    async with place.shell(link=Never(place.home), ready=False) as screen:
        await screen.say("oops")
        await screen.sees("waits for the kernel")
        await screen.pilot.press("escape")
        await screen.until(lambda: screen.tab.prompt.text == "oops")
        assert "waits for the kernel" not in screen.text


async def test_an_answer_is_seen_while_it_is_written_and_esc_stops_it(place):
    place.world.script = Paced("Once upon a time ", "there was")
    await place.boot()
    async with place.shell() as screen:
        await screen.say("a story")
        await screen.sees("Once upon a time", "answers", "Stop", "f1 Help")
        await screen.pilot.press("escape")
        await screen.sees("… interrupted")
        assert [row["state"] for row in await place.processes()] == ["waiting"]
        assert "Stop" not in screen.text


async def test_who_opens_a_process_in_the_middle_of_its_answer_sees_all_of_it(place):
    place.world.script = engine = Paced("The beginning ", "and the end.")
    await place.boot()
    async with place.shell() as first:
        await first.say("tell me")
        await first.sees("The beginning")
        pid = first.tab.pid
    async with place.shell() as second:
        await second.until(lambda: second.tab.pid == pid)
        await second.sees("tell me", "The beginning")
        engine.go_on.set()
        await second.sees("The beginning and the end.")


async def test_several_lines_are_one_message(place):
    place.script.say("Two lines.")
    async with place.shell() as screen:
        await screen.type("one")
        await screen.pilot.press("ctrl+j")
        await screen.type("two")
        await screen.pilot.press("enter")
        await screen.answered()
        assert place.script.requests[-1].messages[-1].text.endswith("one\ntwo")


async def test_up_and_down_walk_what_was_written_also_in_an_earlier_shell(place):
    place.script.say("a", "b")
    async with place.shell() as screen:
        for text in ("first words", "second words"):
            await screen.say(text)
            await screen.answered()
    async with place.shell() as screen:
        await screen.type("draft")
        await screen.pilot.press("up", "up")
        assert screen.tab.prompt.text == "first words"
        await screen.pilot.press("down", "down")
        assert screen.tab.prompt.text == "draft"


async def test_history_is_searched_as_one_types(place):
    place.script.say("a", "b")
    async with place.shell() as screen:
        for text in ("plums are blue", "apples are red"):
            await screen.say(text)
            await screen.answered()
        await screen.pilot.press("ctrl+r")
        await screen.type("plu")
        await screen.sees("plums are blue")
        await screen.pilot.press("enter")
        assert screen.tab.prompt.text == "plums are blue"
        await screen.pilot.press("ctrl+r", "escape")
        assert screen.tab.prompt.text == "plums are blue"


async def test_the_last_message_is_asked_again(place):
    place.script.say("First answer.", "Second answer.")
    async with place.shell() as screen:
        await screen.say("tell me")
        await screen.sees("First answer.")
        await screen.answered()
        await screen.say("/retry")
        await screen.sees("Second answer.")
        assert asked(place) == ["tell me"]
        assert "First answer." not in screen.text


async def test_the_last_message_is_changed_and_sent_again(place):
    place.script.say("First answer.", "Second answer.")
    async with place.shell() as screen:
        await screen.say("tell me")
        await screen.answered()
        await screen.pilot.press("shift+tab", "up", "e")
        assert screen.tab.prompt.text == "tell me"
        await screen.type(" more")
        await screen.pilot.press("enter")
        await screen.sees("Second answer.")
        assert asked(place) == ["tell me more"]
        assert "First answer." not in screen.text


async def test_an_earlier_message_said_otherwise_takes_back_what_came_after_it_and_undo_brings_it_back(place):
    place.script.say("Red.", "Big.", "Green.", "Here.")
    async with place.shell() as screen:
        for text in ("a colour", "a size"):
            await screen.say(text)
            await screen.answered()
        await screen.pilot.press("shift+tab", "up", "up", "up", "e")
        await screen.sees("takes the place of what you said", "esc leaves it")
        await screen.type(" that grows")
        await screen.pilot.press("enter")
        await screen.sees("a colour that grows", "Green.", "/undo goes back")
        assert asked(place) == ["a colour that grows"]
        assert "Red." not in screen.text and "a size" not in screen.text
        await screen.answered()
        await screen.say("/undo")
        await screen.sees("Red.", "a size", "Big.", "Back to what was said before")
        assert "Green." not in screen.text
        await screen.say("again?")
        await screen.sees("Here.")
        assert asked(place) == ["a colour", "Red.", "a size", "Big.", "again?"]
    async with place.shell() as screen:
        await screen.sees("Red.", "Big.", "Here.")
        assert "Green." not in screen.text


async def test_an_edit_that_is_left_changes_nothing(place):
    place.script.say("Red.", "Blue.")
    async with place.shell() as screen:
        await screen.say("a colour")
        await screen.answered()
        await screen.say("/edit")
        await screen.sees("takes the place of")
        await screen.pilot.press("escape")
        await screen.until(lambda: "takes the place of" not in screen.text)
        assert screen.tab.prompt.text == ""
        await screen.say("another")
        await screen.sees("Blue.")
        assert asked(place) == ["a colour", "Red.", "another"]


async def test_a_message_whose_answer_is_being_written_is_said_otherwise(place):
    place.world.script = engine = Paced("Once upon a time ", "there was")
    await place.boot()
    async with place.shell() as screen:
        await screen.say("a story")
        await screen.sees("Once upon a time")
        await screen.say("/edit")
        await screen.type(" in short")
        await screen.pilot.press("enter")
        await screen.sees("a story in short", "Once upon a time")
        engine.go_on.set()
        await screen.sees("Once upon a time there was")
        assert [message.text for message in engine.requests[-1].messages[1:]] == ["a story in short"]


async def test_files_stay_with_a_message_that_is_said_otherwise(place):
    (place.folder / "list.txt").write_text("plums")
    place.script.say("Plums.", "Still plums.")
    async with place.shell() as screen:
        await screen.say("what is in @list.txt")
        await screen.sees("Plums.")
        await screen.answered()
        await screen.say("/edit")
        await screen.sees("@ list.txt")
        await screen.say("say it again")
        await screen.sees("Still plums.")
        assert [file.name for file in screen.tab.record.last_said().files] == ["list.txt"]


async def test_an_answer_and_its_code_are_copied_as_they_came(place):
    answer = "Do *this*:\n\n```python\nprint(1)\n```\n\nor\n\n```\nls\n```\n"
    place.script.say(answer)
    async with place.shell() as screen:
        await screen.say("how")
        await screen.sees("ls")
        await screen.answered()
        await screen.say("/copy")
        assert screen.shell.clipboard == answer.strip()
        await screen.pilot.press("shift+tab", "k")
        assert screen.shell.clipboard == "ls"
        await screen.pilot.press("k")
        assert screen.shell.clipboard == "print(1)"


async def test_a_syscall_is_one_line_that_opens(place):
    place.script.say({"call": "python.run", "arguments": {"code": "for n in (6, 7):\n    print(n * 7)"}}, "It is 49.")
    async with place.shell() as screen:
        await screen.say("6 and 7 times 7")
        await screen.sees("It is 49.", "✓ python.run")
        assert "42\n" not in screen.text
        await screen.pilot.press("shift+tab", "up")
        assert isinstance(screen.shell.focused, CalledBlock)
        await screen.pilot.press("enter")
        await screen.sees("│ for n in (6, 7):", "│     print(n * 7)", "gave, after", "42")
        await screen.pilot.press("c")
        assert screen.shell.clipboard == "42\n49"
        await screen.pilot.press("enter")
        await screen.until(lambda: "gave, after" not in screen.text)


async def test_an_error_is_a_card_that_says_what_to_do_and_can_be_tried_again(place):
    place.script.say({"call": "nothing.there", "arguments": {}})
    place.script.follow = lambda request: " "
    async with place.shell() as screen:
        await screen.say("hello")
        await screen.sees("✗", "r tries it again")
        place.script.follow = None
        place.script.answers = ["Now it works."]
        await screen.pilot.press("shift+tab", "r")
        await screen.sees("Now it works.")


async def test_a_link_opens_only_when_its_address_was_seen_and_chosen(place, monkeypatch):
    opened = []
    place.script.say("See [the bank](https://evil.example/login).")
    async with place.shell() as screen:
        monkeypatch.setattr(screen.shell, "open_url", opened.append)
        await screen.say("where")
        await screen.sees("See the bank.")
        screen.shell.query_one(AnswerBlock).post_message(AnswerBlock.Link("https://evil.example/login"))
        await screen.sees("https://evil.example/login")
        assert not opened
        await screen.pilot.press("escape")
        await screen.until(lambda: "evil.example" not in screen.text)
        assert not opened


async def test_the_line_below_says_how_fast_it_was(place):
    async def stream(request):
        async for chunk in said(request):
            yield chunk
            await asyncio.sleep(0.02)

    place.script.say("one two three four")
    said, place.script.stream = place.script.stream, stream
    async with place.shell() as screen:
        await screen.say("count")
        await screen.sees("4 tokens in", "a second")
