"""The path through diffusers, with a tiny model of random weights: what it makes is noise, and the same each time."""

import io
import json
import sys
from pathlib import Path

import diffusers
import pytest
import torch
import transformers
from mcp import Client, StdioServerParameters
from PIL import Image

from drivers.imagine.diffusion import ImagineError, Wish, imagine

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models")
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(8, 16),
        layers_per_block=1,
        sample_size=32,
        in_channels=4,
        out_channels=4,
        norm_num_groups=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=[8, 8, 8, 8],
        down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4,
        latent_channels=4,
        norm_num_groups=4,
    )
    words = transformers.CLIPTextModel(
        transformers.CLIPTextConfig(
            hidden_size=32, intermediate_size=37, num_attention_heads=4, num_hidden_layers=2, vocab_size=1000
        )
    )
    pipeline = diffusers.StableDiffusionPipeline(
        vae=vae,
        text_encoder=words,
        tokenizer=_tokenizer(folder),
        unet=unet,
        scheduler=diffusers.DDIMScheduler(clip_sample=False, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder / "diffusion" / "tiny", safe_serialization=True)
    return folder


def _tokenizer(folder):
    letters = [*"abcdefghijklmnopqrstuvwxyz"]
    names = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({name: number for number, name in enumerate(names)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return transformers.CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)


def test_a_model_makes_the_same_picture_of_the_same_words(models):
    (first, name), (again, _) = (imagine(models, Wish("a cat", 256, 2), device="cpu") for _ in range(2))
    assert Image.open(io.BytesIO(first)).size == (256, 256) and name == "tiny"
    assert first == again != imagine(models, Wish("a cat", 256, 2, seed=1), device="cpu")[0]


def test_pickled_weights_are_not_loaded(models, tmp_path):
    import shutil

    shutil.copytree(models / "diffusion", tmp_path / "diffusion")
    for path in tmp_path.rglob("*.safetensors"):
        path.with_suffix(".bin").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
        path.unlink()
    with pytest.raises(ImagineError, match="cannot be used"):
        imagine(tmp_path, Wish("a cat", 256, 2), device="cpu")


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish(""), "Say what"),
        (Wish("x" * 2000), "fewer"),
        (Wish("a", size=64), "256 to 1024"),
        (Wish("a", size=300), "by 8s"),
        (Wish("a", size=10**6), "256 to 1024"),
        (Wish("a", steps=0), "1 to 100 steps"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(tmp_path, wish, said):
    with pytest.raises(ImagineError, match=said):
        imagine(tmp_path, wish)


async def test_without_a_model_the_driver_says_where_to_lay_one(tmp_path):
    arguments = ["-m", "drivers.imagine", str(tmp_path)]
    server = StdioServerParameters(command=sys.executable, args=arguments, env={"PYTHONPATH": str(ROOT)}, cwd=ROOT)
    async with Client(server) as driver:
        result = await driver.call_tool("picture", {"prompt": "a cat"})
    assert result.is_error and result.content[0].text.startswith("No diffusion model is here")
