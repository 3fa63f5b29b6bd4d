"""The key-value cache: one row a slot, each with a length of its own, grown as needed."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers.cache_utils import Cache, CacheLayerMixin

GROWTH_TOKENS = 256


@dataclass(frozen=True)
class Window:
    """The part of the cache that one forward pass works on.

    For one row, new tokens are written from `start` to `width`. For several, one new token each at `places` [rows].
    Both `index` [rows] and `places` lie where the cache does, made once for all layers.
    """

    rows: list[int]
    start: int
    width: int
    places: torch.Tensor | None = None
    index: torch.Tensor | None = None

    def row_index(self) -> slice | torch.Tensor:
        """A slice where the rows are neighbours, for that costs no copy."""
        first, last = self.rows[0], self.rows[-1]
        if self.index is None or self.rows == list(range(first, last + 1)):
            return slice(first, last + 1)
        return self.index


class SlotLayer(CacheLayerMixin):
    """Keys and values of one layer, each [slots, heads, tokens, head width]."""

    is_sliding = False

    def __init__(self, slots: int) -> None:
        super().__init__()
        self._slots = slots
        self.window = Window([0], 0, 0)

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        self.dtype, self.device = key_states.dtype, key_states.device
        self.keys, self.values = self._empty(key_states), self._empty(value_states)
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_args: object, **_kwargs: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        self.keys = self._written(self.keys, key_states)
        self.values = self._written(self.values, value_states)
        rows, width = self.window.row_index(), self.window.width
        return self.keys[rows, :, :width], self.values[rows, :, :width]

    def copy(self, source: int, target: int, tokens: int) -> None:
        for kept in (self.keys, self.values):
            if kept is not None:
                kept[target, :, :tokens] = kept[source, :, :tokens]

    def get_seq_length(self) -> int:
        return self.window.start

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.window.start + query_length, 0

    def get_max_length(self) -> int:
        return -1

    def _empty(self, states: torch.Tensor) -> torch.Tensor:
        return states.new_zeros(self._slots, states.shape[1], GROWTH_TOKENS, states.shape[3])

    def _written(self, kept: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        window = self.window
        if window.width > kept.shape[2]:
            more = max(window.width - kept.shape[2], kept.shape[2])
            kept = torch.cat([kept, kept.new_zeros(*kept.shape[:2], more, kept.shape[3])], 2)
        if window.places is None:
            kept[window.rows[0], :, window.start : window.width] = states[0]
        else:
            kept[window.index, :, window.places] = states[:, :, 0]
        return kept


class SlotCache(Cache):
    def __init__(self, slots: int, layers: int) -> None:
        super().__init__(layers=[SlotLayer(slots) for _ in range(layers)])

    def look_at(self, window: Window) -> None:
        for layer in self.layers:
            layer.window = window

    def copy(self, source: int, target: int, tokens: int) -> None:
        """The first `tokens` of one row into another."""
        for layer in self.layers:
            layer.copy(source, target, tokens)
