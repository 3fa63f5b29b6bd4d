"""Speaking, as any MCP client meets it; what was said is heard back."""

import io
import re
import wave

import pytest

from .recordings import samples_of

pytestmark = pytest.mark.asyncio(loop_scope="session")
SCRIPTS = ["Привет мир", "日本語", "😀", "...", "\x00\x07", "# \n- ", "\u202e\u200b"]


async def test_the_same_text_is_the_same_sound(driver):
    first, told = await driver.speak("Hello there.")
    again, _ = await driver.speak("Hello there.")
    assert first == again
    with wave.open(io.BytesIO(first)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert file.getnframes() / 24_000 == pytest.approx(told["seconds"], abs=0.01)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Dr. Smith pays $12.50.", "smith pays (twelve dollars and fifty cents|\\$12.50)"),
        ("It costs 5 kg, e.g. on the 3rd of May.", "(5|five) (kg|kilograms) for example on the (3rd|third) of may"),
        ("Mail ann@example.org about No. 7.", "at example.org about (number|no.) (7|seven)"),
        ("Call 555-0134 in 1969.", "call 555-?0134 in 1969"),
    ],
)
async def test_numbers_abbreviations_and_addresses_are_spoken_in_full(driver, text, heard):
    data, _ = await driver.speak(text)
    back = (await driver.listen(data))["text"].lower().replace(",", "")
    assert re.search(heard, back), back


async def test_each_sentence_is_told_before_it_is_spoken(driver):
    told = []

    async def hear(progress, total, message):
        told.append((progress, total, message))

    _, said = await driver.speak("One comes first. Dr. Jones is second! And three?", progress=hear)
    assert told == [(0, 3, "One comes first."), (1, 3, "Dr Jones is second!"), (2, 3, "And three?")]
    assert said["sentences"] == 3


@pytest.mark.parametrize(
    ("form", "media_type"),
    [("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("flac", "audio/flac"), ("aac", "audio/aac"), ("wav", "audio/wav")],
)
async def test_every_format_holds_the_whole_of_it(driver, form, media_type):
    data, said = await driver.speak("It is half past nine.", format=form)
    assert said["media_type"] == media_type
    assert samples_of(data).size / 16_000 == pytest.approx(said["seconds"], abs=0.2)


async def test_half_the_speed_is_twice_as_long(driver):
    slow, usual, fast = [(await driver.speak("Hello there, my friend.", speed=s))[1]["seconds"] for s in (0.5, 1, 2)]
    assert slow == pytest.approx(2 * usual, rel=0.2) and fast == pytest.approx(usual / 2, rel=0.2)


async def test_letters_that_the_voice_cannot_say_are_named(driver):
    _, said = await driver.speak("Hello 日本 and 😀 goodbye.")
    assert said["left_out"] == "日本" and "日本" in said["text"]


@pytest.mark.parametrize("text", SCRIPTS)
async def test_a_text_without_anything_to_say_is_refused(driver, text):
    assert "nothing in this text to say" in await driver.refused("speak", {"text": text})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"text": ""}, "empty"),
        ({"text": " \n"}, "empty"),
        ({"text": "a " * 6000}, "at most 10000"),
        ({"text": "Hi.", "speed": 9}, "from 0.5 to 2"),
        ({"text": "Hi.", "format": "midi"}, "choose one of wav, pcm, mp3"),
        ({"text": "Hi.", "voice": "nobody"}, "there are: heart"),
        ({"text": "Hi.", "voice": "emma"}, "use heart"),
        ({"text": "Hi.", "voice": "../heart"}, "there are: heart"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence_that_says_what_to_do(driver, arguments, said):
    assert said in await driver.refused("speak", arguments)


@pytest.mark.parametrize(
    "text", ["1" * 60, "x" * 2000, "a, " * 900, "((((((", "$" * 50 + " 5", "1/0 0:99 99/99/9999", "IIIIII VX"]
)
async def test_odd_texts_are_said_or_refused_and_never_break_it(driver, text):
    await driver.client.call_tool("speak", {"text": text})
    assert (await driver.speak("Still here."))[1]["sentences"] == 1
