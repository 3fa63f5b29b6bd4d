"""The next token from the model's scores."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Sampling:
    """`temperature` 0 takes the likeliest token. `logprobs` alternatives are told; None for none at all."""

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    logprobs: int | None = None


class Sampler:
    def __init__(self, options: Sampling) -> None:
        self.options = options
        self._random = torch.Generator().manual_seed(options.seed)

    def choose(self, scores: torch.Tensor, best: int) -> int:
        """`scores` [vocabulary] of float32, of which `best` is the likeliest."""
        if self.options.temperature <= 0:
            return best
        scores = scores.cpu()  # where the same seed draws the same token, whatever computed the scores
        shares = torch.softmax(scores / self.options.temperature, -1)
        if self.options.top_p < 1:
            shares = _nucleus(shares, self.options.top_p)
        return int(torch.multinomial(shares, 1, generator=self._random))

    def likeliest(self, scores: torch.Tensor, chosen: int) -> tuple[float, list[tuple[int, float]]] | None:
        """The natural-log probability of `chosen`, and the likeliest tokens with theirs, before any constraint."""
        if self.options.logprobs is None:
            return None
        logprobs = torch.log_softmax(scores, -1)
        best = logprobs.topk(self.options.logprobs)
        return float(logprobs[chosen]), list(zip(best.indices.tolist(), best.values.tolist(), strict=True))


def held(scores: torch.Tensor, allowed: dict[int, torch.Tensor]) -> torch.Tensor:
    """`scores` [answers, vocabulary] without the tokens that an answer's constraint forbids; `allowed` is by row."""
    if not allowed:
        return scores
    forbidden = torch.zeros(scores.shape, dtype=torch.bool)
    for row, mask in allowed.items():
        torch.logical_not(mask, out=forbidden[row])
    return scores.masked_fill(forbidden.to(scores.device), -torch.inf)


def _nucleus(shares: torch.Tensor, top_p: float) -> torch.Tensor:
    """Only the likeliest tokens that together make up `top_p`; the first one always stays."""
    ordered, places = shares.sort(descending=True)
    dropped = ordered.cumsum(-1) - ordered > top_p
    return shares.index_fill(-1, places[dropped], 0.0)
