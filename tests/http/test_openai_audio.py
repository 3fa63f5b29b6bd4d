"""/v1/audio as OpenAI's own client speaks it, over a real socket, with the real speech driver."""

import asyncio
import io
import re
import wave

import httpx2
import openai
import pytest
import pytest_asyncio

from tests.http.conftest import World

SENTENCE = "The meeting begins at noon on Friday."
SAID = "the meeting begins at noon on friday"
MODEL = "whisper-tiny.en"


pytestmark = pytest.mark.asyncio(loop_scope="module")
module = pytest_asyncio.fixture(scope="module", loop_scope="module")


@module
async def world(tmp_path_factory):
    """One kernel for all tests of this file, since each has its own driver, which loads its models."""
    world = World(tmp_path_factory.mktemp("home"))
    await world.boot()
    yield world
    await world.shutdown()


@module
async def url(world):
    return (await world.api.post("/sites", json={"app": "/v1", "port": 0})).json()["url"]


@module
async def client(url):
    async with openai.AsyncOpenAI(base_url=f"{url}v1", api_key="none", max_retries=0) as client:
        yield client


@module
async def recording(client):
    """SENTENCE as a WAV."""
    spoken = await client.audio.speech.create(model="tts-1", voice="alloy", input=SENTENCE, response_format="wav")
    return ("note.wav", spoken.content, "audio/wav")


@pytest.fixture
def transcribe(client, recording):
    async def ask(file=recording, model=MODEL, **options):
        return await client.audio.transcriptions.create(file=file, model=model, **options)

    return ask


async def test_a_recording_becomes_text_and_the_journal_says_what_was_done(transcribe, world):
    heard = await transcribe()
    assert SAID in heard.text.lower()
    assert heard.usage.seconds == pytest.approx(2.3, abs=0.7)
    intent, result = list(world.kernel.journal.events())[-2:]
    assert intent.data["tool"] == result.data["tool"] == "speech.listen"
    assert len(str(intent.data)) < 500  # the recording itself is not kept


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-transcribe", "llmos"])
async def test_whoever_asks_for_a_model_of_openai_gets_the_best_that_is_here(transcribe, model):
    assert SAID in (await transcribe(model=model)).text.lower()


async def test_every_response_format_says_the_same(transcribe):
    text = await transcribe(response_format="text")
    assert SAID in text.lower()
    srt = await transcribe(response_format="srt")
    assert re.match(r"1\n00:00:00,\d{3} --> 00:00:0\d,\d{3}\nThe meeting", srt)
    vtt = await transcribe(response_format="vtt")
    assert re.match(r"WEBVTT\n\n00:00:00\.\d{3} --> 00:00:0\d\.\d{3}\nThe meeting", vtt)


async def test_verbose_json_has_segments_and_words_as_asked_for(transcribe):
    both = await transcribe(response_format="verbose_json", timestamp_granularities=["word", "segment"])
    assert both.language == "en" and both.duration > 1.5
    assert [word.word.lower().strip(".") for word in both.words] == SAID.split()
    assert both.segments[0].id == 0 and both.segments[0].avg_logprob < 0
    words = await transcribe(response_format="verbose_json", timestamp_granularities=["word"])
    assert words.segments is None and words.words
    assert (await transcribe(response_format="verbose_json")).words is None


async def test_a_transcript_streams_as_it_is_heard_and_ends_with_all_of_it(transcribe):
    events = [event async for event in await transcribe(stream=True)]
    assert [event.type for event in events] == ["transcript.text.delta", "transcript.text.done"]
    assert "".join(event.delta for event in events[:-1]) == events[-1].text
    assert SAID in events[-1].text.lower()


async def test_silence_is_an_empty_text(transcribe):
    silent = io.BytesIO()
    with wave.open(silent, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 16_000)
    assert (await transcribe(file=("a.wav", silent.getvalue()))).text == ""
    assert await transcribe(file=("a.wav", silent.getvalue()), response_format="vtt") == "WEBVTT\n"


