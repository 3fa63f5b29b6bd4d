"""What is no recording, or hardly one: a sentence, or what could be heard."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import SENTENCE
from .recordings import base64_of, file_of, float_wav, samples_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
RATE = 16_000
PICTURE = io.BytesIO()
Image.new("RGB", (64, 64)).save(PICTURE, "PNG")
HEADER = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80>\0\0\0}\0\0\x02\0\x10\0"


async def refused(driver, audio):
    return await driver.refused("listen", {"audio": audio, "model": "tiny.en"})


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        ("", "empty"),
        ("data:audio/wav;base64,", "empty"),
        ("!!! not base64 !!!", "not valid base64"),
        ("data:audio/wav,raw", "not base64"),
        (base64_of(b"just some words"), "not a recording"),
        (base64_of(PICTURE.getvalue()), "not a recording"),
        (base64_of(HEADER + b"HURF9999" + b"x" * 5000), "not a recording"),
        (base64_of(HEADER + b"data\0\0\0\0"), "shorter than 0.1 s"),
        (base64_of(HEADER + b"data\x02\0\0\0\1\0"), "shorter than 0.1 s"),
        (base64_of(b"\0" * 4096), "not a recording"),
    ],
)
async def test_what_is_no_recording_is_refused_in_one_sentence(driver, audio, said):
    assert said in await refused(driver, audio)


async def test_a_file_that_claims_one_sample_a_second_is_refused_before_it_becomes_days(driver):
    wav = bytearray(file_of([np.zeros(RATE)]))
    struct.pack_into("<II", wav, 24, 1, 2)
    said = await refused(driver, base64_of(bytes(wav)))
    assert "samples a second" in said or "longer than 4 hours" in said


async def test_five_hours_are_refused_by_their_header(driver):
    flac = bytearray(file_of([np.zeros(RATE)], "flac"))
    count = 5 * 3600 * RATE  # the last 36 bits of the 8 bytes that begin with the rate
    struct.pack_into(">I", flac, 22, count)
    assert "longer than 4 hours" in await refused(driver, base64_of(bytes(flac)))


async def test_samples_that_are_no_numbers_are_silence(driver, recording, words):
    samples = samples_of(recording)
    samples[::1000], samples[5], samples[6] = np.nan, np.inf, -np.inf
    assert words((await driver.listen(float_wav(samples)))["text"])[:4] == SENTENCE.lower().split()[:4]
    assert (await driver.listen(float_wav([np.nan] * RATE)))["segments"] == []


async def test_a_recording_far_too_loud_is_heard_all_the_same(driver, recording):
    assert "country" in (await driver.listen(float_wav(samples_of(recording) * 50)))["text"].lower()


async def test_a_cut_off_file_is_heard_as_far_as_it_goes(driver, recording):
    whole = file_of([samples_of(recording)], "mp3")
    heard = await driver.listen(whole[: len(whole) // 2])
    assert "ask not what your country" in heard["text"].lower() and heard["seconds"] < 4


async def test_a_file_whose_rate_changes_on_the_way_is_heard_to_its_end(driver, recording):
    bare = {"write_xing": "0", "id3v2_version": "0"}
    parts = [file_of([samples_of(recording, rate)], "mp3", rate, **bare) for rate in (16_000, 24_000)]
    heard = await driver.listen(b"".join(parts))
    assert heard["text"].lower().count("what your country can do") == 2, heard["text"]


async def test_a_broken_byte_never_ends_it(driver, recording):
    data = bytearray(file_of([samples_of(recording)[:RATE]], "ogg"))
    for at in range(0, len(data), max(1, len(data) // 8)):
        broken = data.copy()
        broken[at] ^= 0xFF
        await driver.client.call_tool("listen", {"audio": base64_of(bytes(broken)), "model": "tiny.en"})
    assert (await driver.listen(recording))["segments"]


async def test_malformed_files_of_others_are_refused(driver):
    folder = Path(__file__).parents[4] / "shared" / "data" / "speech"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    for name in ("evil.wav", "null.wav"):
        await refused(driver, base64_of((folder / name).read_bytes()))
