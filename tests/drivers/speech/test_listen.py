"""Hearing, as any MCP client meets it: a process that is given recordings in the formats that people have."""

import asyncio

import numpy as np
import pytest

from .conftest import LECTURE, SENTENCE
from .recordings import file_of, samples_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
SAID = SENTENCE.lower().replace(",", "").rstrip(".").split()
RATE = 16_000


async def test_what_was_spoken_is_heard_word_for_word(driver, recording, words):
    heard = await driver.listen(recording)
    assert words(heard["text"]) == SAID
    assert (heard["language"], heard["model"]) == ("en", "whisper-tiny.en")
    assert heard["seconds"] == pytest.approx(samples_of(recording).size / RATE, abs=0.1)


@pytest.mark.parametrize("form", ["flac", "mp3", "ogg", "webm", "mp4"])
async def test_every_format_is_heard(driver, recording, words, form):
    data = file_of([samples_of(recording)], "ipod" if form == "mp4" else form, codec="aac" if form == "mp4" else None)
    assert words((await driver.listen(data))["text"]) == SAID


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (96_000, 1)])
async def test_any_rate_and_stereo_are_heard(driver, recording, words, rate, channels):
    data = file_of([samples_of(recording, rate)], rate=rate, channels=channels)
    assert words((await driver.listen(data))["text"])[:4] == SAID[:4]


async def test_segments_and_words_have_times_within_the_recording(driver, recording):
    heard = await driver.listen(recording, words=True)
    found = [word for segment in heard["segments"] for word in segment["words"]]
    assert [word["word"].lower().strip(",.") for word in found] == SAID
    times = [time for word in found for time in (word["start"], word["end"])]
    assert times == sorted(times) and times[0] >= 0 and times[-1] <= heard["seconds"]


async def test_times_count_from_the_start_of_the_recording_whatever_was_silent(driver, recording):
    silence = np.zeros(45 * RATE)
    heard = await driver.listen(file_of([silence, samples_of(recording), silence, samples_of(recording)]))
    first, *_, last = heard["segments"]
    assert first["start"] == pytest.approx(45, abs=0.7)
    assert last["end"] == pytest.approx(heard["seconds"], abs=1.5)
    assert heard["text"].lower().count("ask not what your country") == 2


async def test_speech_longer_than_one_window_is_heard_whole_and_told_as_it_goes(driver, lecture, words):
    told = []

    async def hear(progress, total, message):
        told.append((progress, total, message))

    heard = await driver.listen(file_of([lecture], "flac"), progress=hear)
    assert heard["seconds"] > 35
    wrong = set(words(LECTURE)) ^ set(words(heard["text"]))
    assert len(wrong) < 8, wrong
    assert words(heard["text"])[-3:] == ["one", "after", "another"]
    assert [done for done, *_ in told] == sorted(done for done, *_ in told)
    assert all(total == pytest.approx(heard["seconds"], abs=0.2) for _, total, _ in told)
    texts = [message for *_, message in told if message]
    assert len(texts) > 1 and " ".join(texts) == heard["text"]


async def test_silence_says_so_and_no_words_are_made_up(driver):
    noise = np.random.default_rng(1).normal(0, 0.003, 40 * RATE)
    for samples in (np.zeros(40 * RATE), noise):
        heard = await driver.listen(file_of([samples]))
        assert heard["segments"] == [] and heard["text"] == "Nothing is said in this recording."


async def test_three_hours_take_no_more_memory_than_a_minute(driver, recording):
    await driver.listen(recording)
    said, minute = samples_of(recording, 8_000), np.zeros(60 * 8_000)
    data, before = file_of([said, *[minute] * 180, said], "flac", 8_000), driver.memory_mb()
    heard = await driver.listen(data)
    assert heard["seconds"] > 3 * 3600
    assert heard["text"].lower().count("ask not") == 2
    assert heard["segments"][-1]["start"] > 3 * 3600
    assert driver.memory_mb() - before < 100  # the samples alone would be 690 MB


async def test_long_work_is_given_up_when_nobody_waits_for_it(driver, recording, lecture):
    began = asyncio.Event()

    async def hear(progress, total, message):
        began.set()

    long = file_of([lecture] * 30, "flac")
    listening = asyncio.ensure_future(driver.listen(long, progress=hear))
    await asyncio.wait_for(began.wait(), 50)
    listening.cancel()
    await asyncio.wait({listening}, timeout=10)
    at = driver.cpu_seconds()
    await driver.listen(recording)
    assert driver.cpu_seconds() - at < 20  # what is left of the long one would take more than a minute


async def test_it_answers_while_it_listens(driver, lecture):
    listening = asyncio.ensure_future(driver.listen(file_of([lecture[: 20 * RATE]])))
    answers = 0
    while not listening.done():
        await driver.client.list_tools(cache_mode="bypass")
        answers += 1
    assert answers > 2
    await listening
