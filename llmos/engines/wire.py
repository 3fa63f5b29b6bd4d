"""What travels between llmos and an OpenAI-compatible server, as pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from llmos.contracts import ChatRequest, Json, Message, TokenLogprob, Usage
from llmos.errors import ContextFull, EngineError, EngineUnavailable

NEVER_RUN = frozenset({429, 502, 503, 504})  # the request was not looked at: asking later may work


def chat_body(request: ChatRequest, model: str) -> dict[str, Json]:
    body: dict[str, Json] = {
        "model": model,
        "messages": [_message(message) for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.schema is not None:
        body["response_format"] = _json_schema(request.schema)
    if request.grammar is not None:
        body["grammar"] = request.grammar
    if request.top_p < 1:
        body["top_p"] = request.top_p
    if request.logprobs is not None:
        # llama.cpp understands 0 as none at all
        body |= {"logprobs": True, "top_logprobs": max(1, request.logprobs)}
    if request.stop:
        body["stop"] = list(request.stop)
    if request.messages and request.messages[-1].role == "assistant":
        # vLLM's and SGLang's names for what llama.cpp does unasked
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    return body


def _message(message: Message) -> dict[str, Json]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[Json] = [{"type": "image_url", "image_url": {"url": image.data_url()}} for image in message.images]
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}


def _json_schema(schema: Json) -> Json:
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


def logprobs_of(choice: Json, most: int) -> tuple[TokenLogprob, ...]:
    """The tokens of a piece with at most so many alternatives, where the server tells them."""
    told = (choice.get("logprobs") or {}).get("content") or ()
    return tuple(
        TokenLogprob(
            token["token"],
            token["logprob"],
            tuple((other["token"], other["logprob"]) for other in (token.get("top_logprobs") or ())[:most]),
        )
        for token in told
    )


def usage_of(event: Json) -> Usage:
    details = event.get("prompt_tokens_details") or {}
    return Usage(
        prompt_tokens=event.get("prompt_tokens") or 0,
        completion_tokens=event.get("completion_tokens") or 0,
        cached_tokens=details.get("cached_tokens") or 0,
    )


def estimate_usage(request: ChatRequest, pieces: Iterable[str]) -> Usage:
    prompt = sum(estimate_tokens(message.text) for message in request.messages)
    return Usage(prompt_tokens=prompt, completion_tokens=estimate_tokens("".join(pieces)))


def estimate_tokens(text: str) -> int:
    """More than any common tokenizer makes of `text`: three letters, or one other byte, count as one."""
    return len(re.findall(rb"[A-Za-z]{1,3}|[\x00-\xff]", text.encode("utf-8", "replace")))


def error_of(status: int, payload: Json, where: str) -> EngineError:
    """The error that a server's refusal means. `payload` is its JSON, or the text of a page that is none."""
    detail = _detail(payload)
    sentence = _sentence(detail, payload)
    if full := _context_full(detail, sentence):
        return full
    if status in (401, 403):
        return EngineError(f"The engine at {where} refused the key ({sentence}); set LLMOS_ENGINE_KEY.")
    if status in NEVER_RUN:
        return EngineUnavailable(f"The engine at {where} cannot answer now ({status}: {sentence}); try again later.")
    return EngineError(f"The engine at {where} refused the request ({status}): {sentence}.")


def _detail(payload: Json) -> dict[str, Json]:
    inner = payload.get("error", payload) if isinstance(payload, dict) else payload
    return inner if isinstance(inner, dict) else {"message": inner}


def _sentence(detail: dict[str, Json], payload: Json) -> str:
    words = re.sub(r"<[^>]*>", " ", str(detail.get("message") or payload))
    return " ".join(words.split())[:300].rstrip(".") or "it said nothing"


def _context_full(detail: dict[str, Json], sentence: str) -> ContextFull | None:
    if detail.get("type") == "exceed_context_size_error":  # llama.cpp
        return context_full(detail["n_prompt_tokens"], detail["n_ctx"])
    # OpenAI, vLLM: "... maximum context length is 4096 tokens. However, you requested 5031 tokens ..."
    if said := re.search(r"maximum context length\D*(\d+)\D+(\d+)", sentence):
        return context_full(int(said[2]), int(said[1]))
    return None


def context_full(prompt_tokens: int, context_tokens: int) -> ContextFull:
    return ContextFull(
        f"The prompt has {prompt_tokens} tokens but the engine's window holds {context_tokens}; "
        "send less, or start the engine with a larger window."
    )
