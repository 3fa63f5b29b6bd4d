"""`hear`: the whole way from a recording to what is said in it, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers.speech.errors import SpeechError
from drivers.speech.models import find_model, load_model
from drivers.speech.pieces import pieces
from drivers.speech.sound import RATE, open_recording

Json = dict[str, Any]
NOTHING = "Nothing is said in this recording."
SURE = ("avg_logprob", "compression_ratio", "no_speech_prob", "temperature")  # how sure Whisper is, by its own names
TEMPERATURES = (0.0, 0.4, 0.8)  # tried in turn where the text is improbable


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
        whisper = load_model(folder)
        _require_language(whisper, folder.name, language)
        spoken = language or ("" if whisper.model.is_multilingual else "en")
        segments: list[Json] = []
        done = 0.0
        for piece in pieces(recording.blocks()):
            said = ""
            if piece.samples is not None:
                found, info = whisper.transcribe(
                    piece.samples,
                    language=spoken or None,
                    word_timestamps=words,
                    temperature=TEMPERATURES,
                    best_of=2,
                    condition_on_previous_text=False,
                )
                spoken = spoken or info.language
                new = [_segment(one, piece.start / RATE) for one in found]
                segments += new
                said = _joined(new)
            done = max(done, piece.end / RATE)
            yield Heard(folder.name, done, recording.seconds, said, spoken, segments)
        yield Heard(folder.name, done, done, _joined(segments) or NOTHING, spoken, segments)


def _require_language(whisper: Any, name: str, language: str) -> None:  # noqa: ANN401
    if language in ("", *whisper.supported_languages):
        return
    if not whisper.model.is_multilingual:
        raise SpeechError(f"{name} hears only English; fetch one that hears more with `llmos pull whisper-base`.")
    raise SpeechError(f"{language!r} is not a language that {name} hears; say it like en, de or fr, or leave it out.")


def _segment(found: Any, offset: float) -> Json:  # noqa: ANN401
    told: Json = {**_times(found, offset), "text": found.text.strip()}
    told |= {name: round(float(getattr(found, name)), 3) for name in SURE}
    if found.words is not None:
        told["words"] = [{**_times(word, offset), "word": word.word.strip()} for word in found.words]
    return told


def _times(found: Any, offset: float) -> Json:  # noqa: ANN401
    return {"start": round(float(found.start) + offset, 2), "end": round(float(found.end) + offset, 2)}


def _joined(segments: list[Json]) -> str:
    return " ".join(segment["text"] for segment in segments if segment["text"])
