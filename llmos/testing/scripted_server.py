"""A real engine process that says what a file tells it: `python -m llmos.testing.scripted_server PLAN.json --port N`.

PLAN.json is a list of steps. Which one comes next is read from the conversation (the number of the model's own
messages in it), so that the server may be killed and started again at any instant. `{task}` in a step stands for the
first line of the user's first message.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from llmos.contracts import Json

PIECE_CHARS = 6


def scripted_api(plan: list[str], piece_seconds: float) -> FastAPI:
    api = FastAPI()

    @api.get("/v1/models")
    async def models() -> Json:
        return {"object": "list", "data": [{"id": "scripted", "object": "model", "context_length": 32_768}]}

    @api.post("/v1/chat/completions")
    async def chat(body: dict[str, Json]) -> StreamingResponse:
        text = next_step(plan, body["messages"])
        return StreamingResponse(_events(text, piece_seconds), media_type="text/event-stream")

    return api


def next_step(plan: list[str], messages: list[dict[str, Json]]) -> str:
    """The step whose turn it is; the last one for ever."""
    said = sum(message["role"] == "assistant" for message in messages)
    task = next(str(message["content"]) for message in messages if message["role"] == "user").splitlines()[0]
    return str(plan[min(said, len(plan) - 1)]).replace("{task}", task)


async def _events(text: str, piece_seconds: float) -> AsyncIterator[str]:
    pieces = [text[at : at + PIECE_CHARS] for at in range(0, len(text), PIECE_CHARS)]
    for piece in pieces:
        await asyncio.sleep(piece_seconds)
        yield f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': piece}}]})}\n\n"
    usage = {"prompt_tokens": 1, "completion_tokens": len(pieces)}
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}
    yield f"data: {json.dumps(last)}\n\ndata: [DONE]\n\n"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("plan", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--piece-seconds", type=float, default=0.002)
    arguments = parser.parse_args()
    api = scripted_api(json.loads(arguments.plan.read_text("utf-8")), arguments.piece_seconds)
    uvicorn.run(api, host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
