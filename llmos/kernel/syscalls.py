"""What the model may say in one step of a chat: an answer, or a call of one of its tools. Nothing else parses."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from llmos.contracts import Json, ToolInfo
from llmos.errors import AnswerError

MAX_RESULT_CHARS = 6000


@dataclass(frozen=True)
class Answer:
    text: str


@dataclass(frozen=True)
class Call:
    tool: str
    arguments: dict[str, Json]


def step_schema(tools: Sequence[ToolInfo], attachments: int) -> Json:
    """JSON Schema of one step: `{"answer": text}` or `{"call": tool, "arguments": {...}}` for exactly these tools."""
    answer = _object({"answer": {"type": "string"}})
    calls = [_object({"call": {"const": tool.name}, "arguments": _arguments(tool, attachments)}) for tool in tools]
    return {"anyOf": [answer, *calls]}


def parse_step(text: str) -> Answer | Call:
    """Read a step. Raises AnswerError, as engines without grammars can say anything."""
    try:
        step = json.loads(text)
        if "answer" in step:
            return Answer(str(step["answer"]))
        return Call(str(step["call"]), dict(step["arguments"]))
    except (ValueError, KeyError, TypeError) as error:
        raise AnswerError("The model's step was neither an answer nor a call; ask again.") from error


def takes_picture(tool: ToolInfo) -> bool:
    """Whether the tool's `image` argument is a picture, which a step names by number instead of spelling its bytes."""
    return "image" in tool.schema.get("properties", {})


def page(result: Json) -> str:
    """A result as the model reads it; what is too long is cut, and says so."""
    text = result if isinstance(result, str) else _readable(result)
    if len(text) <= MAX_RESULT_CHARS:
        return text
    return f"{text[:MAX_RESULT_CHARS]}\n[cut: {len(text)} characters in all]"


def partial_answer(text: str) -> str:
    """As much of the answer as an unfinished `{"answer": "...` already shows."""
    head, marker, body = text.partition('"answer"')
    start = body.find('"')
    if not marker or head.strip() != "{" or start < 0:
        return ""
    value = body[start + 1 :]
    for end in range(len(value), max(len(value) - 8, -1), -1):
        try:
            decoded, _ = json.JSONDecoder().raw_decode(f'"{value[:end]}"')
            return str(decoded)
        except ValueError:
            continue
    return ""


def _readable(result: Json) -> str:
    if isinstance(result, dict) and isinstance(result.get("text"), str):
        return str(result["text"])
    return json.dumps(result, ensure_ascii=False)


def _arguments(tool: ToolInfo, attachments: int) -> Json:
    if not takes_picture(tool):
        return tool.schema
    properties = {
        **tool.schema["properties"],
        "image": {"type": "integer", "minimum": 1, "maximum": max(attachments, 1)},
    }
    return {**tool.schema, "properties": properties}


def _object(properties: dict[str, Json]) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
