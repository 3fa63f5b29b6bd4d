"""The Todo-Backend specification against apps/todo, from cold code and cold state, again and again."""

import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx2
import tomlkit

from llmos import paths
from llmos.bench.backend.served import Compiled, Served
from llmos.bench.backend.todo_spec import STEPS, Differs, Visitor
from llmos.contracts import Json

APP = "todo"


@dataclass(frozen=True)
class Run:
    """One time from nothing. `failed` is what differed, by step; `by_model` counts requests that it answered."""

    seconds: float
    compile_seconds: float
    candidates: int
    by_handlers: int
    by_model: int
    not_compiled: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def bench_spec(folder: Path, times: int, progress: Callable[[str], None], *, interpreted: bool = False) -> Json:
    """Each run has a new state folder and kernel. With `interpreted` no handler is written: the model answers all."""
    runs: list[Run] = []
    for number in range(1, times + 1):
        progress(f"run {number} of {times}, {sum(not run.failed for run in runs)} clean so far")
        home = folder / str(number)
        home.mkdir(parents=True)
        runs.append(_run(home, compiling=not interpreted))
        shutil.rmtree(home)
    return {
        "times": times,
        "interpreted": interpreted,
        "steps": len(STEPS),
        "clean": sum(not run.failed for run in runs),
        "compile_seconds": round(statistics.median(run.compile_seconds for run in runs), 1),
        "candidates": sum(run.candidates for run in runs),
        "runs": [asdict(run) for run in runs],
    }


def _run(home: Path, *, compiling: bool) -> Run:
    if not compiling:
        _install_without_compiling(home)
    with Served(home, APP) as served:
        compiled = served.compile() if compiling else Compiled(0.0)
        began = time.monotonic()
        failed = ask_all(f"{served.url}/todos")
        seconds, uses = time.monotonic() - began, served.uses()
    return Run(
        seconds=round(seconds, 2),
        compile_seconds=round(compiled.seconds, 1),
        candidates=sum(compiled.candidates.values()),
        by_handlers=uses["hits"],
        by_model=uses["interpreted"],
        not_compiled=compiled.failed,
        failed=failed,
    )


def ask_all(root: str) -> dict[str, str]:
    """Every step of the specification; those that came out otherwise, and how."""
    visitor, failed = Visitor(root), dict[str, str]()
    try:
        for name, step in STEPS.items():
            try:
                step(visitor)
            except (Differs, httpx2.HTTPError, ValueError, LookupError, TypeError) as error:
                failed[name] = str(error) or type(error).__name__
    finally:
        visitor.close()
    return failed


def _install_without_compiling(home: Path) -> None:
    """A kernel compiles by itself what is asked for again."""
    folder = home / "apps" / APP
    shutil.copytree(paths.bundle_root() / "apps" / APP, folder)
    manifest = folder / "app.toml"
    document = tomlkit.parse(manifest.read_text("utf-8"))
    document.setdefault("http", tomlkit.table())["compile"] = False
    manifest.write_text(tomlkit.dumps(document), "utf-8")
