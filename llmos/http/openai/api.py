"""/v1 for any OpenAI client: models, chat, responses, embeddings, audio. A model is the engine's, or an app."""

import base64
import secrets
import struct
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Literal

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from llmos.contracts import Json
from llmos.errors import LlmosError
from llmos.http.openai.answering import FunctionCalled, Outcome, answer, logprobs_body, models, usage_body
from llmos.http.openai.audio import add_audio
from llmos.http.openai.incoming import read_body, unless_gone
from llmos.http.openai.lower import question_of
from llmos.http.openai.refusal import Refusal, error_body, invalid, refused, unserved
from llmos.http.openai.requests import ChatIn
from llmos.http.openai.responses import add_responses
from llmos.http.openai.streaming import event
from llmos.kernel.kernel import Kernel

MAX_INPUTS = 2048


class EmbeddingsIn(BaseModel):
    model: str
    input: str | list[str] = Field(min_length=1)
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None


def openai_api(kernel: Kernel) -> FastAPI:
    """The ASGI app; whoever mounts it guards it."""
    api = FastAPI(title="llmos", docs_url=None, redoc_url=None)
    api.add_exception_handler(LlmosError, refused)
    api.add_exception_handler(RequestValidationError, invalid)
    api.add_exception_handler(HTTPException, unserved)
    pid = kernel.service("api")

    @api.get("/v1/models")
    async def list_models() -> Json:
        return {"object": "list", "data": [_model(name) for name in await models(kernel)]}

    @api.get("/v1/models/{name}")
    async def one_model(name: str) -> Json:
        if name not in await models(kernel):
            raise Refusal(f"There is no model {name!r}; /v1/models lists them.", "model", 404, "model_not_found")
        return _model(name)

    @api.post("/v1/chat/completions")
    async def chat(request: Request) -> Response:
        body = await read_body(request, ChatIn)
        pieces = answer(kernel, pid, question_of(body))
        if not body.stream:
            return JSONResponse(await unless_gone(request, _completion(body, pieces)))
        first = await unless_gone(
            request, anext(pieces)
        )  # what is refused is refused with its status, before the stream begins
        include_usage = bool(body.stream_options and body.stream_options.include_usage)
        return StreamingResponse(_events(body, first, pieces, include_usage), media_type="text/event-stream")

    @api.post("/v1/embeddings")
    async def embeddings(body: EmbeddingsIn) -> Json:
        return await _embeddings(kernel, body)

    add_responses(api, kernel, pid)
    add_audio(api, kernel, pid)
    return api


async def _completion(body: ChatIn, pieces: AsyncGenerator[str | Outcome, None]) -> Json:
    async with aclosing(pieces):
        async for piece in pieces:
            if isinstance(piece, Outcome):
                message: dict[str, Json] = {
                    "role": "assistant",
                    "content": piece.text,
                    "refusal": None,
                    "annotations": [],
                }
                if piece.call:
                    message |= {"content": None, "tool_calls": [_call(piece.call)]}
                choice = {"index": 0, "message": message, "finish_reason": piece.finish, "logprobs": None}
                if body.logprobs:
                    choice["logprobs"] = logprobs_body(piece.logprobs)
                head = _head(f"chatcmpl-{secrets.token_hex(12)}", "chat.completion", body.model)
                return {**head, "choices": [choice], "usage": usage_body(piece.usage)}
    raise Refusal("The answer broke off; ask again.", None, 502)


async def _events(
    body: ChatIn, first: str | Outcome, pieces: AsyncGenerator[str | Outcome, None], include_usage: bool
) -> AsyncIterator[str]:
    head = _head(f"chatcmpl-{secrets.token_hex(12)}", "chat.completion.chunk", body.model)
    if include_usage:
        head["usage"] = None
    yield event({**head, "choices": [_delta({"role": "assistant", "content": ""})]})
    try:
        async with aclosing(pieces):
            async for piece in _from(first, pieces):
                if isinstance(piece, str):
                    yield event({**head, "choices": [_delta({"content": piece})]})
                    continue
                if piece.call:
                    yield event({**head, "choices": [_delta({"tool_calls": [{"index": 0, **_call(piece.call)}]})]})
                last = _delta({}, piece.finish)
                if body.logprobs:
                    last["logprobs"] = logprobs_body(piece.logprobs)
                yield event({**head, "choices": [last]})
                if include_usage:
                    yield event({**head, "choices": [], "usage": usage_body(piece.usage)})
    except LlmosError as error:  # too late for a status
        yield event(error_body(error)[1])
    yield "data: [DONE]\n\n"


async def _from(first: str | Outcome, pieces: AsyncGenerator[str | Outcome, None]) -> AsyncIterator[str | Outcome]:
    yield first
    async for piece in pieces:
        yield piece


async def _embeddings(kernel: Kernel, body: EmbeddingsIn) -> Json:
    embedder = kernel.memory.embedder
    if embedder is None:
        raise Refusal("No embedding model is here; fetch one: llmos pull all-minilm-l6-v2, then restart.", "model", 404)
    if body.model not in (embedder.model, "llmos"):
        raise Refusal(
            f"There is no embedding model {body.model!r}; use {embedder.model}.", "model", 404, "model_not_found"
        )
    texts = [body.input] if isinstance(body.input, str) else body.input
    if body.dimensions is not None or len(texts) > MAX_INPUTS or not all(texts):
        raise Refusal(f"Send 1 to {MAX_INPUTS} texts that are not empty, and no dimensions.", "input")
    vectors = await embedder.embed(texts)
    encode = _base64 if body.encoding_format == "base64" else list
    data = [{"object": "embedding", "index": at, "embedding": encode(vector)} for at, vector in enumerate(vectors)]
    num_tokens = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": num_tokens, "total_tokens": num_tokens}
    return {"object": "list", "data": data, "model": embedder.model, "usage": usage}


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _head(name: str, kind: str, model: str) -> dict[str, Json]:
    return {"id": name, "object": kind, "created": int(time.time()), "model": model}


def _delta(delta: Json, finish: str | None = None) -> dict[str, Json]:
    return {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}


def _call(call: FunctionCalled) -> Json:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _model(name: str) -> Json:
    return {"id": name, "object": "model", "created": 0, "owned_by": "llmos"}
