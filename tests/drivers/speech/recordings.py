"""Recordings for tests: sound as bytes of a file, written by PyAV as a phone or a browser would."""

import base64
import io
import struct

import av
import numpy as np

CODECS = {
    "wav": "pcm_s16le",
    "flac": "flac",
    "mp3": "libmp3lame",
    "ogg": "libopus",
    "webm": "libopus",
    "mp4": "aac",
}


def base64_of(data):
    return base64.b64encode(data).decode()


def samples_of(data, rate=16_000):
    """The samples of a file, between -1 and 1."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    with av.open(io.BytesIO(data)) as container:
        frames = [part for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([part.to_ndarray().reshape(-1) for part in [*frames, *resampler.resample(None)]]) / 32768


def file_of(blocks, form="wav", rate=16_000, channels=1, codec=None, **options):
    """A file of blocks of samples, each of shape (n,), the same sound on every channel."""
    written = io.BytesIO()
    layout = "stereo" if channels == 2 else "mono"
    with av.open(written, mode="w", format=form, options=options) as container:
        stream = container.add_stream(
            codec or CODECS[form], rate=48_000 if form in ("ogg", "webm") else rate, layout=layout
        )
        for block in blocks:
            pcm = np.repeat((block * 32767).astype(np.int16), channels).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
            frame.sample_rate = rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return written.getvalue()


def float_wav(samples, rate=16_000):
    """A WAV of 32-bit floats, whatever they are."""
    data = np.asarray(samples, "<f4").tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 3, 1, rate, rate * 4, 4, 32)
    return head + struct.pack("<4sI", b"data", len(data)) + data
