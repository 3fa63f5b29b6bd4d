"""A transcript as OpenAI's clients want it: json, text, srt, vtt, verbose_json."""

from collections.abc import Callable

from llmos.contracts import Json


def text_of(heard: Json) -> str:
    """What was said; empty where nothing was."""
    return " ".join(segment["text"] for segment in heard["segments"])


def json_body(heard: Json) -> Json:
    return {"text": text_of(heard), "usage": {"type": "duration", "seconds": heard["seconds"]}}


def verbose_body(heard: Json, granularities: list[str]) -> Json:
    """With times; `segment` unless only `word` was asked for."""
    told = {"task": "transcribe", "language": heard["language"], "duration": heard["seconds"]}
    body: dict[str, Json] = {**told, **json_body(heard)}
    if "word" in granularities:
        body["words"] = [word for segment in heard["segments"] for word in segment.get("words", ())]
    if not granularities or "segment" in granularities:
        body["segments"] = [_segment(number, segment) for number, segment in enumerate(heard["segments"])]
    return body


def srt(heard: Json) -> str:
    blocks = [
        f"{number}\n{_clock(segment['start'], ',')} --> {_clock(segment['end'], ',')}\n{_cue(segment['text'])}\n"
        for number, segment in enumerate(heard["segments"], 1)
    ]
    return "\n".join(blocks)


def vtt(heard: Json) -> str:
    blocks = [
        f"{_clock(segment['start'], '.')} --> {_clock(segment['end'], '.')}\n{_cue(segment['text'])}\n"
        for segment in heard["segments"]
    ]
    return "\n".join(["WEBVTT\n", *blocks])


TEXTS: dict[str, tuple[Callable[[Json], str], str]] = {
    "text": (lambda heard: f"{text_of(heard)}\n", "text/plain; charset=utf-8"),
    "srt": (srt, "application/x-subrip; charset=utf-8"),
    "vtt": (vtt, "text/vtt; charset=utf-8"),
}
FORMATS = ("json", *TEXTS, "verbose_json")


def _segment(number: int, segment: Json) -> Json:
    return {"id": number, "seek": 0, "tokens": [], **{key: segment[key] for key in segment if key != "words"}}


def _cue(text: str) -> str:
    return text.replace("-->", "->").replace("\n", " ")


def _clock(seconds: float, point: str) -> str:
    millis = round(seconds * 1000)
    hours, millis = divmod(millis, 3_600_000)
    minutes, millis = divmod(millis, 60_000)
    return f"{hours:02}:{minutes:02}:{millis // 1000:02}{point}{millis % 1000:03}"
