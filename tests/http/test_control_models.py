"""Models over the API: which there are, fetching one with progress, and switching the one that thinks."""

import asyncio
import threading

import pytest

from llmos.errors import EngineUnavailable, SourceUnavailable
from llmos.kernel.pulls import Pulls
from llmos.models.progress import Progress
from llmos.testing import ScriptedEngine

DEADLINE = 20


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LLMOS_MODELS", str(tmp_path / "models"))
    for name in ("LLMOS_MODEL", "LLMOS_ENGINE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def here(monkeypatch, tmp_path):
    """As if every model were on the disk."""
    monkeypatch.setattr("llmos.http.control_models.installed", lambda model: tmp_path / model.id)


@pytest.fixture
def fetch(world):
    """A pull that goes on as the test says."""
    steps = threading.Semaphore(0)

    def pull(model, progress):
        for done in range(0, model.bytes, model.bytes // 4):
            assert steps.acquire(timeout=DEADLINE)
            progress(Progress(model.id, "fetch", "a source", done, model.bytes, 1e6))
        progress(Progress(model.id, "done", "a source", model.bytes, model.bytes, 0.0))

    world.kernel.pulls = Pulls(world.kernel.journal.publish, pull)
    return steps


def use(world, monkeypatch, opened):
    """Let engines be opened by model name, as the daemon does."""
    monkeypatch.setattr(world.kernel.engines, "_open_engine", opened)


async def row(world, model):
    return next(row for row in (await world.api.get("/models")).json() if row["id"] == model)


async def until(condition):
    async with asyncio.timeout(DEADLINE):
        while not await condition():  # noqa: ASYNC110 - over the API
            await asyncio.sleep(0.01)


async def test_models_are_listed_with_what_is_here(world):
    model = await row(world, "smollm2-135m")
    assert (model["state"], model["pullable"], model["in_use"], model["pull"]) == ("absent", True, False, None)
    assert model["bytes"] == 98_362_432


async def test_a_pull_tells_how_far_it_is_and_ends(world, fetch):
    heard = []
    world.kernel.pulls._publish = heard.append
    assert (await world.api.post("/models/smollm2-135m/pull")).json()["phase"] == "begin"
    assert (await world.api.post("/models/smollm2-135m/pull")).is_success  # it goes on
    fetch.release(2)
    await until(lambda: half_way(world))
    fetch.release(9)
    await until(lambda: in_phase(world, "done"))
    assert [event.kind for event in heard] == ["model.pull"] * len(heard)
    assert [event.data["done_bytes"] for event in heard] == sorted(event.data["done_bytes"] for event in heard)


async def half_way(world):
    return (await row(world, "smollm2-135m"))["pull"]["done_bytes"] > 0


async def in_phase(world, phase):
    return (await row(world, "smollm2-135m"))["pull"]["phase"] == phase


async def test_a_pull_can_be_cancelled_and_begun_again(world, fetch):
    assert (await world.api.delete("/models/smollm2-135m/pull")).status_code == 400
    await world.api.post("/models/smollm2-135m/pull")
    fetch.release(1)
    assert (await world.api.delete("/models/smollm2-135m/pull")).json()["phase"] == "cancelled"
    fetch.release(1)  # its thread comes to know of it
    await asyncio.to_thread(world.kernel.pulls._threads["smollm2-135m"].join, DEADLINE)
    assert await in_phase(world, "cancelled")
    await world.api.post("/models/smollm2-135m/pull")
    fetch.release(9)
    await until(lambda: in_phase(world, "done"))


async def test_a_pull_that_fails_says_why_in_one_sentence(world):
    def fail(model, progress):
        raise SourceUnavailable("No source gave it.")

    world.kernel.pulls = Pulls(world.kernel.journal.publish, fail)
    await world.api.post("/models/smollm2-135m/pull")
    await until(lambda: in_phase(world, "failed"))
    assert (await row(world, "smollm2-135m"))["pull"]["error"] == "No source gave it."


@pytest.mark.parametrize(
    ("model", "status", "sentence"),
    [
        ("smollm2-135m", 404, "llmos pull smollm2-135m"),
        ("nonsense", 404, "no model called"),
        ("all-minilm-l6-v2", 400, "cannot think"),
    ],
)
async def test_a_switch_to_what_cannot_think_here_is_refused(world, model, status, sentence):
    refused = await world.api.post("/engine", json={"model": model})
    assert (refused.status_code, sentence in refused.json()["detail"]) == (status, True)
    assert (await world.api.get("/status")).json()["engine"]["model"] == "scripted"


async def test_a_switch_lets_the_answer_under_way_end_and_the_next_comes_from_the_other_model(world, here, monkeypatch):
    begun, going, closed = asyncio.Event(), asyncio.Event(), []

    class Slow(ScriptedEngine):
        async def stream(self, request):
            begun.set()
            await going.wait()
            async for chunk in super().stream(request):
                yield chunk

        async def close(self):
            closed.append(self._info.model)

    world.kernel.engines._own.replace(Slow(["From the old one."], model="old"))
    use(world, monkeypatch, lambda model: ScriptedEngine(["From the new one."], model=model, context_tokens=1234))
    process = (await world.api.post("/processes", json={"app": "scribe", "text": "1", "session": True})).json()
    await begun.wait()
    switched = (await world.api.post("/engine", json={"model": "smollm2-135m"})).json()
    assert switched == {"model": "smollm2-135m", "context_tokens": 1234, "modalities": ["image", "text"]}
    assert (await row(world, "smollm2-135m"))["in_use"]
    going.set()
    await until(lambda: answers(world, process["pid"], 1))
    await until(lambda: is_closed(closed))
    await world.api.post(f"/processes/{process['pid']}/messages", json={"text": "2"})
    await until(lambda: answers(world, process["pid"], 2))
    new, old = world.kernel.journal.recent(process["pid"], "process.answered", 2)
    assert new.data["result"]["text"] == "From the new one."
    assert old.data["result"]["text"] == "From the old one."
    assert (await world.api.get(f"/processes/{process['pid']}/usage")).json()["window_tokens"] == 1234


async def answers(world, pid, number):
    return len(world.kernel.journal.recent(pid, "process.answered", -1)) == number


async def is_closed(closed):
    return closed == ["old"]


async def test_a_model_that_cannot_be_loaded_leaves_all_as_it_was(world, here, monkeypatch):
    class Broken(ScriptedEngine):
        async def info(self):
            raise EngineUnavailable("The engine cannot load it.")

    use(world, monkeypatch, lambda model: Broken([]))
    refused = await world.api.post("/engine", json={"model": "smollm2-135m"})
    assert (refused.status_code, refused.json()["detail"]) == (503, "The engine cannot load it.")
    assert (await world.api.get("/status")).json()["engine"]["model"] == "scripted"


async def test_a_server_elsewhere_chooses_its_own_model(world, monkeypatch):
    monkeypatch.setenv("LLMOS_ENGINE_URL", "http://127.0.0.1:1")
    refused = await world.api.post("/engine", json={"model": "smollm2-135m"})
    assert (refused.status_code, "choose there" in refused.json()["detail"]) == (400, True)
