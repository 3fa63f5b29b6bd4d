"""A long conversation: only a window of it exists as widgets, and scrolling moves the window."""

import re
import time

from llmos.shell.conversation.items import Answer, Said
from llmos.shell.conversation.transcript import MAX_BLOCKS


async def long(screen, count):
    """A conversation of `count` messages, as if it had happened before."""
    tab = screen.tab
    for number in range(count // 2):
        tab.record.items.append(Said(2 * number + 1, time.time(), f"question {number}"))
        tab.record.items.append(Answer(2 * number + 2, time.time(), f"answer **{number}**", done=True))
    await tab.transcript.show_end()


def numbers(screen):
    return [int(number) for number in re.findall(r"(?:question|answer) (\d+)", screen.text)]


async def settled(screen):
    await screen.pilot.pause(0.2)
    await screen.until(lambda: not screen.tab.transcript._moving.locked())
    await screen.pilot.pause(0.1)


async def test_of_ten_thousand_messages_a_few_are_widgets_and_the_newest_is_in_sight(place):
    async with place.shell() as screen:
        await long(screen, 10_000)
        await screen.sees("question 4999", "answer 4999")
        assert len(screen.tab.transcript.blocks) <= MAX_BLOCKS


async def test_scrolling_up_brings_older_messages_without_moving_what_is_read(place):
    async with place.shell() as screen:
        await long(screen, 160)
        await screen.sees("answer 79")
        for _ in range(60):
            before = numbers(screen)
            await screen.pilot.press("pageup")
            await settled(screen)
            assert before[0] - 2 <= numbers(screen)[-1] <= before[0] + 2  # the next page up, whatever was loaded
            if "question 0\n" in screen.text:
                break
        assert "question 0\n" in screen.text
        assert len(screen.tab.transcript.blocks) <= 2 * MAX_BLOCKS + 20
        for _ in range(100):
            await screen.pilot.press("pagedown")
            await settled(screen)
            if "answer 79" in screen.text:
                break
        assert "answer 79" in screen.text


async def test_what_comes_while_one_reads_far_above_does_not_move_the_page(place):
    place.script.say("A new answer.")
    async with place.shell() as screen:
        await long(screen, 100)
        await screen.sees("answer 49")
        await screen.pilot.press("pageup", "pageup")
        await settled(screen)
        page = [line[:79].rstrip() for line in screen.text.splitlines()[2:15]]  # without the scroll bar
        await screen.tab.trouble("Something came.")
        await settled(screen)
        assert [line[:79].rstrip() for line in screen.text.splitlines()[2:15]] == page
        await screen.pilot.press("escape")
        await screen.sees("Something came.")


async def test_new_messages_push_old_widgets_out(place):
    async with place.shell() as screen:
        for number in range(MAX_BLOCKS + 60):
            await screen.tab.trouble(f"trouble {number}")
        await settled(screen)
        await screen.sees(f"trouble {MAX_BLOCKS + 59}")
        assert len(screen.tab.transcript.blocks) <= MAX_BLOCKS + 1
