"""A background call that real interactive ones interrupt, on the real engines: its answer is the undisturbed one."""

import asyncio

import pytest

from llmos.contracts import ChatRequest, Message
from llmos.kernel.call import call_engine
from llmos.kernel.scheduler import Priority, Scheduler

QUESTIONS = ("Describe a small garden.", "How is bread made?", "What is a harbour for?")

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]


def told(question, tokens=60):
    return ChatRequest((Message("user", question),), max_tokens=tokens)


@pytest.mark.parametrize("question", QUESTIONS)
class TestPreempted:
    async def test_by_llamacpp_it_is_the_undisturbed_one(self, llamacpp, question):
        await check(llamacpp, question)

    async def test_by_transformers_it_is_the_undisturbed_one(self, transformers_engine, question):
        await check(transformers_engine, question)


async def check(engine, question):
    whole = await call_engine(engine, Scheduler(1), told(question), priority=Priority.BACKGROUND)
    answer = await interrupted(engine, told(question))
    assert answer.preemptions == 2
    assert answer.text == whole.text


async def interrupted(engine, request):
    scheduler, pieces = Scheduler(1), asyncio.Queue()
    background = asyncio.create_task(
        call_engine(engine, scheduler, request, priority=Priority.BACKGROUND, on_text=pieces.put_nowait)
    )
    seen = ""
    for at_chars in (30, 90):
        while len(seen) < at_chars:
            seen += await pieces.get()
        await call_engine(engine, scheduler, told("Say hello.", 4), priority=Priority.INTERACTIVE)
    return await background
