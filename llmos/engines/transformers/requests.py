"""What a client may ask, as the body of POST /v1/chat/completions."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from typing import Annotated, Literal

from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel, Field

from llmos.contracts import Json
from llmos.engines.transformers.prompt import Turn

MAX_ALTERNATIVES = 20


class Url(BaseModel):
    url: str


class TextPart(BaseModel):
    type: Literal["text"]
    text: str


class ImagePart(BaseModel):
    type: Literal["image_url"]
    image_url: Url


Part = Annotated[TextPart | ImagePart, Field(discriminator="type")]


class ChatMessage(BaseModel):
    role: Literal["system", "user", "assistant"]
    content: str | list[Part] = ""


class JsonSchema(BaseModel):
    schema_: Json = Field(alias="schema")


class ResponseFormat(BaseModel):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class ChatBody(BaseModel):
    """The fields this engine knows; others are ignored, as OpenAI's servers do."""

    messages: list[ChatMessage] = Field(min_length=1)
    max_tokens: int = Field(1024, ge=1)
    temperature: float = Field(0.0, ge=0, le=2)
    top_p: float = Field(1.0, gt=0, le=1)
    seed: int = 0
    stop: str | list[str] | None = None
    stream: bool = False
    logprobs: bool = False
    top_logprobs: int = Field(0, ge=0, le=MAX_ALTERNATIVES)
    response_format: ResponseFormat | None = None
    grammar: str | None = None

    def stops(self) -> tuple[str, ...]:
        return (self.stop,) if isinstance(self.stop, str) else tuple(stop for stop in self.stop or () if stop)

    def schema_wanted(self) -> Json:
        if self.response_format is None or self.response_format.type == "text":
            return None
        told = self.response_format.json_schema
        return told.schema_ if told else {"type": "object"}

    def turns(self) -> list[Turn]:
        """Raises ValueError for a picture that cannot be read."""
        return [_turn(message) for message in self.messages]


def _turn(message: ChatMessage) -> Turn:
    if isinstance(message.content, str):
        return Turn(message.role, message.content)
    text = "\n".join(part.text for part in message.content if isinstance(part, TextPart))
    pictures = (part.image_url.url for part in message.content if isinstance(part, ImagePart))
    return Turn(message.role, text, tuple(_picture(url) for url in pictures))


def _picture(url: str) -> tuple[str, Image.Image]:
    head, _, data = url.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        raise ValueError("pictures must come as data: URLs in base64")
    try:
        content = base64.b64decode(data, validate=True)
        return hashlib.sha256(content).hexdigest(), Image.open(io.BytesIO(content)).convert("RGB")
    except (binascii.Error, UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"a picture cannot be read ({error})") from error
