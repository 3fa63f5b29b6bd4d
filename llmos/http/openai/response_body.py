"""The response object of the Responses API, as OpenAI spells it."""

import secrets
import time

from llmos.contracts import ChatRequest, Json, Usage
from llmos.http.openai.answering import FunctionCalled
from llmos.http.openai.items import new_id
from llmos.http.openai.response_requests import FormatIn, ResponseIn, ToolIn

Object = dict[str, Json]


def new_response(body: ResponseIn) -> Object:
    """A response under way, with everything that was asked for and nothing said yet."""
    return {
        "id": f"resp_{secrets.token_hex(16)}",
        "object": "response",
        "created_at": int(time.time()),
        "completed_at": None,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": body.model,
        "instructions": body.instructions,
        "previous_response_id": body.previous_response_id,
        "output": [],
        "usage": None,
        **_settings(body),
        "metadata": body.metadata or {},
        "store": body.store is not False,
        "background": False,
        "service_tier": "default",
        "safety_identifier": body.safety_identifier,
        "prompt_cache_key": body.prompt_cache_key,
    }


def _settings(body: ResponseIn) -> Object:
    return {
        "tools": [_tool(tool) for tool in body.tools or []],
        "tool_choice": body.tool_choice or "auto",
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "max_tool_calls": body.max_tool_calls,
        "text": {"format": _format(body.text.format if body.text else None)},
        "temperature": ChatRequest.temperature if body.temperature is None else body.temperature,
        "top_p": ChatRequest.top_p if body.top_p is None else body.top_p,
        "top_logprobs": body.top_logprobs or 0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "max_output_tokens": body.max_output_tokens,
        "truncation": body.truncation or "disabled",
        "reasoning": {"effort": None, "summary": None},
    }


def message_item(name: str, status: str, content: list[Json]) -> Object:
    return {"id": name, "type": "message", "status": status, "role": "assistant", "content": content}


def text_part(text: str, logprobs: list[Json] | None = None) -> Object:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs or []}


def call_item(call: FunctionCalled) -> Object:
    return {
        "id": new_id("function_call"),
        "type": "function_call",
        "status": "completed",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
    }


def response_usage(usage: Usage) -> Object:
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }


def _tool(tool: ToolIn) -> Object:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": bool(tool.strict),
    }


def _format(wanted: FormatIn | None) -> Object:
    if wanted is None or wanted.type != "json_schema":
        return {"type": wanted.type if wanted else "text"}
    return {
        "type": wanted.type,
        "name": wanted.name,
        "description": wanted.description,
        "schema": wanted.schema_,
        "strict": True,
    }
