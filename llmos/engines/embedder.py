"""Which embedding model this machine is to use."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from llmos.contracts import Embedder
from llmos.engines.client import ChatClient
from llmos.engines.minilm import MiniLm
from llmos.errors import EngineError


def choose_embedder(folder: Path | None) -> Embedder | None:
    """The server at LLMOS_EMBEDDER_URL if one is named, else the model in `folder`; None when there is neither."""
    if url := os.environ.get("LLMOS_EMBEDDER_URL", ""):
        model, key = os.environ.get("LLMOS_EMBEDDER_MODEL", ""), os.environ.get("LLMOS_EMBEDDER_KEY", "")
        return RemoteEmbedder(url, model, key)
    return MiniLm(folder) if folder else None


class RemoteEmbedder:
    """`/v1/embeddings` of an OpenAI-compatible server."""

    def __init__(self, url: str, model: str, key: str) -> None:
        self.model = model
        self._client = ChatClient(url, key, model)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": self.model, "input": list(texts)}
        answer = await self._client.post(f"{self._client.api}/embeddings", body)
        try:
            vectors = [item["embedding"] for item in answer["data"]]
        except (KeyError, TypeError) as error:
            raise EngineError(
                f"{self._client.root} did not answer with embeddings; check LLMOS_EMBEDDER_URL."
            ) from error
        return [_of_length_one(vector) for vector in vectors]

    async def close(self) -> None:
        await self._client.close()


def _of_length_one(vector: list[float]) -> list[float]:
    length = sum(value * value for value in vector) ** 0.5 or 1.0
    return [value / length for value in vector]
