"""Sentence embeddings on the CPU: the forward pass of a small BERT in numpy, from its safetensors and tokenizer.json.

The architecture is BERT's (Devlin et al., 2018) as sentence-transformers publishes it for all-MiniLM-L6-v2: 6 layers,
12 heads, width 384; the mean over the tokens' vectors, scaled to length 1, is the text's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmos.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

MAX_TOKENS = 256
BATCH = 16


class MiniLm:
    """An Embedder that loads its weights with the first text and works in a thread."""

    def __init__(self, folder: Path) -> None:
        self.model = folder.name
        self._folder = folder
        self._lock = asyncio.Lock()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        async with self._lock:
            return await asyncio.to_thread(self._embed, texts)

    async def close(self) -> None:
        self.__dict__.pop("_network", None)

    def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            vectors += self._network.embed(texts[start : start + BATCH]).tolist()
        return vectors

    @cached_property
    def _network(self) -> _Network:
        try:
            return _Network(self._folder)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"The embedding model in {self._folder} cannot be read; fetch it again: llmos pull."
            ) from error


class _Network:
    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        config = json.loads((folder / "config.json").read_text("utf-8"))
        self._num_heads: int = config["num_attention_heads"]
        self._num_layers: int = config["num_hidden_layers"]
        self._epsilon: float = config["layer_norm_eps"]
        self._weights: dict[str, Any] = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()

    def embed(self, texts: Sequence[str]) -> Array:
        """One vector a row, of length 1. Texts are cut at MAX_TOKENS."""
        import numpy as np

        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([text.ids for text in encoded])
        mask = np.array([text.attention_mask for text in encoded], np.float32)
        hidden = self._embedded(ids)
        for number in range(self._num_layers):
            hidden = self._layer(hidden, mask, f"encoder.layer.{number}")
        mean: Array = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), np.float32)

    def _embedded(self, ids: NDArray[Any]) -> Array:
        weights = self._weights
        hidden = weights["embeddings.word_embeddings.weight"][ids]
        hidden = hidden + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        hidden = hidden + weights["embeddings.token_type_embeddings.weight"][0]
        return self._normed(hidden, "embeddings.LayerNorm")

    def _layer(self, hidden: Array, mask: Array, name: str) -> Array:
        """[texts, tokens, width] to the same: attention, then a widening layer, each added and normed."""
        attended = self._dense(
            self._attention(hidden, mask, f"{name}.attention.self"), f"{name}.attention.output.dense"
        )
        hidden = self._normed(hidden + attended, f"{name}.attention.output.LayerNorm")
        widened = _gelu(self._dense(hidden, f"{name}.intermediate.dense"))
        return self._normed(hidden + self._dense(widened, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _attention(self, hidden: Array, mask: Array, name: str) -> Array:
        import numpy as np

        texts, tokens, width = hidden.shape
        size = width // self._num_heads

        def heads(part: str) -> Array:
            split: Array = self._dense(hidden, f"{name}.{part}").reshape(texts, tokens, self._num_heads, size)
            return split.transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.float32(size**0.5)
        scores = scores + (mask[:, None, None, :] - 1) * np.float32(1e9)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = shares / shares.sum(-1, keepdims=True) @ heads("value")
        joined: Array = mixed.transpose(0, 2, 1, 3).reshape(texts, tokens, width)
        return joined

    def _dense(self, hidden: Array, name: str) -> Array:
        result: Array = hidden @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return result

    def _normed(self, hidden: Array, name: str) -> Array:
        import numpy as np

        centred = hidden - hidden.mean(-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(-1, keepdims=True) + self._epsilon)
        result: Array = centred / deviation * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result


def _gelu(x: Array) -> Array:
    """x times the normal distribution up to x. The error function is Abramowitz and Stegun's 7.1.26, exact to 2e-7."""
    import numpy as np

    z = np.abs(x) / np.float32(2**0.5)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = np.zeros_like(t)
    for term in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(term)) * t
    distribution = (1 + np.sign(x) * (1 - series * np.exp(-z * z))) / 2
    return np.asarray(x * distribution, np.float32)
