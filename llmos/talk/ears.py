"""Where a person's words come from: a microphone, or files that stand in for one.

Only a person's own terminal opens the microphone; no driver and no app can.
"""

from __future__ import annotations

import io
import queue
import sys
import threading
import wave
from collections import deque
from pathlib import Path
from typing import Any, Protocol

from llmos.errors import UsageError

RATE = 16_000
BLOCK = RATE // 20  # 50 ms
START_BLOCKS, PAUSE_BLOCKS = 4, 16  # as loud for 0.2 s begins an utterance, as quiet for 0.8 s ends it
BEFORE_BLOCKS = 10  # what was said before it was loud enough
MAX_BLOCKS = 20 * 60
LOUDER = 3.0  # than what was heard before
QUIETEST = 0.004  # of full loudness; no room is quieter for a person

NO_LIBRARY = "Talking needs {what}; or give recordings with --in FILE and a folder with --out FOLDER."


class Ears(Protocol):
    def listen(self) -> bytes | None:
        """The next utterance as a file; None when nobody will say anything more."""
        ...

    def interrupts(self, num_spoken: int) -> bool:
        """Whether the person speaks over the answer, of which so many sentences were begun."""
        ...

    def close(self) -> None: ...


class Files:
    """Each is an utterance. With `interrupt_after`, the next one is spoken over the answer after its Nth sentence."""

    def __init__(self, files: tuple[Path, ...], interrupt_after: int | None = None) -> None:
        self._left = deque(files)
        self._interrupt_after = interrupt_after

    def listen(self) -> bytes | None:
        if not self._left:
            return None
        path = self._left.popleft()
        try:
            return path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}.") from error

    def interrupts(self, num_spoken: int) -> bool:
        return bool(self._left) and self._interrupt_after is not None and num_spoken >= self._interrupt_after

    def close(self) -> None:
        """Nothing is open."""


class Microphone:
    """The default microphone, cut into utterances by loudness. Enter interrupts as well as a voice does."""

    def __init__(self) -> None:
        self._blocks: queue.Queue[Any] = queue.Queue()
        self._before: deque[Any] = deque(maxlen=BEFORE_BLOCKS)
        self._floor = QUIETEST
        self._loud = 0
        self._enter = threading.Event()
        self._stream = open_microphone(self._blocks)
        threading.Thread(target=self._watch_enter, daemon=True, name="enter").start()

    def listen(self) -> bytes:
        said = list(self._before) if self._loud >= START_BLOCKS else []  # it began over the answer
        quiet = 0
        while not (said and quiet >= PAUSE_BLOCKS) and len(said) < MAX_BLOCKS:
            block = self._blocks.get()
            loud = self._hear(block)
            quiet = 0 if loud else quiet + 1
            if said:
                said.append(block)
            elif self._loud >= START_BLOCKS:
                said = list(self._before)
        self._loud = 0
        self._enter.clear()
        return wav_of(b"".join(block.tobytes() for block in said))

    def interrupts(self, num_spoken: int) -> bool:
        while not self._blocks.empty():
            self._hear(self._blocks.get())
        return self._enter.is_set() or self._loud >= START_BLOCKS

    def close(self) -> None:
        self._stream.close()

    def _hear(self, block: Any) -> bool:  # noqa: ANN401 - an array of samples
        level = float((block.astype("float64") ** 2).mean() ** 0.5) / 32768
        loud = level > max(QUIETEST, LOUDER * self._floor)
        self._floor += (level - self._floor) * (0.002 if loud else 0.1)
        self._loud = self._loud + 1 if loud else 0
        self._before.append(block)
        return loud

    def _watch_enter(self) -> None:
        for _ in sys.stdin:
            self._enter.set()


def open_microphone(blocks: queue.Queue[Any]) -> Any:  # noqa: ANN401 - sounddevice's InputStream
    """Raises UsageError, which says what to do without one."""
    sound = sound_library()
    try:
        stream = sound.InputStream(
            samplerate=RATE,
            channels=1,
            dtype="int16",
            blocksize=BLOCK,
            callback=lambda data, frames, time, status: blocks.put(data[:, 0].copy()),
        )
        stream.start()
    except sound.PortAudioError as error:
        raise UsageError(
            "There is no microphone; plug one in, or give recordings with --in FILE and a folder with --out FOLDER."
        ) from error
    return stream


def sound_library() -> Any:  # noqa: ANN401 - the module sounddevice
    """Raises UsageError, which says what to install."""
    try:
        import sounddevice
    except ImportError as error:
        raise UsageError(NO_LIBRARY.format(what="sounddevice (pip install 'llmos[speech]')")) from error
    except OSError as error:  # it brings PortAudio on macOS and Windows alone
        raise UsageError(NO_LIBRARY.format(what="PortAudio (Debian: apt install libportaudio2)")) from error
    return sounddevice


def wav_of(pcm: bytes, rate: int = RATE) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(pcm)
    return written.getvalue()
