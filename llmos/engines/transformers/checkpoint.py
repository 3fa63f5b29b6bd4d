"""Loads a checkpoint: any causal language model, or any vision-language one, with what turns words into tokens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from llguidance import LLTokenizer
from llguidance.hf import from_tokenizer
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, AutoTokenizer
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from llmos.engines.transformers.gguf import unpacked
from llmos.engines.transformers.processor import load_processor
from llmos.engines.transformers.settings import TransformersSettings

ATTENTION = frozenset({"full_attention", "sliding_attention"})


@dataclass(frozen=True)
class Checkpoint:
    """`processor` is there for models that see. `window` is what the model was trained for, in tokens."""

    name: str
    model: Any
    tokenizer: Any
    processor: Any | None
    window: int

    @property
    def device(self) -> torch.device:
        device: torch.device = self.model.device
        return device

    @cached_property
    def text_config(self) -> Any:  # noqa: ANN401 - transformers' own
        return self.model.config.get_text_config()

    @cached_property
    def ends(self) -> frozenset[int]:
        """The tokens by which the model ends its turn."""
        told = self.model.generation_config.eos_token_id
        tokens = told if isinstance(told, list) else [told]
        return frozenset(token for token in [*tokens, self.tokenizer.eos_token_id] if token is not None)

    @cached_property
    def vocabulary(self) -> LLTokenizer:
        """The tokens as bytes, which constraints and streamed text are made of."""
        return from_tokenizer(self.tokenizer, n_vocab=self.text_config.vocab_size, eos_token=sorted(self.ends))


def load(settings: TransformersSettings) -> Checkpoint:
    """Raises ValueError in words for a checkpoint that cannot run here, OSError for one that cannot be read."""
    device = settings.device if settings.device != "auto" else best_device()
    dtype = dtype_of(settings.dtype, device)
    source = settings.model
    if source.endswith(".gguf"):
        source = str(unpacked(Path(source), Path(settings.converted), dtype))
    config = AutoConfig.from_pretrained(source)
    check_layers(config.get_text_config())
    sees = config.model_type in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
    maker = AutoModelForImageTextToText if sees else AutoModelForCausalLM
    model = maker.from_pretrained(source, dtype=dtype, device_map=None if device == "cpu" else device).eval()
    processor = load_processor(source, config.model_type) if sees else None
    tokenizer = processor.tokenizer if processor else AutoTokenizer.from_pretrained(source)
    window = getattr(config.get_text_config(), "max_position_embeddings", None) or settings.context_tokens
    return Checkpoint(Path(settings.model).stem, model, tokenizer, processor, window)


def check_layers(config: Any) -> None:  # noqa: ANN401 - transformers' own
    kinds = set(getattr(config, "layer_types", None) or ())
    if strange := kinds - ATTENTION:
        raise ValueError(
            f"its layers are of a kind this engine cannot batch yet ({', '.join(sorted(strange))}); "
            "serve it with another engine and name that with LLMOS_ENGINE_URL"
        )


def best_device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def dtype_of(name: str, device: str) -> torch.dtype:
    """The dtype called `name`; "auto" is bfloat16 where the hardware computes with it, else float32."""
    if name != "auto":
        dtype = getattr(torch, name, None)
        if not isinstance(dtype, torch.dtype) or not dtype.is_floating_point:
            raise ValueError(f"{name!r} is no dtype; use auto, float32, bfloat16 or float16")
        return dtype
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if fast else torch.float32
