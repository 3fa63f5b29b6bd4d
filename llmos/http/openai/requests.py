"""What clients of the chat completions API send. Fields that change nothing here are taken and left alone."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_MESSAGES = 2000
MAX_TOOLS = 128

Text = Annotated[str, Field(max_length=10_000_000)]


class Loose(BaseModel):
    model_config = ConfigDict(extra="ignore")


class ImageUrl(Loose):
    url: str


class Part(Loose):
    type: str
    text: Text | None = None
    refusal: Text | None = None
    image_url: ImageUrl | str | None = None


class FunctionCall(Loose):
    name: str
    arguments: str = "{}"


class ToolCall(Loose):
    id: str = ""
    function: FunctionCall


class MessageIn(Loose):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | list[Part] | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


class Function(Loose):
    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    description: str = ""
    parameters: dict[str, Any] | None = None


class Tool(Loose):
    type: Literal["function"]
    function: Function


class JsonSchema(Loose):
    name: str = "answer"
    schema_: dict[str, Any] | None = Field(None, alias="schema")


class ResponseFormat(Loose):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(Loose):
    include_usage: bool = False


class ChatIn(Loose):
    model: str = Field(min_length=1)
    messages: list[MessageIn] = Field(min_length=1, max_length=MAX_MESSAGES)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    n: int | None = Field(1, ge=1)
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    tools: list[Tool] | None = Field(None, max_length=MAX_TOOLS)
    tool_choice: Literal["none", "auto", "required"] | dict[str, Any] | None = None
    response_format: ResponseFormat | None = None
    logprobs: bool | None = False
    top_logprobs: int | None = Field(None, ge=0, le=20)
