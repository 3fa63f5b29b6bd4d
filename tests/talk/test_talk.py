"""Talking with an app: recordings stand in for the microphone, a folder for the loudspeaker; all else is real."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from llmos.contracts import Chunk, Usage
from llmos.errors import LlmosError, UsageError
from llmos.http.address import Address
from llmos.http.client import KernelClient
from llmos.talk.ears import Files, Microphone, wav_of
from llmos.talk.mouth import Folder
from llmos.talk.talk import Talk
from llmos.testing import ScriptedEngine
from tests.http.conftest import World

ROOT = Path(__file__).parents[2]


class Waiting(ScriptedEngine):
    """Says a sentence, and the next one only when `go_on` is set."""

    def __init__(self):
        super().__init__([])
        self.go_on = threading.Event()
        self.gone = threading.Event()

    async def stream(self, request):
        self.requests.append(request)
        try:
            yield Chunk("The first sentence comes now. And ")
            await asyncio.to_thread(self.go_on.wait, 40)
            yield Chunk("this is the second.")
            yield Chunk(finish="stop", usage=Usage(1, 1))
        finally:
            self.gone.set()


class Place:
    """A kernel to talk with, and what was told on the screen."""

    def __init__(self, world, folder):
        self.world, self.folder, self.told = world, folder, []

    async def say(self, *texts):
        """Recordings of these texts."""
        files = []
        for number, text in enumerate(texts):
            spoken = await self.world.kernel.drivers.run("speech.speak", {"text": text})
            files.append(self.folder / f"in{number}.wav")
            files[-1].write_bytes(spoken.attachments[0].data)
        return tuple(files)

    async def talk(self, files, interrupt_after=None):
        def run():
            client = KernelClient(Address(self.world.control.url, "t", os.getpid()))
            ears, mouth = Files(files, interrupt_after), Folder(self.folder / "out")
            Talk(client, "assistant", ears, mouth, lambda *told: self.told.append(told)).run()

        async with asyncio.timeout(50):
            await asyncio.to_thread(run)

    async def first_spoken(self):
        for _ in range(400):
            if (self.folder / "out" / "001.txt").exists():
                return
            await asyncio.sleep(0.1)

    @property
    def spoken(self):
        return [path.read_text() for path in sorted((self.folder / "out").glob("*.txt"))]


@pytest.fixture
async def place(tmp_path):
    world = World(tmp_path / "home")
    (tmp_path / "home").mkdir()
    await world.boot()
    yield Place(world, tmp_path)
    await world.shutdown()


async def test_what_is_said_is_answered_aloud_sentence_by_sentence_in_one_conversation(place):
    place.world.script.say("It is noon. 🙂\nShall I wait?", "Goodbye, Ann.")
    await place.talk(await place.say("What time is it now?", "Thank you, and goodbye."))
    assert [who for who, _ in place.told] == ["you", "app", "you", "app"]
    assert "what time is it now" in place.told[0][1].lower()
    assert place.spoken == ["It is noon.", "Shall I wait?", "Goodbye, Ann."]
    heard = await place.world.kernel.drivers.call(
        "speech.listen", {"audio": _data_url(place.folder / "out" / "001.wav")}
    )
    assert "noon" in heard["text"].lower()
    second = "\n".join(message.text for message in place.world.script.requests[-1].messages)
    assert "It is noon." in second  # the app remembers
    [process] = [process for process in place.world.kernel.processes() if process.app == "assistant"]
    assert process.state == "killed"  # nobody listens any more


async def test_the_first_sentence_is_spoken_before_the_second_is_written(place):
    place.world.script = engine = Waiting()
    await place.world.boot()
    talking = asyncio.create_task(place.talk(await place.say("Tell me something.")))
    await place.first_spoken()
    assert place.spoken == ["The first sentence comes now."]
    assert not engine.gone.is_set()
    engine.go_on.set()
    await talking
    assert place.spoken == ["The first sentence comes now.", "And this is the second."]


async def test_speaking_over_the_answer_stops_it_and_frees_the_engine(place):
    place.world.script = engine = Waiting()
    await place.world.boot()
    files = await place.say("Tell me something.", "Stop, tell me something else.")
    talking = asyncio.create_task(place.talk(files, interrupt_after=1))
    await asyncio.to_thread(engine.gone.wait, 40)
    engine.go_on.set()
    await talking
    assert [who for who, _ in place.told] == ["you", "interrupted", "you", "app"]
    assert place.spoken[0] == "The first sentence comes now." and "And this" not in place.spoken[1]
    assert "something else" in engine.requests[-1].messages[-1].text


async def test_silence_is_not_answered(place):
    silence = place.folder / "silence.wav"
    silence.write_bytes(wav_of(b"\0\0" * 16_000))
    await place.talk((silence,))
    assert place.told == [("nothing", "")] and place.spoken == []


async def test_a_call_of_a_tool_is_not_spoken(place):
    place.world.script.say({"call": "python.run", "arguments": {"code": "print(6 * 7)"}}, "It is forty two.")
    await place.talk(await place.say("What is six times seven?"))
    assert place.spoken == ["It is forty two."]


async def test_an_app_that_is_not_there_and_a_file_that_is_none_end_the_talk_with_a_sentence(place, tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        await place.talk((tmp_path / "none.wav",))
    picture = tmp_path / "words.wav"
    picture.write_text("words")
    with pytest.raises(LlmosError, match="not a recording"):
        await place.talk((picture,))


@pytest.mark.parametrize(
    ("library", "said"),
    [
        ("raise ImportError", "pip install 'llmos\\[speech\\]'"),
        ("raise OSError('PortAudio library not found')", "apt install libportaudio2"),
        (
            "class PortAudioError(Exception): ...\ndef InputStream(**_): raise PortAudioError('no device')",
            "There is no microphone",
        ),
    ],
)
def test_without_a_microphone_one_sentence_says_what_to_do(tmp_path, library, said):
    (tmp_path / "sounddevice.py").write_text(library)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}", "LLMOS_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "llmos.cli", "talk", "--out", str(tmp_path / "out")]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=50)
    assert ran.returncode == 2
    assert re.search(said, ran.stderr) and "--in FILE" in ran.stderr and ran.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()  # no kernel was started for nothing


def test_a_microphone_is_cut_into_utterances_where_it_is_quiet(monkeypatch):
    import numpy as np

    rng = np.random.default_rng(1)
    quiet = [(rng.normal(0, 20, 800)).astype(np.int16) for _ in range(40)]
    loud = [(rng.normal(0, 3000, 800)).astype(np.int16) for _ in range(30)]

    class Stream:
        def close(self): ...

    def opened(blocks):
        for block in [*quiet, *loud, *quiet, *loud[:20], *quiet]:
            blocks.put(block)
        return Stream()

    monkeypatch.setattr("llmos.talk.ears.open_microphone", opened)
    monkeypatch.setattr("sys.stdin", [])
    microphone = Microphone()
    first, second = len(microphone.listen()), len(microphone.listen())
    assert first / 32_000 == pytest.approx((30 + 6 + 16) * 0.05, abs=0.2)
    assert second < first
    assert not microphone.interrupts(0)


def _data_url(path):
    import base64

    return f"data:audio/wav;base64,{base64.b64encode(path.read_bytes()).decode()}"
