"""The process of the transformers engine: an OpenAI-compatible server, alive as long as its standard input.

Reads one line of settings, announces `{"address": URL}` on standard output once the model is loaded,
and ends when its parent closes the pipe, which the system does for a parent that was killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import torch
import uvicorn
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from llmos.contracts import Json
from llmos.engines.transformers.checkpoint import Checkpoint, load
from llmos.engines.transformers.constraint import Constraint, gbnf_grammar, schema_grammar
from llmos.engines.transformers.loop import Answer, Loop, Piece
from llmos.engines.transformers.network import Network
from llmos.engines.transformers.prompt import Prompt, assemble
from llmos.engines.transformers.requests import ChatBody
from llmos.engines.transformers.sampling import Sampler, Sampling
from llmos.engines.transformers.settings import TransformersSettings
from llmos.engines.transformers.text import TextStream


class Refused(Exception):
    """A request that cannot be served, as the HTTP answer that says why."""

    def __init__(self, message: str, status: int = 400, **facts: Json) -> None:
        super().__init__(message)
        self.response = JSONResponse(
            {"error": {"message": message, "type": "invalid_request_error", "code": status} | facts}, status
        )


class Api:
    def __init__(self, checkpoint: Checkpoint, settings: TransformersSettings) -> None:
        self._checkpoint = checkpoint
        self._slots = settings.slots
        self._key = settings.key
        self._window = min(settings.context_tokens, checkpoint.window)
        self._loop = Loop(Network(checkpoint, settings.slots), settings.slots, self._window)

    def app(self) -> Starlette:
        routes = [
            Route("/health", self.health),
            Route("/props", self.props),
            Route("/v1/models", self.models),
            Route("/tokenize", self.tokenize, methods=["POST"]),
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
        ]
        handlers: Any = {Refused: lambda _request, refused: refused.response}
        return Starlette(routes=routes, exception_handlers=handlers)

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def props(self, request: Request) -> Response:
        """In llama.cpp's shape, so that one client reads both."""
        self._admit(request)
        sees = self._checkpoint.processor is not None
        settings = {"n_ctx": self._window}
        modalities = {"vision": sees, "audio": False}
        return JSONResponse(
            {"default_generation_settings": settings, "total_slots": self._slots, "modalities": modalities}
        )

    async def models(self, request: Request) -> Response:
        self._admit(request)
        card = {"id": self._checkpoint.name, "object": "model", "owned_by": "llmos", "max_model_len": self._window}
        return JSONResponse({"object": "list", "data": [card]})

    async def tokenize(self, request: Request) -> Response:
        self._admit(request)
        content = (await _json(request)).get("content", "")
        tokens = self._checkpoint.tokenizer(str(content), add_special_tokens=False)["input_ids"]
        return JSONResponse({"tokens": tokens})

    async def chat(self, request: Request) -> Response:
        self._admit(request)
        try:
            body = ChatBody.model_validate(await _json(request))
        except ValidationError as error:
            first = error.errors()[0]
            raise Refused(f"{'.'.join(map(str, first['loc'])) or 'the body'}: {first['msg']}") from error
        heard: asyncio.Queue[Piece] = asyncio.Queue()
        here = asyncio.get_running_loop()
        answer = await asyncio.to_thread(
            self._prepare, body, lambda piece: here.call_soon_threadsafe(heard.put_nowait, piece)
        )
        self._loop.submit(answer)
        chunks = self._chunks(answer, heard)
        if body.stream:
            return StreamingResponse(_events(chunks), media_type="text/event-stream")
        return await self._whole(request, answer, chunks)

    def _admit(self, request: Request) -> None:
        told = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._key and not secrets.compare_digest(told.encode(), self._key.encode()):
            raise Refused("the key is missing or wrong", 401)

    def _prepare(self, body: ChatBody, hear: Any) -> Answer:  # noqa: ANN401 - called with each Piece
        try:
            prompt = assemble(body.turns(), self._checkpoint)
            constraint = self._constraint(body, prompt)
        except ValueError as error:
            raise Refused(str(error)) from error
        if len(prompt.tokens) >= self._window:
            facts: dict[str, Any] = {
                "type": "exceed_context_size_error",
                "n_prompt_tokens": len(prompt.tokens),
                "n_ctx": self._window,
            }
            raise Refused("the request exceeds the available context size", **facts)
        sampling = Sampling(body.temperature, body.top_p, body.seed, body.top_logprobs if body.logprobs else None)
        text = TextStream(self._checkpoint.vocabulary, body.stops())
        return Answer(prompt, body.max_tokens, Sampler(sampling), text, self._checkpoint.ends, hear, constraint)

    def _constraint(self, body: ChatBody, prompt: Prompt) -> Constraint | None:
        """A schema holds for the whole message, a grammar for what is new in it."""
        vocabulary = self._checkpoint.vocabulary
        if body.grammar:
            return Constraint(vocabulary, gbnf_grammar(body.grammar))
        schema = body.schema_wanted()
        return None if schema is None else Constraint(vocabulary, schema_grammar(schema), prompt.begun)

    async def _chunks(self, answer: Answer, heard: asyncio.Queue[Piece]) -> AsyncIterator[dict[str, Any]]:
        """The answer in OpenAI's chunks; leaving early frees its slot."""
        frame: dict[str, Any] = {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": "chat.completion.chunk"}
        frame |= {"created": int(time.time()), "model": self._checkpoint.name}
        try:
            while True:
                piece = await heard.get()
                if piece.error:
                    yield {"error": {"message": piece.error, "type": "server_error", "code": 500}}
                    return
                yield {**frame, "choices": [self._choice(piece)]}
                if piece.finish:
                    yield {**frame, "choices": [], "usage": _usage(answer)}
                    return
        finally:
            self._loop.cancel(answer)

    def _choice(self, piece: Piece) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "delta": {}, "finish_reason": piece.finish}
        if piece.text:
            choice["delta"] = {"content": piece.text}
        if piece.likeliest:
            token, logprob, others = piece.likeliest
            told = self._token(token, logprob) | {"top_logprobs": [self._token(*other) for other in others]}
            choice["logprobs"] = {"content": [told]}
        return choice

    def _token(self, token: int, logprob: float) -> dict[str, Any]:
        spelled = self._checkpoint.vocabulary.decode_bytes([token])
        return {"token": spelled.decode("utf-8", "replace"), "logprob": logprob, "bytes": list(spelled)}

    async def _whole(self, request: Request, answer: Answer, chunks: AsyncIterator[dict[str, Any]]) -> Response:
        leaving = asyncio.create_task(self._cancel_when_gone(request, answer))
        text, logprobs, finish = "", [], None
        async for chunk in chunks:
            if "error" in chunk:
                return JSONResponse(chunk, 500)
            for choice in chunk["choices"]:
                text += choice["delta"].get("content", "")
                logprobs += (choice.get("logprobs") or {}).get("content", [])
                finish = choice["finish_reason"] or finish
        leaving.cancel()
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        choice |= {"logprobs": {"content": logprobs}} if logprobs else {}
        return JSONResponse(chunk | {"object": "chat.completion", "choices": [choice], "usage": _usage(answer)})

    async def _cancel_when_gone(self, request: Request, answer: Answer) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self._loop.cancel(answer)


