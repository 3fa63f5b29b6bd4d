"""Which engine this machine is to use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

from llmos.contracts import Engine, Modality
from llmos.engines.llamacpp import LlamaCpp
from llmos.engines.remote import Remote
from llmos.errors import UsageError


def choose_engine(model: Path, *, url: str = "", log: Path | None = None) -> Engine:
    """The server at `url` or LLMOS_ENGINE_URL if one is named, else `model` on the embedded engine."""
    context_tokens = _whole_number("LLMOS_ENGINE_CONTEXT")
    if url := url or os.environ.get("LLMOS_ENGINE_URL", ""):
        name, key = os.environ.get("LLMOS_ENGINE_MODEL", ""), os.environ.get("LLMOS_ENGINE_KEY", "")
        return Remote(url, name, key, context_tokens=context_tokens, modalities=_modalities())
    return LlamaCpp(
        model,
        context_tokens=context_tokens or 8192,
        slots=_whole_number("LLMOS_ENGINE_SLOTS") or 2,
        threads=_whole_number("LLMOS_ENGINE_THREADS"),
        log=log,
    )


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
