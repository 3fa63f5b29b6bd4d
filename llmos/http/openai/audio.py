"""/v1/audio: recordings become text, text becomes speech, by the speech driver. What it did is journaled."""

import asyncio
import base64
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Literal

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import Field

from llmos.contracts import Json
from llmos.errors import DriverError, LlmosError, ToolFailed
from llmos.http.openai.incoming import read_body, unless_gone
from llmos.http.openai.multipart import Form, read_form
from llmos.http.openai.refusal import Refusal, error_body
from llmos.http.openai.requests import Loose
from llmos.http.openai.streaming import event
from llmos.http.openai.transcripts import FORMATS, TEXTS, json_body, text_of, verbose_body
from llmos.http.sentences import sentences
from llmos.kernel.drivers import ToolResult
from llmos.kernel.drivers.caller import Silence
from llmos.kernel.kernel import Kernel

MAX_INPUT_CHARS = 10_000
OPENAI_VOICES = frozenset(
    ["alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse"]
)  # whom clients name who know OpenAI's alone; heart speaks for each
OPENAI_MODELS = re.compile(r"llmos|hibari|tts-1.*|gpt-.*|whisper-1")  # whatever is best here does their work
ABOUT = (
    *(("nothing in this text", "input"), ("llmos pull", "model"), ("The model", "model"), ("of a model", "model")),
    *(("recording", "file"), ("language", "language"), ("voice", "voice"), ("speed", "speed")),
)  # words of the driver's sentences
SAMPLE_RATE = 24_000


class VoiceId(Loose):
    id: str


class SpeechIn(Loose):
    model: str = Field(min_length=1)
    input: str = Field(min_length=1, max_length=MAX_INPUT_CHARS)
    voice: str | VoiceId = ""
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: float = Field(1.0, ge=0.5, le=2.0)
    stream_format: Literal["audio", "sse"] = "audio"


class Hearing(Silence):
    """Hears each piece of a transcript as it comes; None when there is no more."""

    def __init__(self) -> None:
        self.pieces: asyncio.Queue[str | None] = asyncio.Queue()

    def progress(self, tool: str, done: float, total: float | None, text: str) -> None:
        if text:
            self.pieces.put_nowait(text)


def add_audio(api: FastAPI, kernel: Kernel, pid: int) -> None:
    @api.post("/v1/audio/transcriptions")
    async def transcriptions(request: Request) -> Response:
        form = await read_form(request)
        kind, granularities = _wanted(form)
        arguments = _arguments(form, granularities)
        if form.one("stream") == "true" and kind == "json":
            pieces = _listened(kernel, pid, arguments)
            first = await unless_gone(request, anext(pieces))  # what is refused is refused with its status
            return StreamingResponse(_transcript_events(first, pieces), media_type="text/event-stream")
        heard = (await unless_gone(request, _call(kernel, pid, "speech.listen", arguments, Silence()))).value
        if kind in TEXTS:
            write, media_type = TEXTS[kind]
            return PlainTextResponse(write(heard), media_type=media_type)
        return JSONResponse(verbose_body(heard, granularities) if kind == "verbose_json" else json_body(heard))

    @api.post("/v1/audio/speech")
    async def speech(request: Request) -> Response:
        body = await read_body(request, SpeechIn)
        if not OPENAI_MODELS.fullmatch(body.model):
            raise Refusal(f"There is no voice model {body.model!r}; use hibari.", "model", 404, "model_not_found")
        if body.stream_format == "audio" and body.response_format != "pcm":
            said = await unless_gone(request, _speak(kernel, pid, body, body.input, body.response_format))
            [sound] = said.attachments
            return Response(sound.data, media_type=sound.media_type)
        pieces = _spoken(kernel, pid, body)
        first = await unless_gone(request, anext(pieces))
        if body.stream_format == "sse":
            return StreamingResponse(_speech_events(first, pieces), media_type="text/event-stream")
        return StreamingResponse(_joined(first, pieces), media_type=f"audio/pcm;rate={SAMPLE_RATE}")


def _wanted(form: Form) -> tuple[str, list[str]]:
    """The format of the answer and the times in it."""
    kind = form.one("response_format", "json")
    if kind not in FORMATS:
        raise Refusal(f"The format {kind!r} is not served; use one of {', '.join(FORMATS)}.", "response_format")
    granularities = form.all("timestamp_granularities")
    if granularities and kind != "verbose_json":
        raise Refusal("Times are told only with response_format verbose_json.", "timestamp_granularities")
    return kind, granularities