async def _events(chunks: AsyncIterator[dict[str, Any]]) -> AsyncIterator[str]:
    async for chunk in chunks:
        yield f"data: {json.dumps(chunk)}\n\n"
    yield "data: [DONE]\n\n"


def _usage(answer: Answer) -> dict[str, Any]:
    prompt, said = len(answer.prompt.tokens), len(answer.said)
    cached = {"cached_tokens": answer.cached_tokens}
    return {
        "prompt_tokens": prompt,
        "completion_tokens": said,
        "total_tokens": prompt + said,
        "prompt_tokens_details": cached,
    }


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise Refused("the body is not JSON") from error
    if not isinstance(body, dict):
        raise Refused("the body is not a JSON object")
    return body


def main() -> None:
    settings = TransformersSettings(**json.loads(sys.stdin.buffer.readline()))
    announcement = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed belongs in the log
    torch.set_num_threads(settings.threads)
    try:
        api = Api(load(settings), settings)
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        sys.exit(f"0 E {Path(settings.model).name}: {' '.join(str(error).split())[:300]}")
    listening = socket.create_server(("127.0.0.1", 0))
    with announcement:
        announcement.write(json.dumps({"address": f"http://127.0.0.1:{listening.getsockname()[1]}"}) + "\n")
    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvicorn.Server(uvicorn.Config(api.app(), log_level="warning")).run(sockets=[listening])


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)  # no farewell: an answer under way has lost its reader


if __name__ == "__main__":
    main()
