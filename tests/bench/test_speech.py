"""`llmos bench speech` on recordings of a test's own, with the real driver."""

import pytest

from llmos.bench.speech import bench_speech, normaliser, sentences
from llmos.errors import UsageError
from llmos.kernel.drivers import DriverHost, shipped_drivers

MODEL = "whisper-tiny.en"


@pytest.fixture
async def run(tmp_path):
    host = DriverHost(shipped_drivers(), tmp_path / "logs")
    yield host.run
    await host.close()


async def test_what_is_heard_is_counted_by_words_and_what_is_spoken_is_heard_back(run, tmp_path):
    spoken = await run("speech.speak", {"text": "The river flows through seven valleys to the sea."})
    (tmp_path / "one.wav").write_bytes(spoken.attachments[0].data)
    (tmp_path / "transcripts.csv").write_text("one|-|The river flows through 7 green valleys to the sea.\n")
    told = []
    report = await bench_speech(tmp_path, (MODEL,), run, told.append, ["The train leaves at 9:30 a.m. on May 3, e.g."])
    heard = report["heard"][MODEL]
    assert (heard["recordings"], heard["word_for_word"]) == (1, 0)
    assert heard["word_error_rate"] == pytest.approx(1 / 10)  # "green" was not said
    assert report["loop"][MODEL]["word_for_word"] == 1, report["loop"]
    assert report["spoken"]["real_time_factor"] > 0 and told


async def test_a_folder_without_recordings_is_refused_with_what_it_wants(run, tmp_path):
    with pytest.raises(UsageError, match=r"transcripts\.csv"):
        await bench_speech(tmp_path, (MODEL,), run, print)
    (tmp_path / "transcripts.csv").write_text("none|text\n")
    with pytest.raises(UsageError, match="None of the recordings"):
        await bench_speech(tmp_path, (MODEL,), run, print)


def test_the_sentences_have_numbers_dates_and_names_and_are_twenty():
    assert len(sentences()) == 20
    assert sum(any(char.isdigit() for char in sentence) for sentence in sentences()) >= 15


def test_spellings_of_one_thing_are_one():
    plain = normaliser()
    assert plain("It's twenty-five percent, Mr. Lee!") == plain("it is 25% mister lee")
    assert plain("seventeen point five") != plain("175")
