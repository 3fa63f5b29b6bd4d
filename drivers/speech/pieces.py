"""Blocks of samples cut where nobody speaks, into pieces that Whisper hears at once. What is silent is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from drivers.speech.sound import RATE, Samples

WINDOW = 28 * RATE  # Whisper hears 30 s at once; near that it says the last words twice
EARLIEST = 10 * RATE  # a cut is not made before, where there is a choice
PAUSE = 2 * RATE  # speech on both sides of a shorter pause is one piece
BREATH_MS, PAD_MS = 300, 400
SILENCE = 1e-3  # of full loudness: -60 dB
QUIET = RATE // 5


@dataclass(frozen=True)
class Piece:
    """Speech that begins at sample `start` of the recording; None for a stretch without any, up to sample `end`."""

    start: int
    end: int
    samples: Samples | None


def pieces(blocks: Iterable[Samples]) -> Iterator[Piece]:
    """Speech piece by piece, and after each window a piece without samples that says how far it is."""
    held, offset = np.zeros(0, np.float32), 0
    for window, last in _windows(blocks):
        held = np.concatenate([held, window])
        while held.size >= WINDOW or (last and held.size):
            spans = _spans(held[:WINDOW])
            cut = held.size if last and held.size <= WINDOW else _cut(held[:WINDOW], spans)
            for start, end in _joined(spans, cut):
                yield Piece(offset + start, offset + end, held[start:end])
            held, offset = held[cut:].copy(), offset + cut
            yield Piece(offset, offset, None)


def _windows(blocks: Iterable[Samples]) -> Iterator[tuple[Samples, bool]]:
    """Many small blocks as few large ones, each with whether it is the last."""
    parts: list[Samples] = []
    size = 0
    for block in blocks:
        parts.append(block)
        size += block.size
        if size >= WINDOW:
            yield np.concatenate(parts), False
            parts, size = [], 0
    yield np.concatenate([*parts, np.zeros(0, np.float32)]), True


def _spans(samples: Samples) -> list[tuple[int, int]]:
    """Where somebody speaks, in samples."""
    if not samples.size or float(np.abs(samples).max()) < SILENCE:
        return []
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(min_silence_duration_ms=BREATH_MS, speech_pad_ms=PAD_MS, min_speech_duration_ms=100)
    return [(int(span["start"]), int(span["end"])) for span in get_speech_timestamps(samples, options)]


def _cut(samples: Samples, spans: list[tuple[int, int]]) -> int:
    """The last place between two spans; where somebody speaks without a breath, the quietest of the last seconds."""
    ends = [0, *(end for _, end in spans)]
    starts = [*(start for start, _ in spans), samples.size]
    gaps = [(end + start) // 2 for end, start in zip(ends, starts, strict=True) if start - end >= RATE // 10]
    if starts[-1] - ends[-1] > RATE:
        return samples.size - RATE // 2  # somebody may be about to speak
    if late := [gap for gap in gaps if gap >= EARLIEST]:
        return late[-1]
    tail = samples[-5 * RATE :]
    loudness = np.square(tail[: tail.size // QUIET * QUIET]).reshape(-1, QUIET).mean(axis=1)
    return samples.size - tail.size + int(loudness.argmin()) * QUIET + QUIET // 2


def _joined(spans: list[tuple[int, int]], cut: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if start >= cut:
            break
        end = min(end, cut)
        if joined and start - joined[-1][1] < PAUSE:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
