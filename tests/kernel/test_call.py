"""One call of the engine: preempted and continued, asked again, stopped when it runs in circles."""

import asyncio
import re

import pytest

from llmos.contracts import ChatRequest, Chunk, Message, Usage
from llmos.errors import EngineUnavailable
from llmos.kernel.call import MAX_PREEMPTIONS, call_engine
from llmos.kernel.loops import find_loop
from llmos.kernel.scheduler import Priority, Scheduler

TEXT = " ".join(f"word{number}" for number in range(60))


class Reader:
    """Reads TEXT aloud, on from wherever a trailing assistant message ends; `said` is how each reading began."""

    def __init__(self):
        self.said = []
        self.pause = asyncio.Event()
        self.pause.set()

    async def stream(self, request):
        last = request.messages[-1]
        done = last.text if last.role == "assistant" else ""
        assert TEXT.startswith(done)
        self.said.append(done)
        pieces = re.findall(r"\s?\S{1,4}", TEXT[len(done) :])[: request.max_tokens]
        for piece in pieces:
            await self.pause.wait()
            await asyncio.sleep(0)
            yield Chunk(piece)
        yield Chunk(finish="stop", usage=Usage(10, len(pieces)))


def ask(**options):
    return ChatRequest((Message("user", "read"),), **options)


async def preempted(reader, request, times=1, **options):
    """The answer of a background call that interactive ones preempt, with what was streamed and what happened."""
    scheduler, streamed, happened = Scheduler(1), [], []
    call = asyncio.create_task(
        call_engine(
            reader,
            scheduler,
            request,
            priority=Priority.BACKGROUND,
            on_text=streamed.append,
            on_event=lambda kind, data: happened.append(kind),
            **options,
        )
    )
    for _ in range(times):
        already = len(streamed)
        while len(streamed) < already + 7 and not call.done():  # noqa: ASYNC110 - the reader yields at each piece
            await asyncio.sleep(0)
        async with scheduler.slot(Priority.INTERACTIVE):
            pass
    async with asyncio.timeout(10):
        return await call, "".join(streamed), happened


async def test_a_preempted_call_continues_with_what_it_had_and_its_answer_is_the_undisturbed_one():
    reader = Reader()
    answer, streamed, happened = await preempted(reader, ask())
    assert answer.text == streamed == TEXT
    assert (answer.preemptions, happened) == (1, ["engine.preempted"])
    assert reader.said[0] == ""
    assert reader.said[1].startswith("word0 word1")
    assert not reader.said[1].endswith(" ")  # cut between words, where the tokens are as the model wrote them


@pytest.mark.parametrize("constraint", [{"schema": {}}, {"grammar": "root ::= [a-z]"}, {"stop": ("never",)}])
async def test_a_constrained_call_begins_again_and_shows_nothing_twice(constraint):
    reader = Reader()
    answer, streamed, _ = await preempted(reader, ask(**constraint))
    assert answer.text == streamed == TEXT
    assert reader.said == ["", ""]


async def test_a_call_is_not_preempted_for_ever():
    reader = Reader()
    answer, _, happened = await preempted(reader, ask(schema={}), times=20)
    assert answer.text == TEXT
    assert len(happened) == MAX_PREEMPTIONS


async def test_a_continued_call_keeps_to_its_tokens():
    answer, _, _ = await preempted(Reader(), ask(max_tokens=20))
    undisturbed = await call_engine(Reader(), Scheduler(1), ask(max_tokens=20), priority=Priority.REQUEST)
    assert abs(len(answer.text) - len(undisturbed.text)) <= 4
    assert answer.usage.completion_tokens <= 21


async def test_a_continued_prefill_is_one_message():
    reader = Reader()
    request = ChatRequest((Message("user", "read"), Message("assistant", "word0")))
    answer, _, _ = await preempted(reader, request)
    assert "word0" + answer.text == TEXT
    assert reader.said[1].startswith("word0 word1")


async def test_a_cancelled_call_frees_its_slot():
    reader, scheduler = Reader(), Scheduler(1)
    reader.pause.clear()
    call = asyncio.create_task(call_engine(reader, scheduler, ask(), priority=Priority.BACKGROUND))
    await asyncio.sleep(0.01)
    assert scheduler.num_running == 1
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert scheduler.num_running == 0


class Dying(Reader):
    def __init__(self, deaths):
        super().__init__()
        self.deaths = deaths

    async def stream(self, request):
        if self.deaths:
            self.deaths -= 1
            yield Chunk("word0 wo")
            raise EngineUnavailable("The engine died.")
        async for chunk in super().stream(request):
            yield chunk


async def test_an_engine_that_dies_in_mid_answer_is_asked_again_and_nothing_is_shown_twice():
    streamed, happened = [], []
    answer = await call_engine(
        Dying(1),
        Scheduler(1),
        ask(),
        priority=Priority.REQUEST,
        on_text=streamed.append,
        on_event=lambda kind, data: happened.append(kind),
    )
    assert answer.text == "".join(streamed) == TEXT
    assert happened == ["engine.retry"]


async def test_an_engine_that_stays_dead_is_an_error(monkeypatch):
    monkeypatch.setattr("llmos.kernel.call.RETRY_SECONDS", (0.0, 0.01))
    with pytest.raises(EngineUnavailable, match="died"):
        await call_engine(Dying(3), Scheduler(1), ask(), priority=Priority.REQUEST)


class Stuck:
    async def stream(self, request):
        self.num_pieces = 0
        yield Chunk("Well. ")
        while True:
            self.num_pieces += 1
            yield Chunk("I do not know. ")


async def test_a_model_that_says_one_thing_for_ever_is_stopped_early():
    engine = Stuck()
    answer = await call_engine(engine, Scheduler(1), ask(), priority=Priority.REQUEST, watch_loops=True)
    assert answer.finish == "loop"
    assert answer.text.startswith("Well. I do not know") and len(answer.text) < 30
    assert engine.num_pieces < 200


@pytest.mark.parametrize("text", ["", "a", "no loop here " * 9, "-" * 79, "x" * 300 + "y", "<td></td>\n" * 40])
def test_what_still_says_something_is_no_loop(text):
    assert find_loop(text) is None


def test_a_loop_is_cut_behind_its_first_round():
    text = "So: " + "one two three four five. " * 30
    end = find_loop(text)
    assert end is not None
    assert text[:end].count("one two three") == 1
