"""transformers' own `generate`, in a process of its own so that its memory is free again before the engine starts.

Reads one line of JSON, `Plain`; the last line that it prints is JSON too.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from llmos.bench.engine import shapes
from llmos.contracts import Json
from llmos.engines.transformers.checkpoint import best_device, dtype_of, load
from llmos.engines.transformers.settings import TransformersSettings

PROMPT_TOKENS = 32


@dataclass(frozen=True)
class Plain:
    """`model` is a folder; one of the shape named `shape` is made there first, if one is named."""

    model: str
    shape: str
    device: str
    dtype: str
    threads: int
    answer_tokens: int
    batches: tuple[int, ...]


def main() -> None:
    asked = Plain(**json.loads(sys.stdin.readline()))
    torch.set_num_threads(asked.threads)
    device = best_device() if asked.device == "auto" else asked.device
    began = time.monotonic()
    model = _model(asked, device)
    told: dict[str, Json] = {"made_or_loaded_seconds": round(time.monotonic() - began, 2), "batches": {}}
    _generate(model, 1, 4)  # a GPU chooses its kernels with the first call
    for batch in asked.batches:
        seconds = _generate(model, batch, asked.answer_tokens)
        told["batches"][str(batch)] = round(batch * asked.answer_tokens / seconds, 1)
    if device.startswith("cuda"):
        told["peak_gpu_mib"] = torch.cuda.max_memory_reserved() >> 20
        told["gpu"] = torch.cuda.get_device_name()
    told["versions"] = {"torch": torch.__version__, "transformers": sys.modules["transformers"].__version__}
    print(json.dumps(told), flush=True)  # noqa: T201 - to the benchmark


def _model(asked: Plain, device: str) -> Any:  # noqa: ANN401 - transformers' own
    if asked.shape:
        return shapes.make(asked.shape, Path(asked.model), device, dtype_of(asked.dtype, device))
    settings = TransformersSettings(asked.model, "", 8192, 1, asked.threads, "", device, asked.dtype)
    return load(settings).model


def _generate(model: Any, batch: int, tokens: int) -> float:  # noqa: ANN401 - transformers' own
    """Seconds for `tokens` tokens of each of `batch` answers."""
    prompts = torch.randint(300, model.config.get_text_config().vocab_size - 300, (batch, PROMPT_TOKENS))
    prompts = prompts.to(model.device)
    began = time.monotonic()
    with torch.inference_mode():
        made = model.generate(
            prompts,
            attention_mask=torch.ones_like(prompts),
            do_sample=False,
            min_new_tokens=tokens,
            max_new_tokens=tokens,
        )
    assert made.cpu().shape[1] == PROMPT_TOKENS + tokens
    return time.monotonic() - began


if __name__ == "__main__":
    main()
