"""What processes use, in figures for people: speed, window, budget. An engine that sleeps is not woken for them."""

import dataclasses
from collections.abc import Iterable

from llmos.contracts import Engine, Json
from llmos.errors import AppError, EngineError
from llmos.kernel.kernel import Kernel
from llmos.kernel.process import Process


async def usage(kernel: Kernel, processes: Iterable[Process]) -> dict[int, dict[str, Json]]:
    """By pid. `window_tokens` is None while the engine sleeps, `budget` for what has none.

    `tokens_per_second` is that of the answer that is being written, else of the last one; `writing_tokens` are how many
    of it there are, which the process's own figures do not count yet.
    """
    listed = list(processes)
    windows = {model: await _window(kernel, model) for model in {process.model for process in listed}}
    budgets = {app: _budget(kernel, app) for app in {process.app for process in listed if process.kind == "chat"}}
    return {
        process.pid: {
            "tokens_per_second": kernel.speeds.of(process.pid) or process.tokens_per_second,
            "writing_tokens": kernel.speeds.written(process.pid),
            "context_tokens": process.context_tokens,
            "window_tokens": windows[process.model],
            "spent": dataclasses.asdict(process.answer),
            "budget": budgets.get(process.app) if process.kind == "chat" else None,
        }
        for process in listed
    }


async def _window(kernel: Kernel, model: str) -> int | None:
    engine: Engine | None = kernel.engines.opened(model)
    try:
        return (await engine.info()).context_tokens if engine and await engine.healthy() else None
    except EngineError:
        return None


def _budget(kernel: Kernel, app: str) -> dict[str, Json] | None:
    try:
        return kernel.find_app(app).budget.model_dump()
    except AppError:  # it was removed since
        return None
