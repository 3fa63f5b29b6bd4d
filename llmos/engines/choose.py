"""Which engine this machine is to use."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path
from typing import get_args

from llmos.contracts import Engine, Modality
from llmos.engines.llamacpp import LlamaCpp
from llmos.engines.remote import Remote
from llmos.engines.transformers.engine import Transformers
from llmos.errors import UsageError

KINDS = ("auto", "llamacpp", "transformers")
GPU_ASKED = ("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")


def choose_engine(model: Path, *, url: str = "", log: Path | None = None, slots: int = 2) -> Engine:
    """The server at `url` or LLMOS_ENGINE_URL if one is named, else `model` on an engine of this machine.

    `model` is a .gguf file, a folder, or a hub id. LLMOS_ENGINE says which engine runs it; by itself llama.cpp
    runs .gguf files, and transformers all else. LLMOS_ENGINE_SLOTS says how
    many answers it gives at the same time; else it is `slots`.
    """
    context_tokens = _whole_number("LLMOS_ENGINE_CONTEXT")
    if url := url or os.environ.get("LLMOS_ENGINE_URL", ""):
        name, key = os.environ.get("LLMOS_ENGINE_MODEL", ""), os.environ.get("LLMOS_ENGINE_KEY", "")
        return Remote(url, name, key, context_tokens=context_tokens, modalities=_modalities())
    window, slots = context_tokens or 8192, _whole_number("LLMOS_ENGINE_SLOTS") or slots
    threads = _whole_number("LLMOS_ENGINE_THREADS")
    is_gguf, kind = model.suffix == ".gguf", _kind()
    if kind == "llamacpp" and not is_gguf:
        raise UsageError(f"llama.cpp runs .gguf files, and {model} is none; take LLMOS_ENGINE=transformers.")
    if kind == "llamacpp" or (kind == "auto" and is_gguf):
        return LlamaCpp(model, context_tokens=window, slots=slots, threads=threads, log=log)
    device, dtype = os.environ.get("LLMOS_DEVICE") or "auto", os.environ.get("LLMOS_DTYPE") or "auto"
    return Transformers(model, context_tokens=window, slots=slots, threads=threads, device=device, dtype=dtype, log=log)


def gpu_bytes() -> int:
    """Memory of the largest GPU that the transformers engine could use here; 0 when there is none."""
    if _kind() == "llamacpp" or os.environ.get("LLMOS_DEVICE", "auto") == "cpu":
        return 0
    if importlib.util.find_spec("torch") is None or shutil.which(GPU_ASKED[0]) is None:
        return 0
    try:
        told = subprocess.run(GPU_ASKED, capture_output=True, text=True, timeout=10, check=True).stdout
        return max((int(line) for line in told.split()), default=0) << 20
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0  # a driver without its card


def _kind() -> str:
    kind = os.environ.get("LLMOS_ENGINE") or "auto"
    if kind not in KINDS:
        raise UsageError(f"LLMOS_ENGINE is {kind!r}; use {', '.join(KINDS[:-1])} or {KINDS[-1]}.")
    return kind


def _modalities() -> frozenset[Modality] | None:
    named = frozenset(os.environ.get("LLMOS_ENGINE_MODALITIES", "").replace(",", " ").split())
    if unknown := named - set(get_args(Modality)):
        raise UsageError(f"LLMOS_ENGINE_MODALITIES names {min(unknown)!r}; use text, image and audio.")
    return frozenset(known for known in get_args(Modality) if known in named) or None


def _whole_number(variable: str) -> int | None:
    value = os.environ.get(variable, "")
    if not value:
        return None
    if not value.isdecimal() or int(value) == 0:
        raise UsageError(f"{variable} is {value!r}; set it to a whole number above zero.")
    return int(value)
