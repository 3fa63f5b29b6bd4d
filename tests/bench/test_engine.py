"""`llmos bench engine`: figures of an engine that says what it is told, and whole on random weights."""

import json

import pytest

from llmos.bench.engine.bench import Sizes, bench_engine
from llmos.bench.engine.run import run_engine
from llmos.testing import ScriptedEngine

SMALL = Sizes(at_once=(1, 3), prompt_tokens=100, answer_tokens=8, times=1)


def speak(request):
    return json.dumps(["so"] * 1000) if request.schema else "Once upon a time."


async def test_every_part_is_kept_as_soon_as_it_is_known():
    kept = []
    told = await bench_engine(ScriptedEngine(speak), SMALL, lambda said: None, lambda told: kept.append(set(told)))
    assert kept == sorted(kept, key=len) and "free" in kept[1] and "schema" not in kept[1]
    assert told["free"].keys() == told["schema"].keys() == told["schema_to_free"].keys() == {"1", "3"}
    assert told["free"]["3"]["tokens"] == 3 * told["free"]["1"]["tokens"] > 0
    assert told["first_word_text"]["prompt_tokens"] > 50


async def test_weights_of_a_shape_are_made_measured_and_seen(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setenv("LLMOS_ENGINE", "transformers")
    monkeypatch.setenv("LLMOS_DTYPE", "float32")
    sizes = {"at_once": (1, 2), "prompt_tokens": 60, "answer_tokens": 6, "times": 1}
    told = await run_engine(None, "tiny", tmp_path, tmp_path / "engine.json", sizes, lambda said: None)
    assert json.loads((tmp_path / "engine.json").read_text()) == json.loads(json.dumps(told))
    assert told["free"]["2"]["tokens"] == told["schema"]["2"]["tokens"] == 12
    assert told["to_plain"].keys() == {"1"} and told["plain"]["batches"].keys() == {"1", "8"}
    assert told["first_word_picture"]["prompt_tokens"] > told["first_word_text"]["prompt_tokens"]
    assert told["first_word_picture"]["cached_cached_tokens"] > told["first_word_picture"]["cold_cached_tokens"]
