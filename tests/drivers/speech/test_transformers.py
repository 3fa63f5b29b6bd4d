"""Hearing by a checkpoint of transformers: the weights of whisper-tiny.en, written anew for the other library."""

import json
import shutil

import pytest
import pytest_asyncio

from llmos import paths

from .checkpoint import checkpoint
from .conftest import LECTURE, SENTENCE, TINY, running
from .recordings import base64_of as data_of
from .recordings import file_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    checkpoint(paths.models() / TINY, folder / "own")
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def own(models):
    async with running(models) as driver:
        yield driver


async def test_what_was_spoken_is_heard_word_for_word_with_the_same_times(driver, own, recording, words):
    heard = await own.listen(recording, model="own", words=True)
    assert words(heard["text"]) == words(SENTENCE)
    assert (heard["language"], heard["model"]) == ("en", "own")
    other = await driver.listen(recording, words=True)
    timed, times = ([word for part in told["segments"] for word in part["words"]] for told in (heard, other))
    assert [word["start"] for word in timed] == pytest.approx([word["start"] for word in times], abs=0.3)
    assert [word["word"] for word in timed] == [word["word"] for word in times]
    first = heard["segments"][0]
    assert set(first) == set(other["segments"][0])
    assert first["avg_logprob"] == pytest.approx(other["segments"][0]["avg_logprob"], abs=0.2)


async def test_a_longer_recording_is_heard_in_pieces_whose_times_go_on(own, lecture, words):
    heard = await own.listen(file_of([lecture], "flac"), model="own")
    spoken = words(LECTURE)
    assert sum(word in words(heard["text"]) for word in spoken) / len(spoken) > 0.95
    starts = [segment["start"] for segment in heard["segments"]]
    assert starts == sorted(starts) and starts[-1] > 30


async def test_one_that_hears_only_english_says_so(own, recording):
    told = await own.refused("listen", {"audio": data_of(recording), "model": "own", "language": "de"})
    assert told.startswith("own hears only English")


async def test_one_that_hears_several_languages_finds_out_which(models, own, recording):
    """English weights that are told of other languages: what they write is English, and the way there is the other."""
    folder = models / "several"
    shutil.copytree(models / "own", folder, dirs_exist_ok=True)
    file = folder / "generation_config.json"
    numbers = {"<|en|>": 50258, "<|de|>": 50260}
    tasks = {"transcribe": 50358, "translate": 50357}
    told = json.loads(file.read_text()) | {"is_multilingual": True, "lang_to_id": numbers, "task_to_id": tasks}
    file.write_text(json.dumps(told))
    assert (await own.listen(recording, model="several"))["language"] in ("en", "de")
    assert (await own.listen(recording, model="several", language="de"))["language"] == "de"
    refused = await own.refused("listen", {"audio": data_of(recording), "model": "several", "language": "fr"})
    assert "'fr' is not a language that several hears" in refused


async def test_a_damaged_one_and_one_that_lacks_a_file_are_told(models, own, recording):
    cut, lacking = models / "cut", models / "lacking"
    for folder in (cut, lacking):
        shutil.copytree(models / "own", folder, dirs_exist_ok=True)
    (cut / "model.safetensors").write_bytes((cut / "model.safetensors").read_bytes()[:1_000_000])
    (lacking / "preprocessor_config.json").unlink()
    told = await own.refused("listen", {"audio": data_of(recording), "model": "cut"})
    assert told == f"The model in {cut} is damaged; lay it there anew."
    told = await own.refused("listen", {"audio": data_of(recording), "model": "lacking"})
    assert told.startswith("The model lacking lacks preprocessor_config.json;")
