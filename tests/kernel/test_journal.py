import asyncio

import pytest

from llmos.contracts import Event
from llmos.kernel.journal import Journal
from llmos.kernel.process import State, fold
from llmos.state.database import open_database


@pytest.fixture
def journal(tmp_path):
    db = open_database(tmp_path / "llmos.db")
    yield Journal(db)
    db.close()


def test_events_come_back_in_order_and_by_process(journal):
    journal.append(1, "a", {"n": 1})
    journal.append(2, "b", {})
    journal.append(1, "c", {"ü": "☃"})
    assert [(e.pid, e.kind) for e in journal.events()] == [(1, "a"), (2, "b"), (1, "c")]
    assert [e.data for e in journal.events(pid=1)] == [{"n": 1}, {"ü": "☃"}]
    assert [e.kind for e in journal.events(after=1)] == ["b", "c"]


def test_an_event_survives_the_connection(tmp_path):
    first = open_database(tmp_path / "llmos.db")
    Journal(first).append(1, "kept", {})
    second = open_database(tmp_path / "llmos.db")
    assert [e.kind for e in Journal(second).events()] == ["kept"]


def test_a_transaction_that_fails_leaves_no_event_and_announces_none(journal):
    announced = []
    journal.publish = announced.append
    with pytest.raises(RuntimeError), journal.transaction():
        journal.append(1, "lost", {})
        raise RuntimeError
    assert journal.events() == []
    assert announced == []


def test_events_of_a_transaction_are_announced_once_they_are_durable(journal):
    announced = []
    journal.publish = announced.append
    with journal.transaction():
        journal.append(1, "kept", {})
        assert announced == []
    assert [e.kind for e in announced] == ["kept"]


def test_the_last_event_of_some_kinds_is_found(journal):
    assert (journal.newest(), journal.last(1, ["opened", "closed"])) == (0, None)
    for pid, kind in [(1, "opened"), (1, "closed"), (2, "opened"), (1, "other")]:
        journal.append(pid, kind, {})
    assert journal.last(1, ["opened", "closed"]).kind == "closed"
    assert journal.newest() == 4


async def test_a_follower_sees_the_past_then_the_present_and_nothing_twice(journal):
    journal.append(1, "past", {})
    seen = []

    async def follow():
        async for event in journal.follow(pid=1):
            seen.append(event.kind)
            if event.kind == "last":
                return

    follower = asyncio.create_task(follow())
    await asyncio.sleep(0)
    journal.append(2, "other process", {})
    journal.append(1, "present", {})
    journal.append(1, "last", {})
    await asyncio.wait_for(follower, 5)
    assert seen == ["past", "present", "last"]


async def test_a_slow_follower_misses_no_recorded_event_and_costs_bounded_memory(journal, monkeypatch):
    monkeypatch.setattr("llmos.kernel.journal.MAX_QUEUED", 3)
    events = journal.follow(pid=1)
    journal.append(1, "0", {})
    seen = [await anext(events)]
    for number in range(1, 10):
        journal.append(1, str(number), {})
        journal.publish(Event(0, 1, 0.0, "engine.delta"))
    asyncio.get_running_loop().call_soon(journal.append, 1, "10", {})
    while seen[-1].kind != "10":
        seen.append(await asyncio.wait_for(anext(events), 5))
    assert [event.kind for event in seen if event.seq] == [str(number) for number in range(11)]


def test_pids_never_repeat(journal):
    assert journal.next_pid() == 1
    journal.append(7, "process.spawned", {"app": "x", "kind": "chat"})
    assert journal.next_pid() == 8


def test_a_process_is_what_its_events_say(journal):
    journal.append(1, "process.spawned", {"app": "x", "kind": "chat"})
    journal.append(1, "engine.answer", {"tokens": 5})
    journal.append(1, "engine.answer", {"tokens": 7})
    journal.append(1, "process.done", {"result": {"text": "hi"}})
    process = fold(journal.events())[1]
    assert (process.state, process.steps, process.tokens, process.result) == (State.DONE, 2, 12, {"text": "hi"})


def test_a_backend_is_ready_again_once_the_model_has_answered(journal):
    journal.append(1, "process.spawned", {"app": "x", "kind": "backend"})
    journal.append(1, "engine.request", {})
    assert fold(journal.events())[1].state == State.RUNNING
    journal.append(1, "engine.answer", {"tokens": 5})
    assert fold(journal.events())[1].state == State.READY


async def test_who_begins_to_look_in_the_middle_of_an_answer_is_told_its_beginning(journal):
    journal.append(1, "engine.request", {})
    for text in ("Once ", "upon "):
        journal.publish(Event(0, 1, 0.0, "engine.delta", {"text": text, "purpose": "step"}))
    events = journal.follow(pid=1)
    seen = [await anext(events), await anext(events)]
    journal.publish(Event(0, 1, 0.0, "engine.delta", {"text": "a time", "purpose": "step"}))
    seen.append(await asyncio.wait_for(anext(events), 5))
    assert [(event.kind, event.data.get("text")) for event in seen[1:]] == [
        ("engine.partial", "Once upon "),
        ("engine.delta", "a time"),
    ]
    journal.append(1, "engine.answer", {"tokens": 3})
    late = journal.follow(pid=1)
    assert [(await anext(late)).kind for _ in range(2)] == ["engine.request", "engine.answer"]
    journal.append(1, "process.answered", {})
    assert (await asyncio.wait_for(anext(late), 5)).kind == "process.answered"  # and nothing that was over before
