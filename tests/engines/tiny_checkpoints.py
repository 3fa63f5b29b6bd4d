"""Vision-language checkpoints of random weights, built from a config, whole with tokenizer and processor."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessorPil,
    Idefics3Processor,
    PreTrainedTokenizerFast,
    Qwen2VLConfig,
    Qwen2VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
)

TEXT = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4}
TEXT |= {"num_key_value_heads": 2, "max_position_embeddings": 2048, "initializer_range": 0.6}


def tokenizer(specials, template):
    """One token a byte, after those that the model reserves."""
    bytes_ = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({byte: number for number, byte in enumerate(bytes_)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    wrapped = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<end>", pad_token="<pad>")
    wrapped.add_special_tokens({"additional_special_tokens": list(specials)})
    wrapped.chat_template = template
    return wrapped


def template(picture):
    part = "{% if part.type == 'image' %}" + picture + "{% else %}{{ part.text }}{% endif %}"
    parts = (
        "{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}"
        + part
        + "{% endfor %}{% endif %}"
    )
    return "{% for message in messages %}{{ message.role }}: " + parts + "<end>{% endfor %}assistant:"


def idefics3(folder):
    """The family of SmolVLM."""
    torch.manual_seed(0)
    words = ["<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>", "<row_1_col_1>"]
    spoken = tokenizer(words, template("<image>"))
    config = Idefics3Config(
        text_config={
            "model_type": "llama",
            "vocab_size": len(spoken),
            "pad_token_id": spoken.pad_token_id,
            "eos_token_id": spoken.eos_token_id,
            **TEXT,
        },
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 32,
            "patch_size": 8,
            "initializer_range": 0.6,
        },
        image_token_id=spoken.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=spoken.pad_token_id,
    )
    pictures = Idefics3ImageProcessorPil(
        do_image_splitting=False, size={"longest_edge": 32}, max_image_size={"longest_edge": 32}
    )
    return kept(folder, Idefics3ForConditionalGeneration(config), Idefics3Processor(pictures, spoken, image_seq_len=4))


def qwen2_vl(folder):
    torch.manual_seed(0)
    words = ["<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>"]
    spoken = tokenizer(words, template("<|vision_start|><|image_pad|><|vision_end|>"))
    image, video, start, end = spoken.convert_tokens_to_ids(words)
    config = Qwen2VLConfig(
        text_config={
            "vocab_size": len(spoken),
            "bos_token_id": None,
            "eos_token_id": spoken.eos_token_id,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 3, 3]},
            **TEXT,
        },
        vision_config={"depth": 2, "embed_dim": 32, "hidden_size": 64, "num_heads": 2, "mlp_ratio": 2, "patch_size": 8},
        image_token_id=image,
        video_token_id=video,
        vision_start_token_id=start,
        vision_end_token_id=end,
    )
    pictures = Qwen2VLImageProcessorPil(patch_size=8, min_pixels=32 * 32, max_pixels=64 * 64)
    return kept(folder, Qwen2VLForConditionalGeneration(config), spoken, pictures)


def kept(folder, model, *parts):
    model.generation_config.eos_token_id = model.config.get_text_config().eos_token_id
    for part in (model, *parts):
        part.save_pretrained(folder)
    return folder
