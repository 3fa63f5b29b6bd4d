import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmos.errors import EngineBusy
from llmos.kernel import scheduler
from llmos.kernel.scheduler import PATIENCE, Priority, Scheduler


async def test_the_urgent_go_first_and_equals_in_order_of_arrival():
    admitted, gate = [], asyncio.Event()
    one_slot = Scheduler(1)

    async def work(name, priority):
        async with one_slot.slot(priority):
            admitted.append(name)
            await gate.wait()

    tasks = [asyncio.create_task(work("first", Priority.BACKGROUND))]
    await asyncio.sleep(0)
    for name, priority in [("b1", 2), ("r1", 1), ("i1", 0), ("r2", 1), ("i2", 0)]:
        tasks.append(asyncio.create_task(work(name, Priority(priority))))
    await asyncio.sleep(0)
    assert one_slot.num_waiting == 5
    gate.set()
    await asyncio.gather(*tasks)
    assert admitted == ["first", "i1", "i2", "r1", "r2", "b1"]


async def test_a_cancelled_waiter_does_not_take_the_slot_with_it():
    one_slot = Scheduler(1)
    async with one_slot.slot(Priority.REQUEST):
        waiter = asyncio.create_task(one_slot.slot(Priority.REQUEST).__aenter__())
        await asyncio.sleep(0)
        waiter.cancel()
    async with asyncio.timeout(5), one_slot.slot(Priority.REQUEST):
        assert one_slot.num_waiting == 0


async def test_a_waiter_cancelled_just_as_it_is_admitted_gives_the_slot_back():
    one_slot = Scheduler(1)
    async with one_slot.slot(Priority.REQUEST):
        waiter = asyncio.create_task(one_slot.slot(Priority.REQUEST).__aenter__())
        await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    async with asyncio.timeout(5), one_slot.slot(Priority.REQUEST):
        pass


async def test_too_many_are_refused_at_the_door_and_told_when_to_come_back(monkeypatch):
    monkeypatch.setattr(scheduler, "MAX_WAITING", 2)
    one_slot = Scheduler(1)
    async with one_slot.slot(Priority.REQUEST):
        waiting = [asyncio.create_task(one_slot.slot(Priority.REQUEST).__aenter__()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(EngineBusy, match="try again in") as refused:
            await one_slot.slot(Priority.INTERACTIVE).__aenter__()
        assert refused.value.retry_after >= 1
        for waiter in waiting:
            waiter.cancel()


async def test_one_app_cannot_fill_the_queue(monkeypatch):
    monkeypatch.setattr(scheduler, "MAX_WAITING_PER_APP", 2)
    one_slot = Scheduler(1)
    async with one_slot.slot(Priority.REQUEST):
        waiting = [asyncio.create_task(one_slot.slot(Priority.REQUEST, "greedy").__aenter__()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(EngineBusy, match="of greedy are waiting"):
            await one_slot.slot(Priority.REQUEST, "greedy").__aenter__()
        waiting.append(asyncio.create_task(one_slot.slot(Priority.REQUEST, "modest").__aenter__()))
        await asyncio.sleep(0)
        assert one_slot.num_waiting == 3
        for waiter in waiting:
            waiter.cancel()


async def test_a_deadline_that_passes_in_the_queue_is_a_refusal_and_takes_no_slot():
    one_slot = Scheduler(1)
    async with one_slot.slot(Priority.REQUEST):
        with pytest.raises(EngineBusy, match="did not come free in time"):
            await one_slot.slot(Priority.REQUEST, deadline=time.monotonic() + 0.01).__aenter__()
        assert one_slot.num_waiting == 0
    async with asyncio.timeout(5), one_slot.slot(Priority.REQUEST):
        pass


async def test_within_a_class_the_app_that_holds_the_fewest_slots_goes_first():
    two_slots, order, gate = Scheduler(2), [], asyncio.Event()

    async def work(app):
        async with two_slots.slot(Priority.REQUEST, app):
            order.append(app)
            await gate.wait()

    tasks = [asyncio.create_task(work(app)) for app in ("a", "a", "a", "a", "b")]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*tasks)
    assert order == ["a", "a", "b", "a", "a"]


async def test_an_interactive_call_preempts_background_ones_and_they_wait_until_it_has_ended():
    two_slots = Scheduler(2)
    background = two_slots.slot(Priority.BACKGROUND)
    lease = await background.__aenter__()
    async with two_slots.slot(Priority.INTERACTIVE):
        assert lease.preempted.is_set()
        await background.__aexit__(None, None, None)
        again = asyncio.create_task(two_slots.slot(Priority.BACKGROUND).__aenter__())
        await asyncio.sleep(0.01)
        assert not again.done()
    async with asyncio.timeout(5):
        await again


async def test_a_request_preempts_nobody_and_what_is_not_preemptible_is_left_alone():
    two_slots = Scheduler(2)
    async with (
        two_slots.slot(Priority.BACKGROUND) as background,
        two_slots.slot(Priority.REQUEST) as request,
    ):
        assert not background.preempted.is_set()
        urgent = asyncio.create_task(two_slots.slot(Priority.INTERACTIVE).__aenter__())
        await asyncio.sleep(0)
        assert (background.preempted.is_set(), request.preempted.is_set()) == (True, False)
        urgent.cancel()
    stubborn = two_slots.slot(Priority.BACKGROUND, preemptible=False)
    async with stubborn as lease, two_slots.slot(Priority.INTERACTIVE):
        assert not lease.preempted.is_set()


CLASSES = st.lists(st.sampled_from([Priority.INTERACTIVE, Priority.REQUEST]), min_size=40, max_size=60)


@settings(max_examples=50, deadline=None)
@given(urgent=CLASSES, slots=st.integers(1, 3), starved=st.sampled_from([Priority.REQUEST, Priority.BACKGROUND]))
def test_no_class_starves_however_many_more_urgent_calls_wait(urgent, slots, starved):
    """A waiting call is passed over at most PATIENCE times by each more urgent class."""

    async def run():
        scheduler, order, gate = Scheduler(slots), [], asyncio.Event()

        async def work(name, priority):
            async with scheduler.slot(priority):
                order.append(name)
                await gate.wait()
                await asyncio.sleep(0)

        first = [asyncio.create_task(work("first", Priority.INTERACTIVE)) for _ in range(slots)]
        await asyncio.sleep(0)
        tasks = [asyncio.create_task(work("starved", starved))]
        tasks += [asyncio.create_task(work("urgent", priority)) for priority in urgent]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*first, *tasks)
        assert scheduler.num_running == scheduler.num_waiting == 0
        return order

    order = [name for name in asyncio.run(run()) if name != "first"]
    assert order.index("starved") <= PATIENCE[Priority.BACKGROUND] + PATIENCE[Priority.REQUEST] + slots


async def test_a_thousand_at_once_are_admitted_or_refused_and_none_is_left_behind():
    scheduler, running, peak = Scheduler(2), 0, 0

    async def work(number):
        nonlocal running, peak
        async with scheduler.slot(Priority(number % 3), f"app {number % 5}"):
            running += 1
            peak = max(peak, running)
            await asyncio.sleep(0)
            running -= 1

    ended = await asyncio.gather(*(work(number) for number in range(1000)), return_exceptions=True)
    refused = [error for error in ended if error is not None]
    assert all(isinstance(error, EngineBusy) for error in refused)
    assert (peak, len(ended) - len(refused)) == (2, 66)
    assert scheduler.num_running == scheduler.num_waiting == 0
