"""Where an answer is heard: a loudspeaker, or a folder that stands in for one; and the voice that speaks into it."""

from __future__ import annotations

import io
import queue
import threading
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from llmos.errors import LlmosError, UsageError
from llmos.talk.ears import sound_library


class Mouth(Protocol):
    def play(self, wav: bytes, text: str) -> None:
        """Returns when it has been heard, or was stopped."""
        ...

    def stop(self) -> None:
        """Be silent at once."""
        ...


class Folder:
    """Writes 001.wav, 002.wav, ... each with what is said in it as 001.txt."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written to: {error.strerror}.") from error

    def play(self, wav: bytes, text: str) -> None:
        self._number += 1
        (self._folder / f"{self._number:03}.wav").write_bytes(wav)
        (self._folder / f"{self._number:03}.txt").write_text(text, "utf-8")

    def stop(self) -> None:
        """A file is written at once."""


class Loudspeaker:
    """The default one."""

    def __init__(self) -> None:
        self._sound = sound_library()

    def play(self, wav: bytes, text: str) -> None:
        import numpy as np

        with wave.open(io.BytesIO(wav)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
            try:
                self._sound.play(samples, file.getframerate(), blocking=True)
            except self._sound.PortAudioError as error:
                raise UsageError("There is no loudspeaker; plug one in, or name a folder with --out.") from error

    def stop(self) -> None:
        self._sound.stop()


class Voice:
    """Speaks sentences one after the other while the next ones are still being written.

    `begun` counts them. What makes it fail is raised by `check`.
    """

    def __init__(self, speak: Callable[[str], bytes], mouth: Mouth) -> None:
        self.begun = 0
        self._speak, self._mouth = speak, mouth
        self._failure: LlmosError | None = None
        self._sentences: queue.Queue[str] = queue.Queue()
        self._hushed = threading.Event()
        threading.Thread(target=self._run, daemon=True, name="voice").start()

    @property
    def silent(self) -> bool:
        """Whether all that was to be said has been said."""
        return self._sentences.unfinished_tasks == 0

    def say(self, sentence: str) -> None:
        self._sentences.put(sentence)

    def hush(self) -> None:
        """Leave the rest unsaid."""
        self._hushed.set()
        self._mouth.stop()
        self._sentences.join()
        self._hushed.clear()

    def check(self) -> None:
        """Raises LlmosError when it can no longer speak."""
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        while True:
            sentence = self._sentences.get()
            if not self._hushed.is_set() and not self._failure:
                try:
                    self._say(sentence)
                except LlmosError as error:
                    self._failure = error
            self._sentences.task_done()

    def _say(self, sentence: str) -> None:
        wav = self._speak(sentence)
        if wav and not self._hushed.is_set():
            self.begun += 1
            self._mouth.play(wav, sentence)
