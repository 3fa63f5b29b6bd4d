"""Checkpoints of a published model's true shape with random weights, for machines that cannot fetch the model.

They say nothing sensible, at the speed of the real one. The tokenizer has about as many tokens, one for each byte and
the rest made-up words, so that constraints and streamed text cost what they cost.
"""

from __future__ import annotations

import itertools
import string
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2Config,
    Qwen2VLImageProcessorPil,
)

VISION_WORDS = ("<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>")
TEMPLATE = (
    "{% for message in messages %}{{ message.role }}: {% if message.content is string %}{{ message.content }}"
    "{% else %}{% for part in message.content %}{% if part.type == 'image' %}"
    "<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}{% endfor %}{% endif %}"
    "<end>{% endfor %}assistant:"
)
SPARE = 8  # tokens: a model's own class of tokenizer adds some when it loads
TINY = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4}
SHAPES: dict[str, dict[str, dict[str, Any]]] = {
    "qwen2.5-vl-7b": {
        "text": {
            "vocab_size": 152064,
            "hidden_size": 3584,
            "intermediate_size": 18944,
            "num_hidden_layers": 28,
            "num_attention_heads": 28,
            "num_key_value_heads": 4,
            "max_position_embeddings": 128000,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
        },
        "vision": {
            "depth": 32,
            "hidden_size": 1280,
            "intermediate_size": 3420,
            "num_heads": 16,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "window_size": 112,
            "fullatt_block_indexes": [7, 15, 23, 31],
            "out_hidden_size": 3584,
        },
    },
    "qwen2.5-1.5b": {
        "text": {
            "vocab_size": 151936,
            "hidden_size": 1536,
            "intermediate_size": 8960,
            "num_hidden_layers": 28,
            "num_attention_heads": 12,
            "num_key_value_heads": 2,
            "max_position_embeddings": 32768,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
            "tie_word_embeddings": True,
        },
    },
    "tiny": {  # no published model: to try the benchmark itself
        "text": {
            "vocab_size": 2000,
            "num_key_value_heads": 2,
            "max_position_embeddings": 4096,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [2, 3, 3]},
            **TINY,
        },
        "vision": {
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_heads": 2,
            "patch_size": 14,
            "fullatt_block_indexes": [1],
            "out_hidden_size": 64,
        },
    },
}


def make(name: str, folder: Path, device: str, dtype: torch.dtype) -> Any:  # noqa: ANN401 - transformers' own
    """A model of that shape on `device`, saved to `folder` with its tokenizer and what turns pictures into tensors."""
    shape = SHAPES[name]
    spoken = tokenizer(shape["text"]["vocab_size"] - SPARE)
    torch.manual_seed(0)
    maker = AutoModelForImageTextToText if "vision" in shape else AutoModelForCausalLM
    with torch.device(device):
        model = maker.from_config(config_of(shape, spoken), dtype=dtype).eval()
    model.generation_config.eos_token_id = spoken.eos_token_id
    model.generation_config.pad_token_id = spoken.pad_token_id
    model.save_pretrained(folder, max_shard_size="4GB")  # a shard is in memory twice while it is written
    spoken.save_pretrained(folder)
    if "vision" in shape:
        pictures = Qwen2VLImageProcessorPil(patch_size=14, min_pixels=56 * 56, max_pixels=14 * 14 * 4 * 1280)
        pictures.save_pretrained(folder)
    return model


def config_of(shape: dict[str, dict[str, Any]], spoken: Any) -> Any:  # noqa: ANN401 - transformers' own
    ends = {"bos_token_id": None, "eos_token_id": spoken.eos_token_id, "pad_token_id": spoken.pad_token_id}
    if "vision" not in shape:
        return Qwen2Config(**shape["text"], **ends)
    image, video, start, end = spoken.convert_tokens_to_ids(list(VISION_WORDS))
    return Qwen2_5_VLConfig(
        text_config={**shape["text"], **ends},
        vision_config=shape["vision"],
        image_token_id=image,
        video_token_id=video,
        vision_start_token_id=start,
        vision_end_token_id=end,
        tie_word_embeddings=False,
    )


def tokenizer(size: int) -> Any:  # noqa: ANN401 - transformers' own
    """`size` tokens: what the model reserves, the bytes, and words that are only ever said."""
    reserved = ("<end>", "<pad>", *VISION_WORDS)
    spelled = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = ("Ġ" + "".join(letters) for n in itertools.count(2) for letters in itertools.product(LETTERS, repeat=n))
    spelled += itertools.islice(words, size - len(spelled) - len(reserved))
    made = Tokenizer(models.BPE({token: number for number, token in enumerate(spelled)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    wrapped = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<end>", pad_token="<pad>")
    wrapped.add_special_tokens({"additional_special_tokens": list(VISION_WORDS)})
    wrapped.chat_template = TEMPLATE
    assert len(wrapped) == size
    return wrapped


LETTERS = string.ascii_lowercase
