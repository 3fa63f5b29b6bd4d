"""The panel of models, before a real kernel; what is fetched, and from where, is the test's."""

import threading

import pytest

from llmos.errors import SourceUnavailable
from llmos.kernel.pulls import Pulls
from llmos.models.progress import Progress
from llmos.testing import ScriptedEngine
from tests.shell.panels.hosted import DEADLINE, HOSTILE

MODEL = "smollm2-135m"


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LLMOS_MODELS", str(tmp_path / "models"))
    for name in ("LLMOS_MODEL", "LLMOS_ENGINE_URL"):
        monkeypatch.delenv(name, raising=False)


async def to(seat, model=MODEL):
    await seat.sees(model)
    await seat.until(lambda: seat.panel.rows.key is not None)
    while seat.panel.rows.key != model:
        await seat.press("down")


def fetching(world, steps):
    def pull(model, progress):
        for quarter in range(4):
            assert steps.acquire(timeout=DEADLINE)
            progress(Progress(model.id, "fetch", HOSTILE, quarter * model.bytes // 4, model.bytes, 2e6, HOSTILE))

    world.kernel.pulls = Pulls(world.kernel.journal.publish, pull)


async def test_a_pull_shows_how_far_it_is_and_can_be_cancelled_and_continued(sit, world):
    steps = threading.Semaphore(0)
    fetching(world, steps)
    async with sit("models") as seat:
        await to(seat)
        await seat.sees("not here", "98.4 MB")
        assert "Cancel the pull" not in seat.keys
        await seat.press("p")
        steps.release(3)
        await seat.sees("50%", "2.0 MB a second", "fetching")
        seat.holds_its_layout()
        assert "Pull" not in seat.keys
        await seat.press("x")
        steps.release(1)
        await seat.sees("pull is  cancelled", "was cancelled; what is here of it is kept, and the")
        await seat.press("p")
        steps.release(4)
        await seat.sees(f"✓ {MODEL} is here.")


async def test_a_pull_that_fails_says_why(sit, world):
    def fail(model, progress):
        raise SourceUnavailable("No source gave it; try again later.")

    world.kernel.pulls = Pulls(world.kernel.journal.publish, fail)
    async with sit("models") as seat:
        await to(seat)
        await seat.press("p")
        await seat.sees("✗ pull failed", "No source gave it; try again later.")


async def test_another_model_thinks_when_it_is_here(sit, world, monkeypatch, tmp_path):
    monkeypatch.setattr("llmos.models.cache.installed", lambda model: tmp_path / model.id)
    monkeypatch.setattr("llmos.http.control_models.installed", lambda model: tmp_path / model.id)
    monkeypatch.setattr("llmos.models.cache.stored_bytes", lambda model: model.bytes)
    opened = lambda model: ScriptedEngine([], model=model)  # noqa: E731
    monkeypatch.setattr(world.kernel.engines, "_open_engine", opened)
    async with sit("models") as seat:
        await to(seat)
        await seat.sees("○ here")
        await seat.press("s")
        await seat.sees(f"{MODEL} thinks from now on", "● thinks", f"{MODEL} thinks")
        assert "Think with it" not in seat.keys
        await to(seat, "all-minilm-l6-v2")
        assert "Think with it" not in seat.keys


async def test_a_switch_that_is_refused_is_told(sit, world, monkeypatch):
    async with sit("models") as seat:
        await to(seat)
        seat.panel._models[MODEL]["state"] = "installed"
        await seat.press("s")
        await seat.sees(f"✗ The model {MODEL} is not here; fetch it with: llmos pull")
