"""`hear`: the whole way from a recording to what is said in it, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers.speech.ear import Ear, Segment, Word
from drivers.speech.errors import SpeechError
from drivers.speech.models import find_model, load_model
from drivers.speech.pieces import pieces
from drivers.speech.sound import RATE, open_recording

Json = dict[str, Any]
NOTHING = "Nothing is said in this recording."


@dataclass
class Heard:
    """What has been heard up to `done` of `total` seconds; `text` is the newest of it, in the end all of it."""

    model: str
    done: float = 0.0
    total: float | None = None
    text: str = ""
    language: str = ""
    segments: list[Json] = field(default_factory=list)

    def plain(self) -> Json:
        told = {"text": self.text, "language": self.language, "seconds": round(self.done, 2), "model": self.model}
        return {**told, "segments": self.segments}


def hear(audio: str, models: Path, *, language: str = "", words: bool = False, model: str = "") -> Iterator[Heard]:
    """Progress after each piece, at last everything. Raises SpeechError."""
    with open_recording(audio) as recording:
        folder = find_model(models, model, language)
        ear = load_model(folder)
        _require_language(ear, folder.name, language)
        spoken = language
        segments: list[Json] = []
        done = 0.0
        for piece in pieces(recording.blocks()):
            said = ""
            if piece.samples is not None:
                found, spoken = ear.hear(piece.samples, spoken, words)
                new = [_told(one, piece.start / RATE) for one in found]
                segments += new
                said = _joined(new)
            done = max(done, piece.end / RATE)
            yield Heard(folder.name, done, recording.seconds, said, spoken, segments)
        yield Heard(folder.name, done, done, _joined(segments) or NOTHING, spoken, segments)


def _require_language(ear: Ear, name: str, language: str) -> None:
    if language in ("", *ear.languages):
        return
    if ear.languages == ["en"]:
        raise SpeechError(f"{name} hears only English; fetch one that hears more with `llmos pull whisper-base`.")
    raise SpeechError(f"{language!r} is not a language that {name} hears; say it like en, de or fr, or leave it out.")


def _told(found: Segment, offset: float) -> Json:
    told: Json = {**_times(found, offset), "text": found.text}
    told |= {name: round(value, 3) for name, value in found.sure.items()}
    if found.words is not None:
        told["words"] = [{**_times(word, offset), "word": word.text} for word in found.words]
    return told


def _times(found: Segment | Word, offset: float) -> Json:
    return {"start": round(float(found.start) + offset, 2), "end": round(float(found.end) + offset, 2)}


def _joined(segments: list[Json]) -> str:
    return " ".join(segment["text"] for segment in segments if segment["text"])
