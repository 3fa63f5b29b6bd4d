"""Talking by voice from the shell: recordings stand in for the microphone, a folder for the loudspeaker."""

import os
import signal

import pytest
from textual.drivers.headless_driver import HeadlessDriver


@pytest.fixture
def terminal(monkeypatch):
    """One that can be given away; what is told about it."""
    told = []
    monkeypatch.setattr(HeadlessDriver, "can_suspend", True)
    monkeypatch.setattr("builtins.input", lambda sign: told.append(sign))
    return told


async def recorded(place, text):
    spoken = await place.world.kernel.drivers.run("speech.speak", {"text": text})
    file = place.folder / "said here.wav"
    file.write_bytes(spoken.attachments[0].data)
    return file


async def test_a_talk_by_voice_has_the_terminal_and_gives_it_back(place, terminal, capfd):
    place.script.say("It is noon.", "Written again.")
    said = await recorded(place, "What time is it now?")
    async with place.shell(size=(80, 30)) as screen:
        await screen.say(f"/talk --in '{said}' --out '{place.folder / 'out'}'")
        await screen.until((place.folder / "out" / "001.txt").exists, "the spoken answer")
        await screen.say("now in writing")
        await screen.sees("Written again.")
    assert (place.folder / "out" / "001.txt").read_text() == "It is noon."
    assert "app: It is noon." in capfd.readouterr().out
    assert terminal == []  # it ended well, so there is nothing to read


async def test_a_talk_that_cannot_begin_is_read_before_the_shell_comes_back(place, terminal, capfd):
    async with place.shell() as screen:
        await screen.say("/talk --in nowhere.wav --out said")
        await screen.until(lambda: terminal, "the end of the talk")
        await screen.sees("❯")
    assert terminal == ["\nEnter goes back to the shell. "]
    assert "nowhere.wav cannot be read" in capfd.readouterr().err


async def test_a_terminal_that_cannot_be_given_away_is_told(place):
    async with place.shell() as screen:
        await screen.say("/talk")
        await screen.sees("cannot be given to")
        await screen.say('/talk --in "half')
        await screen.sees("No closing")


async def test_what_happens_meanwhile_is_not_drawn_over_the_talk_and_ctrl_c_is_not_the_shells(
    place, terminal, monkeypatch
):
    drawn = []

    class Ran:
        returncode = 130

    def run(command, **_):
        os.kill(os.getpid(), signal.SIGINT)
        drawn.append(screen.shell._batch_count)
        return Ran()

    async with place.shell() as screen:
        monkeypatch.setattr("llmos.shell.voice.subprocess.run", run)
        await screen.say("/talk")
        await screen.until(lambda: drawn, "the talk")
        await screen.pilot.pause()
        await screen.type("still here")
        await screen.sees("still here")
    assert drawn == [1] and terminal == []
