"""The value types and protocols that all parts of llmos share. Read this page first.

An engine turns a `ChatRequest` into a stream of `Chunk`s. A driver offers `ToolInfo`s. A process is a
sequence of `Event`s. Nothing here does I/O or imports another part of llmos.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator, Sequence
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
    """One turn of a conversation. `images` go to engines that can see.

    `source` is its provenance: "app" (its author), "user", "model", "process 12", "driver image", ... It never
    reaches the engine; what comes from outside is marked as data in `text`.
    """

    role: Role
    text: str
    images: tuple[Attachment, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class ChatRequest:
    """One call of the engine. At most one of `schema` (JSON Schema) and `grammar` (GBNF) constrains the answer.

    A trailing assistant message is continued rather than answered. `logprobs` asks for that many alternatives
    of each token with their log probabilities; None for none at all.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 1024
    temperature: float = 0.0
    seed: int = 0
    schema: Json | None = None
    grammar: str | None = None
    stop: tuple[str, ...] = ()
    top_p: float = 1.0
    logprobs: int | None = None


@dataclass(frozen=True)
class Usage:
    """Tokens of one call; `cached_tokens` of the prompt were not computed again."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True)
class TokenLogprob:
    """One token as text with its natural-log probability, and the likeliest `alternatives` at its place."""

    token: str
    logprob: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Chunk:
    """A piece of a streamed answer. The last one has `finish` ("stop", "length") and `usage`."""

    text: str = ""
    finish: str | None = None
    usage: Usage | None = None
    logprobs: tuple[TokenLogprob, ...] = ()


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


class Embedder(Protocol):
    """Turns texts into vectors whose dot product tells how near they are in meaning."""

    model: str

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 for each text. Raises EngineUnavailable, ModelError."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Resource:
    """What a tool reaches: the value of `argument`, read as a host (of a URL), a path or plain text.

    Arguments listed under `also` are of the same kind, and a grant must cover each of them that a call gives.
    """

    argument: str
    kind: Literal["host", "path", "text"]
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToolInfo:
    """One tool of a driver, as MCP lists it. `name` is `driver.tool`; `schema` is its arguments' JSON Schema."""

    name: str
    summary: str
    schema: Json
    read_only: bool = False
    idempotent: bool = False
    destructive: bool = False
    resource: Resource | None = None


@dataclass(frozen=True)
class Event:
    """One line of the journal. `at` is seconds since 1970; `seq` grows by one over the whole state folder."""

    seq: int
    pid: int
    at: float
    kind: str
    data: dict[str, Json] = field(default_factory=dict)
