"""The model's forward pass over the slots' cache: a run of one prompt, or one token of many answers."""

from __future__ import annotations

from typing import Any

import torch

from llmos.engines.transformers.cache import SlotCache, Window
from llmos.engines.transformers.checkpoint import Checkpoint
from llmos.engines.transformers.prompt import Prompt

READ_TOKENS = 512  # in one go, so that answers under way are not held up by a long prompt
READ_TOKENS_ON_A_GPU = 4096


class Network:
    """Scores come back as float32 on the model's device, perhaps before they are computed."""

    def __init__(self, checkpoint: Checkpoint, slots: int) -> None:
        self._model = checkpoint.model
        self._device = checkpoint.device
        self._config = checkpoint.text_config
        self._cache = SlotCache(slots, self._config.num_hidden_layers)

    @property
    def read_tokens(self) -> int:
        """Of a prompt in one go: a GPU reads so many in the time of a few steps, with which they alternate."""
        return READ_TOKENS if self._device.type == "cpu" else READ_TOKENS_ON_A_GPU

    @property
    def counts_places(self) -> bool:
        """Whether a picture's tokens have places in two dimensions (M-RoPE), which the model itself must count."""
        return hasattr(self._inner, "rope_deltas")

    def read(self, slot: int, prompt: Prompt, start: int, end: int, shift: int) -> tuple[torch.Tensor, int]:
        """Computes the tokens from `start` to `end` into the cache.

        Returns the scores [vocabulary] of what follows `end`, and by how much later places are shifted.
        """
        self._cache.look_at(Window([slot], start, end))
        inputs: dict[str, Any] = {"attention_mask": torch.ones(1, end, dtype=torch.long, device=self._device)}
        pictures = end > (first := prompt.first_image() or 0) and start <= first and bool(prompt.extras)
        if pictures:
            inputs |= self._pictures(prompt, start, end)
        if pictures and self.counts_places:
            self._inner.rope_deltas = None
        else:
            inputs["position_ids"] = torch.arange(start, end, device=self._device)[None] + shift
        tokens = torch.tensor([prompt.tokens[start:end]], device=self._device)
        scores = self._forward(tokens, inputs)[0]
        if pictures and self.counts_places and self._inner.rope_deltas is not None:
            shift = int(self._inner.rope_deltas[0, 0])
        return scores, shift

    def step(self, slots: list[int], tokens: list[int], places: list[int], shifts: list[int]) -> torch.Tensor:
        """One more token of several answers, each at its place in its slot. Returns scores [answers, vocabulary]."""
        rows, read, at, by = torch.tensor([slots, tokens, places, shifts]).to(self._device)
        width = max(places) + 1
        self._cache.look_at(Window(slots, 0, width, at, rows))
        inputs = {"attention_mask": self._masks(at, width), "position_ids": (at + by)[:, None]}
        return self._forward(read[:, None], inputs)

    def copy(self, source: int, target: int, tokens: int) -> None:
        """What the cache holds of one slot's first `tokens`, into another slot."""
        with torch.inference_mode():
            self._cache.copy(source, target, tokens)

    @property
    def _inner(self) -> Any:  # noqa: ANN401 - transformers' own
        return getattr(self._model, "model", self._model)

    def _forward(self, tokens: torch.Tensor, inputs: dict[str, Any]) -> torch.Tensor:
        with torch.inference_mode():
            output = self._model(
                input_ids=tokens, past_key_values=self._cache, use_cache=True, logits_to_keep=1, **inputs
            )
        scores: torch.Tensor = output.logits[:, -1].float()
        return scores

    def _pictures(self, prompt: Prompt, start: int, end: int) -> dict[str, Any]:
        """The processor's tensors; those that have a value for each token are cut like the tokens."""
        moved: dict[str, Any] = {}
        for name, value in prompt.extras.items():
            by_token = torch.is_tensor(value) and value.dim() == 2 and value.shape == (1, len(prompt.tokens))
            cut = value[:, start:end] if by_token else value
            moved[name] = cut.to(self._device) if torch.is_tensor(cut) else cut
            if torch.is_tensor(cut) and cut.is_floating_point():
                moved[name] = moved[name].to(self._model.dtype)
        return moved

    def _masks(self, at: torch.Tensor, width: int) -> torch.Tensor | dict[str, torch.Tensor]:
        """What each answer's token may look at: all before it, or a sliding window, added to the attention scores."""
        place = torch.arange(width, device=self._device)[None]
        seen = place <= at[:, None]
        masks = {"full_attention": self._added(seen)}
        kinds = set(getattr(self._config, "layer_types", None) or ())
        if "sliding_attention" not in kinds:
            return masks["full_attention"]
        near = place > at[:, None] - self._config.sliding_window
        return masks | {"sliding_attention": self._added(seen & near)}

    def _added(self, seen: torch.Tensor) -> torch.Tensor:
        """[answers, 1, 1, width]: 0 for what is seen, else as good as minus infinity."""
        blank = torch.zeros(seen.shape, dtype=self._model.dtype, device=self._device)
        return blank.masked_fill(~seen, torch.finfo(self._model.dtype).min)[:, None, None]
