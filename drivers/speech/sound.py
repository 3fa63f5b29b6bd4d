"""From the bytes somebody sent to blocks of samples at 16 kHz. A block at a time: a day would take no more memory."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from drivers.speech.errors import SpeechError

Samples = NDArray[np.float32]
RATE = 16_000  # samples a second, as Whisper hears
MAX_BYTES = 64_000_000
MAX_SECONDS = 4 * 3600
MIN_SECONDS = 0.1
RATES = range(4_000, 400_000)  # a file may claim 1 Hz, and its few bytes would be days
MAX_CHANNELS = 32
FORMATS = "WAV, FLAC, MP3, Ogg, WebM or M4A"
DATA_URL = re.compile(r"data:(?P<type>[\w.+/-]*)[^,]*?(?P<base64>;base64)?,", re.IGNORECASE)
NOT_AUDIO = f"This is not a recording; send {FORMATS}."


class Recording:
    """`seconds` is what its header says, None where it says nothing; `blocks` decodes it, once."""

    def __init__(self, container: av.container.InputContainer) -> None:
        self._container = container
        self._stream = container.streams.audio[0]
        self.seconds = _length(container)

    def blocks(self) -> Iterator[Samples]:
        """Raises SpeechError when there is nothing in it, or too much."""
        count = 0
        for part in self._resampled():
            block = _sound(part)
            count += block.size
            if count > MAX_SECONDS * RATE:
                raise _too_long()
            yield block
        if count < MIN_SECONDS * RATE:
            raise SpeechError(f"The recording is shorter than {MIN_SECONDS} s; send one in which something is said.")

    def _resampled(self) -> Iterator[av.AudioFrame]:
        resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
        for frame in self._frames():
            try:
                yield from resampler.resample(frame)
            except ValueError:  # in the middle of a damaged file the rate or the number of channels changes
                resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
                yield from resampler.resample(frame)

    def _frames(self) -> Iterator[av.AudioFrame | None]:
        """Frames as far as the file can be read, and None to flush the resampler."""
        frames = self._container.decode(self._stream)
        broken = 0
        while broken < 100:  # a damaged packet is left out, a file of nothing else is not tried for ever
            try:
                frame = next(frames)
            except StopIteration:
                break
            except av.FFmpegError:
                broken += 1
                continue
            if frame.sample_rate not in RATES:
                raise SpeechError(f"The recording claims {frame.sample_rate} samples a second; save it at 16 kHz.")
            yield frame
        yield None


@contextmanager
def open_recording(audio: str) -> Iterator[Recording]:
    """`audio` is base64 or a data: URL. Raises SpeechError."""
    data = unwrap(audio)
    try:
        container = av.open(io.BytesIO(data), mode="r", metadata_errors="ignore")
    except (av.FFmpegError, ValueError) as error:
        raise SpeechError(NOT_AUDIO) from error
    with container:
        if not container.streams.audio:
            raise SpeechError(NOT_AUDIO)
        stream = container.streams.audio[0]
        if stream.codec_context is None or not 0 < stream.codec_context.channels <= MAX_CHANNELS:
            raise SpeechError(NOT_AUDIO)
        recording = Recording(container)
        if recording.seconds and recording.seconds > MAX_SECONDS:
            raise _too_long()
        yield recording


def unwrap(audio: str) -> bytes:
    """The bytes. Raises SpeechError."""
    text = audio.strip()
    if header := DATA_URL.match(text):
        if not header["base64"]:
            raise SpeechError("The data: URL is not base64; send the bytes as base64 instead.")
        text = text[header.end() :]
    if not text:
        raise SpeechError(f"The recording is empty; send {FORMATS} as base64.")
    if len(text) > MAX_BYTES * 4 / 3 + 4:
        raise SpeechError(f"The recording is over {MAX_BYTES // 1_000_000} MB; send it as MP3 or Ogg, or in parts.")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise SpeechError("The recording is not valid base64; encode its bytes again.") from error


def _sound(frame: av.AudioFrame) -> Samples:
    """What is no number is silence, what is too loud is as loud as can be."""
    samples = np.asarray(frame.to_ndarray(), np.float32).reshape(-1)
    return np.clip(np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)


def _length(container: av.container.InputContainer) -> float | None:
    stream = container.streams.audio[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1_000_000 if container.duration else None


def _too_long() -> SpeechError:
    return SpeechError(f"The recording is longer than {MAX_SECONDS // 3600} hours; send it in parts.")
