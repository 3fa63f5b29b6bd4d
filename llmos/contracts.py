"""The value types and protocols that all parts of llmos share. Read this page first.

An engine turns a `ChatRequest` into a stream of `Chunk`s. A driver offers `ToolInfo`s. A process is a
sequence of `Event`s. Nothing here does I/O or imports another part of llmos.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Json = Any  # any value that `json.loads` can return
Role = Literal["system", "user", "assistant"]
Modality = Literal["text", "image", "audio"]


@dataclass(frozen=True)
class Attachment:
    """Bytes that came with a message, and what they are."""

    data: bytes
    media_type: str
    name: str = ""

    def data_url(self) -> str:
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode()}"


@dataclass(frozen=True)
class Message:
    """One turn of a conversation. `images` go to engines that can see."""

    role: Role
    text: str
    images: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class ChatRequest:
    """One call of the engine. At most one of `schema` (JSON Schema) and `grammar` (GBNF) constrains the answer.

    A trailing assistant message is continued rather than answered.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 1024
    temperature: float = 0.0
    seed: int = 0
    schema: Json | None = None
    grammar: str | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Usage:
    """Tokens of one call; `cached_tokens` of the prompt were not computed again."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True)
class Chunk:
    """A piece of a streamed answer. The last one has `finish` ("stop", "length") and `usage`."""

    text: str = ""
    finish: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True)
class EngineInfo:
    """What an engine says of itself. `context_tokens` is the real window of one request."""

    model: str
    context_tokens: int
    modalities: frozenset[Modality] = frozenset({"text"})
    grammars: bool = False


class Engine(Protocol):
    """A client of one OpenAI-compatible server."""

    async def info(self) -> EngineInfo:
        """What the engine is. Raises EngineUnavailable."""
        ...

    def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Answer piece by piece; closing the generator (`contextlib.aclosing`) frees the engine's slot.

        Raises EngineUnavailable (dead or unreachable), ContextFull, EngineError (it refused).
        """
        ...

    async def count_tokens(self, text: str) -> int:
        """Tokens that `text` costs in a prompt; an over-estimate where the engine cannot say."""
        ...

    async def healthy(self) -> bool: ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class ToolInfo:
    """One tool of a driver, as MCP lists it. `name` is `driver.tool`; `schema` is its arguments' JSON Schema."""

    name: str
    summary: str
    schema: Json
    read_only: bool = False
    idempotent: bool = False


@dataclass(frozen=True)
class Event:
    """One line of the journal. `at` is seconds since 1970; `seq` grows by one over the whole state folder."""

    seq: int
    pid: int
    at: float
    kind: str
    data: dict[str, Json] = field(default_factory=dict)
