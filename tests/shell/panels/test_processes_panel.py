"""The panel of processes, before a real kernel."""

import asyncio
import json

from tests.shell.panels.hosted import HOSTILE, Stepwise


async def test_without_a_process_it_says_what_will_be_here(sit, start, world):
    async with sit("processes") as seat:
        await seat.sees("No process yet.")
        world.script.say("Hello yourself.")
        await start()
        await seat.sees("assistant", "✓ done", "Hello yourself.")


async def test_it_shows_what_a_process_does_and_what_it_has_cost(sit, start, world):
    world.script.say(json.dumps({"call": "python.run", "arguments": {"code": "print(1)"}}), "One.", "Two.")
    await start("compute", session=True)
    async with sit("processes") as seat:
        await seat.sees("waiting (message)", "of 8,192 tokens", "2 of 5 steps", "calls of tools: 1", "1 alive")


async def test_it_shows_how_fast_an_answer_is_written(sit, start, world):
    going = asyncio.Event()
    engine = Stepwise(going)
    world.kernel.engines._own.replace(engine)
    await start()
    async with sit("processes") as seat:
        await seat.sees("● running", "tokens a second now")
        going.set()
        await seat.sees("✓ done")


async def test_enter_opens_the_process_under_the_cursor(sit, start, world):
    world.script.say("One.", "Two.")
    first, second = await start(session=True), await start(session=True)
    async with sit("processes") as seat:
        await seat.sees("2 alive")
        await seat.press("enter", "down", "enter")
        assert seat.app.opened == [first, second]


async def test_a_process_is_killed_only_when_the_person_says_so(sit, start, world):
    world.script.say("One.")
    pid = await start(session=True)
    async with sit("processes") as seat:
        await seat.sees("1 alive")
        await seat.press("k")
        await seat.sees(f"End process {pid} now?")
        await seat.press("enter")
        await seat.press("n")
        await seat.loses("End process")
        assert not world.kernel.process(pid).state.final
        await seat.press("k", "y")
        await seat.sees("■ killed")
        assert "Kill" not in seat.keys


async def test_to_interrupt_a_session_asks_nothing_and_anything_else_would_end(sit, start, world, waiter):
    going = asyncio.Event()
    world.kernel.engines._own.replace(Stepwise(going))
    session, once = await start(session=True), await start()
    async with sit("processes") as seat:
        await seat.sees("2 alive")
        await seat.press("i")
        await seat.sees("waiting (message)")
        await seat.press("down", "i")
        await seat.sees(f"Process {once} is no session")
        await seat.press("y")
        await seat.sees("■ killed")
        assert not world.kernel.process(session).state.final


async def test_children_stand_below_their_parent(sit, world):
    parent = world.kernel.service("parent")
    for name in ("one", "two"):
        pid = world.kernel.journal.next_pid()
        world.kernel.record(pid, "process.spawned", {"app": name, "kind": "service", "parent": parent, "priority": 1})
    async with sit("processes") as seat:
        await seat.sees("├ one", "└ two")


async def test_what_a_process_says_can_do_nothing_to_the_screen(sit, world):
    pid = world.kernel.journal.next_pid()
    begun = {"app": HOSTILE, "kind": "service", "priority": 1}
    world.kernel.record(pid, "process.spawned", begun)
    world.kernel.record(pid, "process.failed", {"error": HOSTILE})
    async with sit("processes") as seat:
        await seat.sees("✗ failed", "[bold red]mark[/] <script>x</script>", "⟨U+202E⟩gnp.exe")
        seat.holds_its_layout()


async def test_a_kernel_that_refuses_is_quoted(sit, start, world):
    world.script.say("One.")
    await start(session=True)
    async with sit("processes") as seat:
        await seat.sees("1 alive")
        world.kernel.kill(1)
        seat.panel._processes["1"]["state"] = "running"
        seat.panel._processes["1"]["pid"] = 99
        await seat.press("k", "y")
        await seat.sees("✗ There is no process 99; `llmos ps` lists them.")
