"""Samples as the bytes of a sound file."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

Pcm = NDArray[np.int16]
RATE = 24_000
MEDIA_TYPES = {
    "wav": "audio/wav",
    "pcm": "audio/pcm",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "flac": "audio/flac",
    "aac": "audio/aac",
}
CODECS = {"wav": ("wav", "pcm_s16le"), "mp3": ("mp3", "libmp3lame"), "opus": ("ogg", "libopus")}
CODECS |= {"flac": ("flac", "flac"), "aac": ("adts", "aac")}
BIT_RATES = {"mp3": 64_000, "opus": 24_000, "aac": 64_000}  # plenty for one voice
FRAME = 20 * RATE


def encode(samples: Pcm, form: str) -> bytes:
    """`form` is one of MEDIA_TYPES; pcm is little-endian, 16 bits, one channel, without a header."""
    if form == "pcm":
        return samples.astype("<i2").tobytes()
    import av

    container_name, codec = CODECS[form]
    written = io.BytesIO()
    with av.open(written, mode="w", format=container_name) as container:
        stream = container.add_stream(codec, rate=48_000 if form == "opus" else RATE, layout="mono")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = BIT_RATES.get(form, 0)
        for at in range(0, samples.size, FRAME):
            frame = av.AudioFrame.from_ndarray(samples[at : at + FRAME].reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return written.getvalue()
