"""The panel of syscalls, before a real kernel."""

import json

from llmos.shell.panels.calls import MAX_CALLS, Calls
from tests.shell.panels.hosted import HOSTILE


def event(seq, kind, pid=1, at=0.0, **data):
    return {"seq": seq, "pid": pid, "at": at, "kind": kind, "data": {"tool": "toy.do", **data}}


def intent(seq, pid=1, **data):
    return event(seq, "syscall.intent", pid, by="model", arguments={"n": 1}, **data)


async def test_a_call_is_seen_as_it_happens_with_arguments_result_and_time(sit, start, world):
    async with sit("syscalls") as seat:
        await seat.sees("No syscall yet.")
        world.script.say(json.dumps({"call": "python.run", "arguments": {"code": "print(6 * 7)"}}), "42.")
        pid = await start("compute")
        await seat.sees("✓", "python.run", "print(6 * 7)", "Called with", "Gave", "42", f"of process {pid}")
        await seat.press("enter")
        assert [opened[0] for opened in seat.app.opened] == [pid]


async def test_calls_of_before_are_here_and_the_detail_can_be_closed(sit, start, world):
    world.script.say(json.dumps({"call": "python.run", "arguments": {"code": "print(1)"}}), "1.")
    await start("compute")
    async with sit("syscalls") as seat:
        await seat.sees("Called with")
        await seat.press("space")
        await seat.loses("Called with")
        await seat.press("space")
        await seat.sees("Called with")


async def test_a_result_that_lies_beside_the_journal_is_shown_from_there(sit, start, world):
    code = "print('\\n'.join(f'line {n}' for n in range(2000)))"
    world.script.say(json.dumps({"call": "python.run", "arguments": {"code": code}}), "Many.")
    await start("compute")
    async with sit("syscalls", size=(120, 40)) as seat:
        await seat.sees("Gave", "characters", "line 17")


async def test_what_tools_are_called_with_and_give_can_do_nothing_to_the_screen(sit, world):
    pid = world.kernel.service("test")
    call = {"tool": HOSTILE, "by": "model", "arguments": {HOSTILE: HOSTILE, "b": [HOSTILE]}}
    world.kernel.record(pid, "syscall.intent", call)
    world.kernel.record(pid, "syscall.result", {"tool": HOSTILE, "by": "model", "source": HOSTILE, "result": HOSTILE})
    world.kernel.record(pid, "syscall.result", {"tool": "toy.do", "by": "model", "error": HOSTILE})
    async with sit("syscalls") as seat:
        await seat.sees("✗", "[bold red]mark[/]")
        seat.holds_its_layout()
        await seat.press("up")
        await seat.sees("⟨U+202E⟩gnp.e")
        for _ in range(5):
            await seat.press("tab", "pagedown")
            seat.holds_its_layout()


def test_a_result_is_told_with_the_call_it_ends_also_while_others_call():
    calls = Calls()
    for told in (intent(1), intent(2, pid=2), event(3, "syscall.result", at=2.5, result="a")):
        assert calls.add(told)
    first, second = calls
    assert (first.seq, first.result, first.seconds) == (1, "a", 2.5)
    assert second.ended_at is None
    assert not calls.add(intent(2, pid=2))  # told before


def test_a_call_tells_how_far_it_is_and_what_became_of_one_without_a_result():
    calls = Calls()
    calls.add(intent(1))
    calls.add(event(0, "syscall.progress", done=3, total=10, text="pages"))
    assert calls.get(1).progress == "3 of 10 pages"
    assert calls.add(event(2, "process.killed"))
    assert calls.get(1).error == "no result: killed meanwhile"


def test_a_call_that_was_refused_before_it_began_is_a_call_of_its_own():
    calls = Calls()
    calls.add(event(1, "syscall.result", error="no such argument"))
    [refused] = calls
    assert (refused.error, refused.arguments) == ("no such argument", None)


def test_only_the_newest_calls_are_kept():
    calls = Calls()
    for seq in range(1, MAX_CALLS + 10):
        calls.add(intent(seq, pid=seq))
    assert len(calls) == MAX_CALLS
    assert next(iter(calls)).seq == 10