@pytest.mark.parametrize(
    ("options", "param", "said"),
    [
        ({"file": ("a.wav", b"words, not sound")}, "file", "not a recording"),
        ({"file": ("a.wav", b"")}, "file", "empty"),
        ({"response_format": "diarized_json"}, "response_format", "not served"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities", "verbose_json"),
    ],
)
async def test_what_cannot_be_served_is_refused_in_openais_form(transcribe, options, param, said):
    with pytest.raises(openai.BadRequestError) as refused:
        await transcribe(**options)
    assert refused.value.param == param and said in refused.value.message


async def test_a_model_that_is_not_here_is_not_found(transcribe, client):
    with pytest.raises(openai.NotFoundError) as refused:
        await transcribe(model="whisper-large-v3")
    assert refused.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        await transcribe(language="de")
    with pytest.raises(openai.NotFoundError):
        await client.audio.speech.create(model="kokoro", voice="alloy", input="Hi.")


async def test_a_form_without_a_file_or_no_form_at_all_is_refused(url):
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as http:
        for request in ({"data": {"model": "x"}}, {"json": {"model": "x"}}, {"content": b""}):
            refused = await http.post("v1/audio/transcriptions", **request)
            assert refused.status_code == 400 and refused.json()["error"]["param"] == "file"
        broken = {"Content-Type": "multipart/form-data; boundary=x"}
        refused = await http.post("v1/audio/transcriptions", content=b"--y\r\nnonsense", headers=broken)
        assert refused.status_code == 400 and refused.json()["error"]["type"] == "invalid_request_error"
        refused = await http.post("v1/audio/transcriptions", files={"file": ("a.wav", b"RIFF")})
        assert refused.status_code == 400 and refused.json()["error"]["param"] == "model"


async def test_a_file_that_is_too_large_is_refused(transcribe):
    with pytest.raises(openai.APIStatusError) as refused:
        await transcribe(file=("a.wav", b"\0" * 27 * 2**20))
    assert refused.value.status_code == 413 and "25 MB" in refused.value.message


@pytest.mark.parametrize(
    ("form", "begins", "media_type"),
    [
        ("wav", b"RIFF", "audio/wav"),
        ("flac", b"fLaC", "audio/flac"),
        ("opus", b"OggS", "audio/ogg"),
        ("mp3", b"ID3", "audio/mpeg"),
        ("aac", b"\xff\xf1", "audio/aac"),
    ],
)
async def test_text_becomes_speech_in_every_format(client, form, begins, media_type):
    spoken = await client.audio.speech.create(model="hibari", voice="heart", input="Hello.", response_format=form)
    assert spoken.content.startswith(begins) and spoken.response.headers["content-type"] == media_type


async def test_pcm_comes_sentence_by_sentence(client):
    text = "Here is the first sentence. 😀 And here comes the second one."
    async with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="nova", input=text, response_format="pcm", speed=1.5
    ) as response:
        pieces = [piece async for piece in response.iter_bytes()]
    assert len(pieces) > 1 and sum(map(len, pieces)) / 48_000 == pytest.approx(2.5, abs=1.2)


async def test_speech_streams_as_events(url):
    body = {"model": "tts-1", "voice": "nova", "input": "One. Two.", "stream_format": "sse"}
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:
        told = (await http.post("v1/audio/speech", json=body)).text
    assert told.count('"speech.audio.delta"') == 2 and told.count('"speech.audio.done"') == 1


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": "日本語"}, "input"),
        ({"input": "日本語", "response_format": "pcm"}, "input"),
        ({"input": "a" * 10_001}, "input"),
        ({"voice": "nobody"}, "voice"),
        ({"speed": 4}, "speed"),
        ({"response_format": "midi"}, "response_format"),
    ],
)
async def test_speech_that_cannot_be_made_is_refused_in_openais_form(client, options, param):
    with pytest.raises(openai.BadRequestError) as refused:
        await client.audio.speech.create(**{"model": "tts-1", "voice": "alloy", "input": "Hi.", **options})
    assert refused.value.param == param


async def test_a_client_that_goes_away_stops_the_work(client, world, url):
    long = await client.audio.speech.create(model="tts-1", voice="alloy", input=f"{SENTENCE} " * 60)
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:
        files, data = {"file": ("a.mp3", long.content)}, {"model": MODEL}
        asking = asyncio.create_task(http.post("v1/audio/transcriptions", files=files, data=data))
        async with asyncio.timeout(30):
            last = list(world.kernel.journal.events())[-1].seq
            async for event in world.kernel.journal.follow(world.kernel.service("api"), last):
                if event.kind == "syscall.intent" and event.data["tool"] == "speech.listen":
                    break
        asking.cancel()
    await client.audio.speech.create(model="tts-1", voice="alloy", input="Hi.")
    ended = [event.data for event in list(world.kernel.journal.events())[-2:]]
    assert [event["tool"] for event in ended] == ["speech.speak", "speech.speak"]  # listening had no result
