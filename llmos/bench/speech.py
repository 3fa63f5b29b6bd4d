"""How well is heard and said: word error rates of a folder of recordings, and sentences spoken and heard back.

Texts are compared as Whisper's authors compare them: after their own English normaliser, by words. Of sentences that
were spoken, what the driver says it spoke is compared, both sides brought into one spelling first by the voice's
normaliser; clock times (9:30, 9.30, 930) and a minus are spelled in one way besides.
"""

from __future__ import annotations

import base64
import csv
import mimetypes
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from llmos.contracts import Json
from llmos.errors import UsageError
from llmos.kernel.drivers import Caller, ToolResult
from llmos.kernel.drivers.caller import Silence

Run = Callable[[str, dict[str, Json], Caller | None], Awaitable[ToolResult]]
Plain = Callable[[str], str]
SOUNDS = (".wav", ".flac", ".mp3", ".ogg", ".webm", ".m4a")
WORST = 5
CLOCK = re.compile(r"\bat (\d{1,2})[ .:]?(\d{2})\b")


@dataclass
class Tally:
    """Of one model: reference texts and what was heard; seconds of sound and of work."""

    texts: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    sound_seconds: float = 0.0
    work_seconds: float = 0.0

    def report(self) -> Json:
        import jiwer

        pairs = [(jiwer.wer(text, heard), text, heard) for text, heard in zip(self.texts, self.heard, strict=True)]
        worst = sorted((pair for pair in pairs if pair[0] > 0), reverse=True)[:WORST]
        return {
            "recordings": len(self.texts),
            "seconds": round(self.sound_seconds, 1),
            "word_error_rate": round(jiwer.wer(self.texts, self.heard), 4),
            "word_for_word": sum(rate == 0 for rate, *_ in pairs),
            "real_time_factor": round(self.work_seconds / self.sound_seconds, 3),
            "worst": [{"wer": round(rate, 3), "text": text, "heard": heard} for rate, text, heard in worst],
        }


@dataclass(frozen=True)
class Spoken:
    """A sentence as it was spoken: the words, their sound, how long that is, and how long it took."""

    text: str
    sound: bytes
    seconds: float
    work: float


async def bench_speech(
    folder: Path, models: tuple[str, ...], run: Run, progress: Callable[[str], None], lines: list[str] | None = None
) -> Json:
    """Word error rates on `folder`, and the loop through the voice. Raises UsageError when there is nothing to hear."""
    plain, recordings = normaliser(), _recordings(folder)
    report: dict[str, Json] = {"heard": {}, "loop": {}}
    said = await _said(run, lines or sentences(), progress)
    for model in models:
        await _hear(run, recordings[0][0].read_bytes(), "audio/wav", model)  # load it first
        report["heard"][model] = await _heard(run, recordings, model, plain, progress)
        report["loop"][model] = await _loop(run, said, model, plain, progress)
    sound, work = sum(one.seconds for one in said), sum(one.work for one in said)
    report["spoken"] = {"sentences": len(said), "seconds": round(sound, 1), "real_time_factor": round(work / sound, 3)}
    return report


def normaliser() -> Plain:
    """Raises UsageError where the libraries that compare are missing."""
    try:
        import jiwer  # noqa: F401
        from transformers.models.whisper.english_normalizer import EnglishTextNormalizer
    except ImportError as error:
        raise UsageError(f"{error.name} compares the texts and is not here; pip install 'llmos[gpu]' jiwer.") from error
    whisper = EnglishTextNormalizer({})

    return lambda text: str(whisper(text)).strip()


def sentences() -> list[str]:
    """With numbers, dates and names."""
    return resources.files("llmos.bench").joinpath("speech_sentences.txt").read_text("utf-8").splitlines()


def _recordings(folder: Path) -> list[tuple[Path, str]]:
    """Each recording with its text, from `transcripts.csv` (name|text|text as it is said)."""
    index = folder / "transcripts.csv"
    if not index.is_file():
        raise UsageError(f"There is no {index}; name a folder with one: a line NAME|TEXT for each recording.")
    with index.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="|", quoting=csv.QUOTE_NONE) if len(row) > 1]
    found = [(path, row[-1]) for row in rows for path in _files(folder, row[0])]
    if not found:
        raise UsageError(f"None of the recordings that {index} names is in {folder}.")
    return found


def _files(folder: Path, name: str) -> list[Path]:
    paths = [folder / f"{name}{suffix}" for suffix in ("", *SOUNDS)]
    return [path for path in paths if path.is_file()][:1]


async def _heard(
    run: Run, recordings: list[tuple[Path, str]], model: str, plain: Plain, progress: Callable[[str], None]
) -> Json:
    tally = Tally()
    for path, text in recordings:
        progress(f"{model}: {path.name}")
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        heard, seconds, work = await _hear(run, path.read_bytes(), media_type, model)
        _add(tally, plain(text), plain(heard), seconds, work)
    return tally.report()


class Spelling(Silence):
    """Hears what the driver makes of a text before it speaks it."""

    def __init__(self) -> None:
        self.text = ""

    def progress(self, tool: str, done: float, total: float | None, text: str) -> None:
        self.text = f"{self.text} {text}".strip()


async def _said(run: Run, lines: list[str], progress: Callable[[str], None]) -> list[Spoken]:
    await run("speech.speak", {"text": "Hello."}, None)  # load it first
    said = []
    for sentence in lines:
        progress(f"saying: {sentence}")
        spelling, at = Spelling(), time.perf_counter()
        spoken = await run("speech.speak", {"text": sentence}, spelling)
        work = time.perf_counter() - at
        said.append(Spoken(spelling.text, spoken.attachments[0].data, spoken.value["seconds"], work))
    return said


async def _loop(
    run: Run,
    said: list[Spoken],
    model: str,
    plain: Plain,
    progress: Callable[[str], None],
) -> Json:
    from hibari.g2p.normalize import normalize

    tally = Tally()

    def spelled(text: str) -> str:
        told = normalize(re.sub(r"(?<!\w)-(?=\d)", "minus ", text))
        return CLOCK.sub(r"at \1\2", re.sub(r"\b([ap]) m\b", r"\1m", plain(told)))

    for one in said:
        progress(f"{model} hears: {one.text}")
        heard, seconds, work = await _hear(run, one.sound, "audio/wav", model)
        _add(tally, spelled(one.text), spelled(heard), seconds, work)
    return tally.report()


async def _hear(run: Run, data: bytes, media_type: str, model: str) -> tuple[str, float, float]:
    """The text, the seconds of sound and the seconds of work."""
    audio = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
    at = time.perf_counter()
    heard = (await run("speech.listen", {"audio": audio, "model": model}, None)).value
    text = " ".join(segment["text"] for segment in heard["segments"])
    return text, heard["seconds"], time.perf_counter() - at


def _add(tally: Tally, text: str, heard: str, seconds: float, work: float) -> None:
    tally.texts.append(text)
    tally.heard.append(heard)
    tally.sound_seconds += seconds
    tally.work_seconds += work
