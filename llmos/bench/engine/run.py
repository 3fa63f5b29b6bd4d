"""The engine and, before it, transformers' own `generate` on the same weights."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from llmos.bench.engine.bench import Sizes, bench_engine
from llmos.contracts import Json
from llmos.engines.choose import choose_engine
from llmos.engines.embedded import usable_cores
from llmos.engines.transformers.engine import Transformers
from llmos.errors import EngineError

PLAIN_BATCHES = (1, 8)


async def run_engine(
    model: Path | None, shape: str, folder: Path, out: Path, given: dict[str, Json], progress: Callable[[str], None]
) -> dict[str, Json]:
    """`model`, or weights of `shape` that are made in `folder`. Writes `out` after every part."""
    sizes, began = Sizes(**given), time.monotonic()
    told: dict[str, Json] = {"shape": shape or None}

    def keep(more: dict[str, Json]) -> None:
        told.update(more, seconds=round(time.monotonic() - began, 1))
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(told, indent=1) + "\n", "utf-8")

    where = model or folder / shape
    engine = choose_engine(where, slots=max(sizes.at_once), log=folder / "engine.log")
    try:
        if isinstance(engine, Transformers) and where.suffix != ".gguf":
            progress("transformers alone")
            keep({"plain": await plain(where, shape, sizes.answer_tokens)})
        elif shape:
            raise EngineError(
                "Only the transformers engine runs these weights; unset LLMOS_ENGINE and LLMOS_ENGINE_URL."
            )
        keep(await bench_engine(engine, sizes, progress, keep))
    finally:
        await engine.close()
    alone, free = told.get("plain", {}).get("batches", {}), told["free"]
    keep({"to_plain": {n: round(free[n]["tokens_a_second"] / speed, 2) for n, speed in alone.items() if n in free}})
    return told


async def plain(model: Path, shape: str, answer_tokens: int) -> Json:
    asked = {
        "model": str(model),
        "shape": shape,
        "device": os.environ.get("LLMOS_DEVICE") or "auto",
        "dtype": os.environ.get("LLMOS_DTYPE") or "auto",
        "threads": usable_cores(),
        "answer_tokens": answer_tokens,
        "batches": PLAIN_BATCHES,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "llmos.bench.engine.plain"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        said, complaints = await process.communicate(json.dumps(asked).encode() + b"\n")
    except asyncio.CancelledError:
        process.kill()
        raise
    if process.returncode:
        last = complaints.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise EngineError(f"transformers alone failed ({' '.join(last)}).")
    return json.loads(said.splitlines()[-1])