def _arguments(form: Form, granularities: Sequence[str]) -> dict[str, Json]:
    model = form.one("model")
    if not model:
        raise Refusal("Name a model, such as whisper-base or whisper-1.", "model")
    return {
        "audio": f"data:{form.media_type};base64,{base64.b64encode(form.data).decode()}",
        "model": "" if OPENAI_MODELS.fullmatch(model) else model,
        "language": form.one("language"),
        "words": "word" in granularities,
    }


async def _call(kernel: Kernel, pid: int, tool: str, arguments: dict[str, Json], caller: Silence) -> ToolResult:
    """Raises Refusal for what the driver refuses."""
    told = {name: value for name, value in arguments.items() if name not in ("audio", "text")}
    kernel.record(pid, "syscall.intent", {"tool": tool, "arguments": told, "by": "kernel"})
    made = {"tool": tool, "by": "kernel", "source": f"driver {tool}"}
    try:
        result = await kernel.drivers.run(tool, arguments, caller)
    except DriverError as error:
        kernel.record(pid, "syscall.result", made | {"error": str(error)})
        if not isinstance(error, ToolFailed):
            raise
        raise _refusal(str(error)) from error
    kernel.record(pid, "syscall.result", made | {"result": result.value})
    return result


def _refusal(sentence: str) -> Refusal:
    """Which part of the request the driver's sentence is about."""
    about = next((part for word, part in ABOUT if word in sentence), "input")
    return Refusal(sentence, about, *((404, "model_not_found") if about == "model" else ()))


async def _listened(kernel: Kernel, pid: int, arguments: dict[str, Json]) -> AsyncGenerator[str | ToolResult, None]:
    """Pieces of text as they are heard, then the result. Closed, it gives the work up."""
    hearing = Hearing()
    work = asyncio.create_task(_call(kernel, pid, "speech.listen", arguments, hearing), name="transcription")
    work.add_done_callback(lambda _: hearing.pieces.put_nowait(None))
    try:
        while (piece := await hearing.pieces.get()) is not None:
            yield piece
        yield await work
    finally:
        work.cancel()


async def _transcript_events(
    first: str | ToolResult, pieces: AsyncGenerator[str | ToolResult, None]
) -> AsyncIterator[str]:
    space = ""
    try:
        async with aclosing(pieces):
            piece = first
            while True:
                if isinstance(piece, ToolResult):
                    yield event({"type": "transcript.text.done", "text": text_of(piece.value)})
                    break
                yield event({"type": "transcript.text.delta", "delta": f"{space}{piece}"})
                space, piece = " ", await anext(pieces)
    except LlmosError as error:  # too late for a status
        yield event(error_body(error)[1])
    yield "data: [DONE]\n\n"


async def _speak(kernel: Kernel, pid: int, body: SpeechIn, text: str, form: str) -> ToolResult:
    named = body.voice if isinstance(body.voice, str) else body.voice.id
    voice = "" if named in OPENAI_VOICES else named
    arguments = {"text": text, "voice": voice, "speed": body.speed, "format": form}
    return await _call(kernel, pid, "speech.speak", arguments, Silence())


async def _spoken(kernel: Kernel, pid: int, body: SpeechIn) -> AsyncGenerator[bytes, None]:
    """Sentence by sentence, as PCM. What cannot be said is left out as long as something can. Raises Refusal."""
    refused: Refusal | None = Refusal("There is nothing in this text to say.", "input")
    for sentence in sentences(body.input):
        try:
            said = await _speak(kernel, pid, body, sentence, "pcm")
        except Refusal as error:
            if error.param != "input":
                raise
            refused = refused and error
        else:
            refused = None
            yield said.attachments[0].data
    if refused:
        raise refused


async def _joined(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    async with aclosing(pieces):
        yield first
        async for piece in pieces:
            yield piece


async def _speech_events(first: bytes, pieces: AsyncGenerator[bytes, None]) -> AsyncIterator[str]:
    try:
        async for piece in _joined(first, pieces):
            yield event({"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()})
        usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
        yield event({"type": "speech.audio.done", "usage": usage})
    except LlmosError as error:  # too late for a status
        yield event(error_body(error)[1])
