"""`say`: the whole way from a text to a sound file, a sentence at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from drivers.speech.encode import MEDIA_TYPES, RATE, Pcm, encode
from drivers.speech.errors import SpeechError
from drivers.speech.spoken import spoken

MAX_CHARS = 10_000
SLOWEST, FASTEST = 0.5, 2.0
DEFAULT = "heart"
VOICES = "hibari"  # the folder under the models where further voices lie
LONGEST_SENTENCE = 300  # characters; longer ones are said in parts, cut at a comma or a space


@dataclass
class Said:
    """After sentence `done` of `total`; in the end `data` is the file."""

    done: int
    total: int
    text: str
    data: bytes = b""
    media_type: str = ""
    voice: str = DEFAULT
    seconds: float = 0.0
    left_out: str = ""

    def plain(self) -> dict[str, Any]:
        told = {"text": self.text, "voice": self.voice, "sentences": self.total, "seconds": round(self.seconds, 2)}
        return {**told, "media_type": self.media_type, "left_out": self.left_out}


def say(text: str, models: Path, *, voice: str = "", speed: float = 1.0, form: str = "wav") -> Iterator[Said]:
    """Progress before each sentence, at last the file. Raises SpeechError."""
    _require(text, speed, form)
    sentences, left_out = sentences_of(text)
    if not sentences:
        raise SpeechError("There is nothing in this text to say: the voice speaks English in Latin letters.")
    speaker = load_voice(models / VOICES, voice or DEFAULT)
    parts: list[Pcm] = []
    for number, sentence in enumerate(sentences):
        yield Said(number, len(sentences), sentence)
        sound = speaker(sentence, speed=speed, seed=number)
        parts.append((np.clip(sound, -1.0, 1.0) * 32767.0).astype(np.int16))
    pcm = np.concatenate(parts)
    if not pcm.size:
        raise SpeechError("There is nothing in this text to say: the voice speaks English in Latin letters.")
    seconds, count = pcm.size / RATE, len(sentences)
    told = f"Said in {count} sentence{'s' * (count != 1)}, {seconds:.1f} s."
    if left_out:
        told += f" The voice cannot say these letters: {left_out[:40]}"
    yield Said(count, count, told, encode(pcm, form), MEDIA_TYPES[form], voice or DEFAULT, seconds, left_out)


def sentences_of(text: str) -> tuple[list[str], str]:
    """What is said at once, and the letters that cannot be said."""
    from hibari import Hibari
    from hibari.g2p.normalize import normalize

    said, left_out = spoken(text)
    lines = [normalize(line) for line in said.split("\n")]
    whole = [sentence for line in lines for sentence in Hibari.split_sentences(line)]
    return [part for sentence in whole for part in _parts(sentence)], left_out


@lru_cache(maxsize=2)
def load_voice(folder: Path, name: str) -> Any:  # noqa: ANN401 - hibari's Hibari
    """Raises SpeechError when there is no such voice here."""
    os.environ["HIBARI_HOME"] = str(folder)
    from hibari import Hibari
    from hibari.voices import VOICES as KNOWN
    from hibari.voices import voice_path

    if name not in KNOWN:
        raise SpeechError(f"There is no voice called {name!r}; there are: {', '.join(KNOWN)}.")
    try:
        voice_path(name, download_missing=False)
    except FileNotFoundError as error:
        raise SpeechError(
            f"The voice {name} is not here; lay {Path(str(error)).name} into {folder}, or use heart."
        ) from error
    return Hibari(voice=name)


def _require(text: str, speed: float, form: str) -> None:
    if not text.strip():
        raise SpeechError("The text is empty; send what is to be said.")
    if len(text) > MAX_CHARS:
        raise SpeechError(f"The text has {len(text)} characters; send at most {MAX_CHARS} at a time.")
    if not SLOWEST <= speed <= FASTEST:
        raise SpeechError(f"The speed is {speed:g}; choose one from {SLOWEST:g} to {FASTEST:g}.")
    if form not in MEDIA_TYPES:
        raise SpeechError(f"{form!r} is not a format that can be written; choose one of {', '.join(MEDIA_TYPES)}.")


def _parts(sentence: str) -> Iterator[str]:
    while len(sentence) > LONGEST_SENTENCE:
        head = sentence[:LONGEST_SENTENCE]
        cut = max(head.rfind(", "), head.rfind("; ")) + 1 or head.rfind(" ") or LONGEST_SENTENCE
        cut = cut if cut > 0 else LONGEST_SENTENCE
        yield sentence[:cut].strip()
        sentence = sentence[cut:]
    if sentence.strip():
        yield sentence.strip()
