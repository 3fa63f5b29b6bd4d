"""GGUF files as folders that transformers loads in seconds: unpacked once, kept."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import filelock
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def unpacked(file: Path, kept: Path, dtype: torch.dtype) -> Path:
    """The folder that holds `file`'s weights as safetensors of `dtype`; made now if it is not there.

    It is named after the file's size and time, so that another file of the same name is unpacked anew.
    """
    facts = file.stat()
    folder = kept / f"{file.stem}-{facts.st_size}-{facts.st_mtime_ns}-{str(dtype).removeprefix('torch.')}"
    kept.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{folder}.lock"):
        if not folder.is_dir():
            print(f"unpacking {file.name} once, about a minute", file=sys.stderr, flush=True)  # noqa: T201 - the log
            _unpack(file, folder, dtype)
    return folder


def _unpack(file: Path, folder: Path, dtype: torch.dtype) -> None:
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    model = AutoModelForCausalLM.from_pretrained(str(file.parent), gguf_file=file.name, dtype=dtype)
    model.hf_quantizer = None  # the weights are plain again, so they may be saved
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(fresh)
    AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name).save_pretrained(fresh)
    fresh.rename(folder)
