"""Run a benchmark: its own driver host and engine, nothing of any state folder."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from llmos.bench.see import bench_see
from llmos.bench.sketch import bench_sketch
from llmos.bench.told import told
from llmos.contracts import Json
from llmos.engines.choose import choose_engine, gpu_bytes
from llmos.engines.embedder import choose_embedder
from llmos.engines.llamacpp import LlamaCpp
from llmos.engines.transformers.engine import Transformers
from llmos.kernel.app import load_app
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.models.cache import installed, location
from llmos.models.catalog import EMBEDDING_MODEL, default_model, find
from llmos.paths import bundle_root


def see(folder: Path, out: Path) -> Json:
    """How well the image driver sees the pictures of a folder; predictions go to the file `out`."""
    return asyncio.run(_see(folder, out))


def sketch(folder: Path, out: Path) -> Json:
    """How much of each sketch arrives on its site; sites and pictures go to the folder `out`."""
    return asyncio.run(_sketch(folder, out))


def shell(rate: int, seconds: int, num_messages: int) -> Json:
    """How quick the shell is; on a kernel and an engine of its own."""
    from llmos.bench.shell.bench import bench_shell

    return asyncio.run(bench_shell(rate, seconds, num_messages))


def crash(runs: int, seed: int) -> Json:
    """What is lost when parts of the system are killed; in a folder of its own."""
    from llmos.bench.crash import bench_crash

    with tempfile.TemporaryDirectory() as home, told() as tell:
        return bench_crash(Path(home), runs, seed, tell)


def schedule(model: str | None, slots: int, seed: int, kind: str) -> Json:
    """Agents through llmos and other schedulers; in a folder of its own."""
    with tempfile.TemporaryDirectory() as home, told() as tell:
        return asyncio.run(_schedule(model, slots, seed, kind, Path(home), tell))


def backend(parts: tuple[str, ...], sizes: dict[str, Json]) -> Json:
    """What an app as a backend costs and keeps; in folders of its own."""
    from llmos.bench.backend.bench import Sizes, bench_backend

    with tempfile.TemporaryDirectory() as folder, told() as tell:
        return bench_backend(Path(folder), parts, Sizes(**sizes), tell)


def openai(model: str | None, tool: str) -> Json:
    """What llm-comply says of /v1; in a folder of its own."""
    from llmos.bench.openai import bench_openai, find_tool

    found = find_tool(tool)
    engine = choose_engine(location(find(model) if model else default_model()))
    with tempfile.TemporaryDirectory() as home, told("asking"):
        return asyncio.run(bench_openai(engine, found, Path(home)))


def speech(folder: Path, models: tuple[str, ...]) -> Json:
    """How well the speech driver hears a folder of recordings, and its own voice."""
    with told() as tell:
        return asyncio.run(_speech(folder, models, tell))


def math(folder: Path, out: Path, limit: int | None, model: str | None, at_a_time: int) -> Json:
    """Word problems by code and by words; in a folder of its own, but for the file `out`."""
    from llmos.bench.math import bench_math, load_items

    items = load_items(folder)[:limit]
    engine = choose_engine(location(find(model) if model else default_model()), slots=max(2, at_a_time))
    with tempfile.TemporaryDirectory() as home, told() as tell:
        return asyncio.run(bench_math(items, engine, Path(home), out, tell, at_a_time))


def engine(model: str | None, shape: str, out: Path, sizes: dict[str, Json]) -> Json:
    """How fast an engine answers, beside plain transformers where that engine runs it; figures go to `out`, too."""
    from llmos.bench.engine.run import run_engine

    with tempfile.TemporaryDirectory() as folder, told() as tell:
        where = None if shape else location(find(model) if model else default_model(gpu_bytes()))
        return asyncio.run(run_engine(where, shape, Path(folder), out, sizes, tell))


def documents(folder: Path, out: Path, limit: int | None, model: str | None) -> Json:
    """Receipts by the app receipts; in a folder of its own, but for the file `out`."""
    from llmos.bench.documents import bench_documents, load_receipts

    receipts = load_receipts(folder)[:limit]
    engine = choose_engine(location(find(model) if model else default_model()))
    with tempfile.TemporaryDirectory() as home, told() as tell:
        return asyncio.run(bench_documents(receipts, engine, Path(home), out, tell))


def web(model: str | None, pages: Path | None, out: Path, played: dict[str, Json]) -> Json:
    """MiniWoB through the browser driver; in a folder of its own. Episodes go to the file `out`."""
    from llmos.bench.web.bench import Plan, bench_web, chosen_tasks
    from llmos.bench.web.site import find_pages

    found = find_pages(pages)
    plan = Plan(**{**played, "tasks": chosen_tasks(played["tasks"], found)})
    with tempfile.TemporaryDirectory() as home, told() as tell:
        engine = choose_engine(location(find(model) if model else default_model()))
        return asyncio.run(bench_web(engine, found, plan, Path(home), out, tell))


def drivers(times: int) -> Json:
    """What each driver costs to start, to call and to keep; in a folder of its own."""
    from llmos.bench.drivers import bench_drivers

    with tempfile.TemporaryDirectory() as folder, told() as tell:
        return asyncio.run(bench_drivers(Path(folder), times, tell))


def tools(app: str, words: bool, answers: bool, model: str | None) -> Json:
    """What tools messages are offered; with `answers`, also what the model then does, in a folder of its own."""
    from llmos.bench.tools import bench_tools
    from llmos.bench.tools_asked import ask_model

    found = installed(find(EMBEDDING_MODEL))
    embedder = None if words else choose_embedder(found)
    told = asyncio.run(bench_tools(load_app(bundle_root() / "apps" / app), embedder))
    if not answers:
        return told
    engine = choose_engine(location(find(model) if model else default_model()))
    with tempfile.TemporaryDirectory() as home, told() as tell:
        return {**told, "answers": asyncio.run(ask_model(engine, embedder, app, Path(home), tell))}


async def _schedule(
    model: str | None, slots: int, seed: int, kind: str, home: Path, progress: Callable[[str], None]
) -> Json:
    from llmos.bench.schedule import bench_schedule

    known = find(model) if model else default_model()
    makers: dict[str, type[LlamaCpp] | type[Transformers]] = {"llamacpp": LlamaCpp, "transformers": Transformers}
    engine = makers[kind](location(known), context_tokens=2048, slots=slots)
    try:
        return await bench_schedule(engine, slots, seed, home, progress)
    finally:
        await engine.close()


async def _speech(folder: Path, models: tuple[str, ...], progress: Callable[[str], None]) -> Json:
    from llmos.bench.speech import bench_speech

    async with _drivers() as drivers:
        return await bench_speech(folder, models, drivers.run, progress)


async def _see(folder: Path, out: Path) -> Json:
    async with _drivers() as drivers:
        return await bench_see(folder, out, drivers.call)


async def _sketch(folder: Path, out: Path) -> Json:
    engine = choose_engine(location(default_model(gpu_bytes())))
    try:
        async with _drivers() as drivers:
            return await bench_sketch(folder, out, drivers.call, engine)
    finally:
        await engine.close()


@asynccontextmanager
async def _drivers() -> AsyncIterator[DriverHost]:
    with tempfile.TemporaryDirectory() as logs:
        host = DriverHost(shipped_drivers(), Path(logs))
        try:
            yield host
        finally:
            await host.close()
