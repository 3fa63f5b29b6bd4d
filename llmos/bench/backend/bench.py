"""The parts of `llmos bench backend`, one after the other, in folders of their own."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from llmos.bench.backend.crash import bench_crash
from llmos.bench.backend.load import ROUTES, bench_load
from llmos.bench.backend.modes import APPS, Limits, bench_modes
from llmos.bench.backend.scale import SIZES, bench_scale
from llmos.bench.backend.served import compiled_home
from llmos.bench.backend.spec import bench_spec
from llmos.contracts import Json
from llmos.engines.choose import choose_engine
from llmos.errors import LlmosError
from llmos.models.cache import location
from llmos.models.catalog import default_model

PARTS = ("spec", "modes", "scale", "load", "crash")


@dataclass(frozen=True)
class Sizes:
    """How much each part does."""

    times: int = 20
    interpreted: bool = False
    apps: tuple[str, ...] = APPS
    calls: int = 200
    documents: tuple[int, ...] = SIZES
    seconds: float = 75.0
    requests: int = 10_000
    concurrency: int = 32
    runs: int = 50
    seed: int = 1


def bench_backend(folder: Path, parts: tuple[str, ...], sizes: Sizes, progress: Callable[[str], None]) -> Json:
    """Each part by its name; one that could not be measured says why, as `not_measured`, and the others go on."""
    told: dict[str, Json] = {}
    for part in parts:
        try:
            told[part] = _measured(part, folder, sizes, progress)
        except LlmosError as error:
            told[part] = {"not_measured": str(error)}
    return told


def _measured(part: str, folder: Path, sizes: Sizes, progress: Callable[[str], None]) -> Json:
    if part == "spec":
        return bench_spec(folder / part, sizes.times, progress, interpreted=sizes.interpreted)
    if part == "modes":
        return asyncio.run(_modes(folder / part, sizes, progress))
    home = shutil.copytree(_bank(folder / "bank", progress), folder / part)
    if part == "scale":
        return asyncio.run(bench_scale(home, folder / "sizes", sizes.calls, progress, sizes.documents))
    if part == "load":
        return bench_load(home, sizes.requests, sizes.concurrency, sizes.seed, progress)
    return bench_crash(home, sizes.runs, sizes.seed, progress)


def _bank(home: Path, progress: Callable[[str], None]) -> Path:
    """A state folder with a compiled bank, made once; that is in no figure. Raises LlmosError without handlers."""
    if not home.exists():
        progress("compiling the bank")
        draft = home.with_name("draft")
        compiled_home(draft, "bank", ROUTES)
        draft.rename(home)
    return home


async def _modes(folder: Path, sizes: Sizes, progress: Callable[[str], None]) -> Json:
    engine = choose_engine(location(default_model()))
    try:
        return await bench_modes(engine, folder, Limits(sizes.calls, sizes.seconds, sizes.seed), progress, sizes.apps)
    finally:
        await engine.close()
