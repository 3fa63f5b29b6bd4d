"""Diffusion models in the folder of models: `diffusion/NAME/model_index.json`, as diffusers saves them.

Never from the network, never pickled weights, never code that comes with a model.
"""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

MAX_PROMPT_CHARS = 1_000
STEPS = range(1, 101)
SIZES = range(256, 1025)
EIGHT = 8  # pixels of the picture that are one of the model's own


class ImagineError(Exception):
    """There is no picture; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Wish:
    """`size` is pixels of each side; the same `seed` makes the same picture."""

    prompt: str
    size: int = 512
    steps: int = 25
    seed: int = 0


def imagine(models: Path, wish: Wish, device: str = "") -> tuple[bytes, str]:
    """A PNG and the model that made it; on the GPU unless a `device` is named. Raises ImagineError."""
    _check(wish)
    checkpoint = find_checkpoint(models)
    pipeline = _load(checkpoint, device or _gpu())
    return _made(pipeline, wish), checkpoint.name


def find_checkpoint(models: Path) -> Path:
    """The first one by name. Raises ImagineError with where to lay one."""
    found = sorted(path.parent for path in (models / "diffusion").glob("*/model_index.json"))
    if not found:
        raise ImagineError(f"No diffusion model is here; lay one, as diffusers saves it, into {models}/diffusion/NAME.")
    return found[0]


def _check(wish: Wish) -> None:
    if not wish.prompt.strip():
        raise ImagineError("Say what the picture shows.")
    if len(wish.prompt) > MAX_PROMPT_CHARS:
        raise ImagineError(f"The text is longer than {MAX_PROMPT_CHARS} characters; say it in fewer.")
    if wish.size not in SIZES or wish.size % EIGHT or wish.steps not in STEPS:
        raise ImagineError(f"A picture is 256 to 1024 pixels a side, by {EIGHT}s, and takes 1 to 100 steps.")


def _gpu() -> str:
    try:
        import torch
    except ImportError as error:
        raise ImagineError("Diffusion needs torch; install it with: pip install 'llmos[diffusion]'.") from error
    if not torch.cuda.is_available():
        raise ImagineError("There is no GPU here, and a diffusion model takes minutes without one; use image.make.")
    return "cuda"


@lru_cache(maxsize=1)
def _load(checkpoint: Path, device: str) -> Any:  # noqa: ANN401 - one of many classes of diffusers
    try:
        import torch
        from diffusers import DiffusionPipeline
    except ImportError as error:
        raise ImagineError(f"{error.name} is missing; install it with: pip install 'llmos[diffusion]'.") from error
    kind = torch.float32 if device == "cpu" else torch.float16
    try:
        pipeline = DiffusionPipeline.from_pretrained(
            checkpoint, local_files_only=True, use_safetensors=True, dtype=kind
        )
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        said = " ".join(str(error).split())[:200]
        raise ImagineError(f"The model in {checkpoint} cannot be used ({said}); lay a whole one there.") from error
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(device)


def _made(pipeline: Any, wish: Wish) -> bytes:  # noqa: ANN401
    import torch

    noise = torch.Generator("cpu").manual_seed(random.Random(wish.seed).getrandbits(62))
    try:
        made = pipeline(
            wish.prompt, height=wish.size, width=wish.size, num_inference_steps=wish.steps, generator=noise
        ).images[0]
    except (RuntimeError, ValueError, TypeError) as error:
        said = " ".join(str(error).split())[:200]
        raise ImagineError(f"The model made no picture ({said}); ask for a smaller one.") from error
    file = io.BytesIO()
    made.save(file, "PNG")
    return file.getvalue()
