"""The first minute: no model, a pull that is stopped and gone on with, a greeting with three things to try."""

import threading
from functools import partial

import pytest

from llmos import models
from llmos.errors import SourceUnavailable
from llmos.kernel.pulls import Pulls
from llmos.shell.boot import PullCard
from tests.shell.conftest import Paced


class Pull:
    """Stands in for the pull of a model: goes on when it is let, and stops when its report raises."""

    def __init__(self):
        self.steps = threading.Semaphore(0)
        self.done_bytes = 0
        self.stopped = 0
        self.error = None

    def __call__(self, model, *, progress):
        while self.done_bytes < model.bytes:
            self.steps.acquire(timeout=20)
            if self.error:
                raise self.error
            self.done_bytes += model.bytes // 4
            try:
                progress(models.Progress(model.id, "fetch", "a hub", self.done_bytes, model.bytes, 1e6))
            except Exception:
                self.stopped += 1
                raise


@pytest.fixture
def pull(monkeypatch):
    pull = Pull()
    model = models.find("smollm2-135m")
    monkeypatch.setattr(
        "llmos.shell.app.missing_model", lambda: model if pull.done_bytes < model.bytes // 4 * 4 else None
    )
    monkeypatch.setattr("llmos.shell.boot.Pulls", partial(Pulls, fetch=pull))
    return pull


async def test_a_missing_model_is_offered_with_its_size_and_nothing_is_fetched_unasked(place, pull):
    async with place.shell(offers_model=True, ready=False) as screen:
        await screen.sees("none is here yet", "SmolLM2 135M", "98.4 MB", "Apache-2.0", "no model yet", "⏎ Fetch it")
        await screen.pilot.press("tab")
        assert pull.done_bytes == 0 and not pull.stopped


async def test_a_pull_shows_how_far_it_is_can_be_stopped_and_goes_on(place, pull):
    place.script.say("I am here now.")
    async with place.shell(offers_model=True, ready=False) as screen:
        await screen.sees("none is here yet")
        await screen.pilot.press("enter")
        pull.steps.release()
        await screen.sees("24.6 MB of 98.4 MB", "x stops")
        await screen.say("hello")
        await screen.sees("waits for the kernel")
        screen.shell.query_one(PullCard).focus()
        await screen.pilot.press("x")
        await screen.sees("stopped; enter goes on from here")
        pull.steps.release()
        await screen.until(lambda: pull.stopped == 1)
        await screen.pilot.press("enter")
        for _ in range(4):
            pull.steps.release()
        await screen.sees("I am here now.")  # what was written meanwhile was sent
        assert not screen.shell.query(PullCard)


async def test_a_pull_that_fails_says_why_and_can_be_tried_again(place, pull):
    pull.error = SourceUnavailable("No source could be reached; check the network.")
    async with place.shell(offers_model=True, ready=False) as screen:
        await screen.sees("none is here yet")
        await screen.pilot.press("enter")
        pull.steps.release()
        await screen.sees("✗ No source could be reached; check the network.", "enter tries again")
        pull.error = None
        await screen.pilot.press("enter")
        for _ in range(4):
            pull.steps.release()
        await screen.sees("● scripted")


async def test_the_greeting_has_three_things_to_try_each_by_a_key(place):
    place.script.say("A Tuesday.")
    async with place.shell() as screen:
        await screen.sees(" 1 ", " 2 ", " 3 ", "tab, then 1, 2 or 3")
        await screen.pilot.press("tab", "2")
        await screen.sees("A Tuesday.")
        assert "weekday was 20 July 1969" in place.script.requests[-1].messages[-1].text
    async with place.shell() as screen:
        await screen.pilot.press("ctrl+t", "tab", "3")
        await screen.sees("todo", "serves at http://127.0.0.1:")


async def test_the_sketch_of_the_greeting_is_sent_to_the_app_that_makes_it_a_website(place):
    place.world.script = Paced("<h1>", "</h1>")
    await place.boot()
    async with place.shell() as screen:
        await screen.pilot.press("tab", "1")
        await screen.until(lambda: screen.tab.pid is not None)
        [process] = await place.processes()
        assert process["app"] == "sketch-to-website" and not process["session"]
        await screen.sees("image.see", "▀")
        await screen.pilot.press("escape")
        await screen.sees("The process was ended.")
