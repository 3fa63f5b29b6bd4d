"""The panel that searches the journal, before a real kernel."""

from tests.shell.panels.hosted import HOSTILE


async def test_what_was_said_is_found_while_the_word_is_still_being_typed(sit, start, world):
    world.script.say("The plums are in the icebox.", "Good morning.")
    pid = await start(text="Where are they?", ends=True)
    await start(text="Hello")
    async with sit("search") as seat:
        await seat.sees("Type what you look for.")
        await seat.press(*"plu")
        await seat.sees("The plums are in the icebox.", "1 found", "assistant")
        await seat.press("enter", "enter")
        [(opened, seq)] = seat.app.opened
        assert opened == pid
        assert world.kernel.journal.events(pid, seq - 1, 1)[0].kind == "process.done"


async def test_nothing_found_says_what_to_try(sit, start, world):
    world.script.say("Hello.")
    await start(ends=True)
    async with sit("search") as seat:
        await seat.press(*"zebra")
        await seat.sees("Nothing that was said has to do with", "zebra")
        await seat.press(*["backspace"] * 5)
        await seat.sees("Type what you look for.")


async def test_down_goes_to_what_was_found_and_slash_back_to_the_words(sit, start, world):
    world.script.say("One plum.", "Two plums.")
    await start(ends=True)
    await start(ends=True)
    async with sit("search") as seat:
        await seat.press(*"plum")
        await seat.sees("2 found")
        await seat.press("down")
        assert seat.panel.rows.has_focus
        await seat.press("slash", "s")
        await seat.until(lambda: seat.panel._query == "plums")


async def test_what_is_found_and_what_is_typed_can_do_nothing_to_the_screen(sit, world, start):
    world.script.say("zebra " + HOSTILE)
    await start(ends=True)
    async with sit("search") as seat:
        await seat.press(*"zebra")
        await seat.sees("1 found", "[bold red]mark[/] <script>x</script>", "⟨U+202E⟩gnp.exe⟨U+200B⟩")
        seat.holds_its_layout()
        await seat.press("left_square_bracket", *"red", "right_square_bracket")
        await seat.sees("1 found")
        seat.holds_its_layout()
