"""Whisper's weights from CTranslate2's file as a checkpoint of transformers: the same model for the other library."""

import json
import struct

import numpy as np
import torch
from transformers import (
    GenerationConfig,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperTokenizer,
)

ATTENTION = {"self_attention": "self_attn", "attention": "encoder_attn"}
KINDS = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def checkpoint(source, folder):
    """Writes the folder of a CTranslate2 Whisper model anew, as transformers reads it."""
    values = variables((source / "model.bin").read_bytes())
    tokenizer = WhisperTokenizer.from_pretrained(source)
    model = WhisperForConditionalGeneration(config_of(values, tokenizer))
    missing = model.load_state_dict(states(values), strict=False)
    assert set(missing.missing_keys) <= {"proj_out.weight"} and not missing.unexpected_keys  # tied to the embeddings
    model.tie_weights()
    model.generation_config = generation(json.loads((source / "config.json").read_text()), tokenizer, model.config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=model.config.num_mel_bins).save_pretrained(folder)


def variables(data):
    """Name and array of each, as CTranslate2 writes them: length, name, shape, kind, bytes."""
    at = 4

    def take(form):
        nonlocal at
        (value,) = struct.unpack_from(form, data, at)
        at += struct.calcsize(form)
        return value

    def text():
        nonlocal at
        size = take("<H")
        value = data[at : at + size - 1].decode()
        at += size
        return value

    text()  # what kind of model
    take("<I")  # its revision
    found = {}
    for _ in range(take("<I")):
        name = text()
        shape = [take("<I") for _ in range(take("<B"))]
        kind, size = take("<B"), take("<I")
        found[name] = np.frombuffer(data, KINDS[kind], size // np.dtype(KINDS[kind]).itemsize, at).reshape(shape)
        at += size
    return found


def config_of(values, tokenizer):
    def num_layers(part):
        return len({name.split("/")[1] for name in values if name.startswith(f"{part}/layer_") and "norm" not in name})

    tokens, width = values["decoder/embeddings/weight"].shape
    inner = values["encoder/layer_0/ffn/linear_0/weight"].shape[0]
    start, end = tokenizer.convert_tokens_to_ids(["<|startoftranscript|>", "<|endoftext|>"])
    return WhisperConfig(
        vocab_size=tokens,
        num_mel_bins=values["encoder/conv1/weight"].shape[1],
        d_model=width,
        encoder_ffn_dim=inner,
        decoder_ffn_dim=inner,
        encoder_attention_heads=int(values["encoder/num_heads"]),
        decoder_attention_heads=int(values["decoder/num_heads"]),
        encoder_layers=num_layers("encoder"),
        decoder_layers=num_layers("decoder"),
        decoder_start_token_id=start,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
    )


def generation(told, tokenizer, config):
    def number(token):
        return tokenizer.convert_tokens_to_ids(token)

    multilingual = config.vocab_size == 51865
    languages = [token for token in tokenizer.get_added_vocab() if len(token) in (6, 7) and token[2:-2].islower()]
    several = {
        "lang_to_id": {token: number(token) for token in languages},
        "task_to_id": {task: number(f"<|{task}|>") for task in ("transcribe", "translate")},
    }
    return GenerationConfig(
        decoder_start_token_id=config.decoder_start_token_id,
        bos_token_id=config.bos_token_id,
        eos_token_id=config.eos_token_id,
        pad_token_id=config.pad_token_id,
        prev_sot_token_id=number("<|startofprev|>"),
        no_timestamps_token_id=number("<|notimestamps|>"),
        alignment_heads=told["alignment_heads"],
        suppress_tokens=told["suppress_ids"],
        begin_suppress_tokens=told["suppress_ids_begin"],
        is_multilingual=multilingual,
        max_initial_timestamp_index=50,
        max_length=448,
        return_timestamps=False,
        **(several if multilingual else {}),
    )


def states(values):
    return {
        name: torch.from_numpy(part.astype(np.float32))
        for path, value in values.items()
        if path.endswith(("weight", "bias", "gamma", "beta", "encodings"))
        for name, part in named(path, value)
    }


def named(path, value):
    """The names that transformers has for a variable; the parts of an attention are one of CTranslate2's."""
    part, *middle, kind = path.split("/")
    kind = {"gamma": "weight", "beta": "bias"}.get(kind, kind)
    if path == "decoder/embeddings/weight":
        return [("model.decoder.embed_tokens.weight", value)]
    if kind == "encodings":
        return [(f"model.{part}.embed_positions.weight", value)]
    if not middle[0].startswith("layer_") or middle[0] == "layer_norm":
        return [(f"model.{part}.{middle[0]}.{kind}", value)]
    base = f"model.{part}.layers.{middle[0].removeprefix('layer_')}"
    block, of = middle[1:]
    if block == "ffn":
        return [(f"{base}.{'final_layer_norm' if of == 'layer_norm' else f'fc{int(of[-1]) + 1}'}.{kind}", value)]
    attention = f"{base}.{ATTENTION[block]}"
    if of == "layer_norm":
        return [(f"{attention}_layer_norm.{kind}", value)]
    queries = ["q", "k", "v"] if block == "self_attention" else [["q"], ["k", "v"], ["out"]][int(of[-1])]
    projections = ["out"] if block == "self_attention" and of == "linear_1" else queries
    parts = np.split(value, len(projections))
    return [
        (f"{attention}.{name}_proj.{kind}", one)
        for name, one in zip(projections, parts, strict=True)
        if (name, kind) != ("k", "bias")  # zeros, which transformers does not have
    ]
