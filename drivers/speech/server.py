"""The MCP server: two tools that change nothing. `listen` hears a recording, `speak` says a text."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import AudioContent, CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from drivers.speech.errors import SpeechError

T = TypeVar("T")
CALM = ToolAnnotations(read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False)
Audio = Annotated[str, Field(description="The recording's bytes as base64, or as a data: URL.")]
Language = Annotated[str, Field(description="Its language, such as en or de; empty to find out.")]
Words = Annotated[bool, Field(description="Also the time of each word.")]
Model = Annotated[str, Field(description="Which model hears, such as whisper-base; empty for the best that is here.")]
Text = Annotated[str, Field(description="English text.")]
Voice = Annotated[str, Field(description="Whose voice; empty for heart.")]
Speed = Annotated[float, Field(description="1 is natural; 0.5 to 2.")]
Format = Annotated[str, Field(description="wav, pcm, mp3, opus, flac or aac.")]


def make_server(models: Path) -> MCPServer:
    """The server that finds its models in the folder `models`."""
    server = MCPServer("speech", instructions="Hears recordings and says texts. Recordings are passed as bytes.")

    @server.tool(annotations=CALM, structured_output=False)
    async def listen(
        context: Context, audio: Audio, language: Language = "", words: Words = False, model: Model = ""
    ) -> CallToolResult:
        """What is said in a recording, with the times of its segments. Each is told as progress when it is heard."""

        def begin() -> Iterator[Any]:
            from drivers.speech.hear import hear  # CTranslate2, onnxruntime and PyAV load here, on the first call

            return hear(audio, models, language=language.strip(), words=words, model=model.strip())

        try:
            heard = await _followed(context, begin)
        except SpeechError as error:
            return _refused(error)
        return CallToolResult(content=[TextContent(type="text", text=heard.text)], structured_content=heard.plain())

    @server.tool(annotations=CALM, structured_output=False)
    async def speak(
        context: Context, text: Text, voice: Voice = "", speed: Speed = 1.0, format: Format = "wav"
    ) -> CallToolResult:
        """A text as speech: numbers, dates and abbreviations are spoken in full. Each sentence is told as progress."""

        def begin() -> Iterator[Any]:
            from drivers.speech.say import say

            return say(text, models, voice=voice.strip(), speed=speed, form=format.strip().lower())

        try:
            said = await _followed(context, begin)
        except SpeechError as error:
            return _refused(error)
        sound = AudioContent(type="audio", data=base64.b64encode(said.data).decode(), mime_type=said.media_type)
        told = TextContent(type="text", text=said.text)
        return CallToolResult(content=[told, sound], structured_content=said.plain())

    return server


async def _followed(context: Context, begin: Any) -> Any:  # noqa: ANN401 - either tool's
    """The last thing that the work yields; what comes before is progress. Between two pieces it can be cancelled."""
    last = None
    try:
        pieces = await anyio.to_thread.run_sync(begin)
        while (piece := await anyio.to_thread.run_sync(next, pieces, None)) is not None:
            if last is not None:
                await context.report_progress(last.done, last.total, last.text)
            last = piece
    except ImportError as error:
        raise SpeechError(f"{error.name} is not installed; install it with: pip install 'llmos[speech]'.") from error
    return last


def _refused(error: SpeechError) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=str(error))], is_error=True)
