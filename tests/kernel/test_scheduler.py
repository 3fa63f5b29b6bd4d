import asyncio

import pytest

from llmos.errors import EngineUnavailable
from llmos.kernel import scheduler
from llmos.kernel.scheduler import Priority, Scheduler


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


async def test_too_many_are_refused_at_the_door(monkeypatch):
    monkeypatch.setattr(scheduler, "MAX_WAITING", 2)
    one_slot = Scheduler(1)
    async with one_slot.slot(Priority.REQUEST):
        waiting = [asyncio.create_task(one_slot.slot(Priority.REQUEST).__aenter__()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(EngineUnavailable, match="try again"):
            await one_slot.slot(Priority.INTERACTIVE).__aenter__()
        for waiter in waiting:
            waiter.cancel()
