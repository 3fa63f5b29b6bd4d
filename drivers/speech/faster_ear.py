"""A CTranslate2 Whisper model, run by faster-whisper: int8 on the CPU."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from drivers.speech.ear import TEMPERATURES, Segment, Word
from drivers.speech.sound import Samples

MAX_THREADS = 4
SURE = ("avg_logprob", "compression_ratio", "no_speech_prob", "temperature")


class FasterEar:
    """Raises RuntimeError, ValueError or OSError for a folder that holds no whole model."""

    def __init__(self, folder: Path) -> None:
        from faster_whisper import WhisperModel

        cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=min(MAX_THREADS, cpus))
        self._multilingual = bool(self._model.model.is_multilingual)
        self.languages = list(self._model.supported_languages) if self._multilingual else ["en"]

    def hear(self, samples: Samples, language: str, words: bool) -> tuple[list[Segment], str]:
        found, info = self._model.transcribe(
            samples,
            language=language or (None if self._multilingual else "en"),
            word_timestamps=words,
            temperature=TEMPERATURES,
            best_of=2,
            condition_on_previous_text=False,
        )
        return [_segment(one) for one in found], info.language


def _segment(found: Any) -> Segment:  # noqa: ANN401
    words = None if found.words is None else [Word(word.start, word.end, word.word.strip()) for word in found.words]
    return Segment(
        found.start, found.end, found.text.strip(), {name: float(getattr(found, name)) for name in SURE}, words
    )
