"""Tokens a second for one and many, time to the first word of a long prompt, and what a picture and a schema add.

All of it over HTTP as the kernel does it. Answers are cut at a fixed number of tokens.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np
from PIL import Image

from llmos.contracts import Attachment, ChatRequest, Engine, Json, Message, Usage

Keep = Callable[[dict[str, Json]], None]
ENDLESS = {"type": "array", "items": {"type": "string"}, "minItems": 1000}
PAGE = "The keeper writes down what the sea did today, and what it will do tomorrow. "
GPU_USED = ("nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits")


@dataclass(frozen=True)
class Sizes:
    at_once: tuple[int, ...] = (1, 4, 8, 16)
    prompt_tokens: int = 2000
    answer_tokens: int = 128
    times: int = 5
    picture_pixels: int = 448  # a side


@dataclass(frozen=True)
class Timed:
    first: float
    seconds: float
    usage: Usage


async def bench_engine(engine: Engine, sizes: Sizes, progress: Callable[[str], None], keep: Keep) -> dict[str, Json]:
    """`keep` is given what is known after every part, so that a run that is cut short is not lost."""
    progress("starting the engine")
    began = time.monotonic()
    info = await engine.info()
    told: dict[str, Json] = {"model": info.model, "window": info.context_tokens}
    told["start_seconds"] = round(time.monotonic() - began, 2)
    began = time.monotonic()
    await _timed(engine, _story(8))
    told["first_answer_seconds"] = round(time.monotonic() - began, 2)
    await _many(engine, 2, 8, ENDLESS)
    keep(told)
    for name, schema in (("free", None), ("schema", ENDLESS)):
        told[name] = {}
        for number in sizes.at_once:
            progress(f"{number} at once, {name}")
            told[name][str(number)] = await _many(engine, number, sizes.answer_tokens, schema)
            keep(told)
    told["schema_to_free"] = {
        number: _ratio(told["schema"][number]["tokens_a_second"], of["tokens_a_second"])
        for number, of in told["free"].items()
    }
    kinds = ("text", "picture") if "image" in info.modalities else ("text",)
    for kind in kinds:
        progress(f"first words, {kind}")
        told[f"first_word_{kind}"] = await _first_words(engine, sizes, picture=kind == "picture")
        keep(told)
    if (used := gpu_used_mib()) is not None:
        told["gpu_used_mib"] = used  # all of it stays with the engine's process, so this is its peak
    keep(told)
    return told


async def _many(engine: Engine, number: int, tokens: int, schema: Json | None) -> Json:
    began = time.monotonic()
    answers = await asyncio.gather(*(_timed(engine, _story(tokens, schema)) for _ in range(number)))
    seconds, said = time.monotonic() - began, sum(one.usage.completion_tokens for one in answers)
    return {
        "tokens_a_second": round(said / seconds, 1),
        "tokens": said,
        "first_word_ms": _ms([one.first for one in answers]),
    }


async def _first_words(engine: Engine, sizes: Sizes, *, picture: bool) -> Json:
    """A prompt never seen, and the same one again. The first pair only warms the engine."""
    page = PAGE * max(1, sizes.prompt_tokens // await engine.count_tokens(PAGE))
    cold, cached = [], []
    for _ in range(sizes.times + 1):
        images = (_noise(sizes.picture_pixels),) if picture else ()
        request = ChatRequest((Message("user", f"{secrets.token_hex(8)} {page}", images),), max_tokens=4)
        cold.append(await _timed(engine, request))
        cached.append(await _timed(engine, request))
    cold_ms, cached_ms = (_ms([one.first for one in some[1:]]) for some in (cold, cached))
    return {
        "prompt_tokens": cold[-1].usage.prompt_tokens,
        "cold_cached_tokens": cold[-1].usage.cached_tokens,
        "cached_cached_tokens": cached[-1].usage.cached_tokens,
        "cold_ms": cold_ms,
        "cached_ms": cached_ms,
        "cached_to_cold": _ratio(cached_ms, cold_ms),
    }


async def _timed(engine: Engine, request: ChatRequest) -> Timed:
    began, first, usage = time.monotonic(), 0.0, Usage()
    async with aclosing(engine.stream(request)) as stream:
        async for chunk in stream:
            first = first or time.monotonic() - began
            usage = chunk.usage or usage
    return Timed(first, time.monotonic() - began, usage)


def _story(tokens: int, schema: Json | None = None) -> ChatRequest:
    text = f"{secrets.token_hex(8)}: tell a very long story about the sea."
    return ChatRequest((Message("user", text),), max_tokens=tokens, schema=schema)


def _noise(side: int) -> Attachment:
    """A picture that was never seen before."""
    pixels = np.random.default_rng().integers(0, 256, (side, side, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return Attachment(file.getvalue(), "image/png")


def gpu_used_mib() -> int | None:
    """Of all GPUs together, by all programs; None where there is none."""
    try:
        told = subprocess.run(GPU_USED, capture_output=True, text=True, timeout=10, check=True).stdout
        return sum(int(line) for line in told.split())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _ms(seconds: Sequence[float]) -> float:
    return round(1000 * statistics.median(seconds), 1)


def _ratio(this: float, that: float) -> float | None:
    return round(this / that, 3) if that else None
