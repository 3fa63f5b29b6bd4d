"""The items of the Responses API: as they are sent, as they are stored, and as the messages they amount to."""

import secrets
from collections.abc import Iterable

from llmos.contracts import Json
from llmos.http.openai.refusal import Refusal
from llmos.http.openai.requests import FunctionCall, ImageUrl, MessageIn, Part, ToolCall
from llmos.http.openai.response_requests import ItemIn

PREFIXES = {"message": "msg", "function_call": "fc", "function_call_output": "fco"}


def new_id(kind: str) -> str:
    return f"{PREFIXES[kind]}_{secrets.token_hex(16)}"


def item_of(item: ItemIn, at: int) -> Json | None:
    """The item number `at` of an input as it is stored; None for one that means nothing here.

    Raises Refusal for what is not served.
    """
    if item.type == "reasoning":  # another model's thoughts; OpenAI leaves them out likewise
        return None
    if item.type not in PREFIXES:
        raise Refusal(
            f"Items of type {item.type!r} are not served here; send {', '.join(PREFIXES)}.", f"input[{at}].type"
        )
    head = {"id": item.id or new_id(item.type), "type": item.type, "status": "completed"}
    if item.type == "message":
        phase = {"phase": item.phase} if item.phase else {}
        return {**head, "role": _given(item, "role", at), "content": _content(item, at)} | phase
    called = {"call_id": _given(item, "call_id", at)}
    if item.type == "function_call":
        return {**head, **called, "name": _given(item, "name", at), "arguments": item.arguments or "{}"}
    output = _given(item, "output", at)
    return {**head, **called, "output": output if isinstance(output, str) else [_part(part) for part in output]}


def messages_of(items: Iterable[Json]) -> list[MessageIn]:
    """What a chat would have said; a call belongs to what the model said right before it."""
    messages: list[MessageIn] = []
    for item in items:
        if item["type"] == "message":
            content = [_chat_part(part) for part in item["content"]]
            messages.append(MessageIn(role=item["role"], content=content))
        elif item["type"] == "function_call":
            if not messages or messages[-1].role != "assistant":
                messages.append(MessageIn(role="assistant"))
            call = ToolCall(
                id=item["call_id"], function=FunctionCall(name=item["name"], arguments=item["arguments"] or "{}")
            )
            messages[-1].tool_calls = [*(messages[-1].tool_calls or []), call]
        else:
            told = item["output"] if isinstance(item["output"], str) else [_chat_part(part) for part in item["output"]]
            messages.append(MessageIn(role="tool", content=told, tool_call_id=item["call_id"]))
    return messages


def _given(item: ItemIn, field: str, at: int) -> Json:
    value = getattr(item, field)
    if value is None:
        raise Refusal(f"An item of type {item.type!r} needs {field!r}.", f"input[{at}].{field}")
    return value


def _content(item: ItemIn, at: int) -> list[Json]:
    content = _given(item, "content", at)
    if isinstance(content, str):
        content = [Part(type="output_text" if item.role == "assistant" else "input_text", text=content)]
    return [_part(part) for part in content]


def _part(part: Part) -> Json:
    if part.type == "input_image":
        url = part.image_url.url if isinstance(part.image_url, ImageUrl) else part.image_url
        return {"type": part.type, "image_url": url, "detail": "auto"}
    if part.type == "output_text":
        return {"type": part.type, "text": part.text or "", "annotations": [], "logprobs": []}
    if part.type == "refusal":
        return {"type": part.type, "refusal": part.refusal or part.text or ""}
    return {"type": part.type, "text": part.text or ""}


def _chat_part(part: Json) -> Part:
    return Part(type=part["type"], text=part.get("text") or part.get("refusal"), image_url=part.get("image_url"))
