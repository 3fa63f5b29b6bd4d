"""The part of the control API that is about models: which there are, fetching one, and which one thinks."""

import asyncio
import dataclasses
import os

from fastapi import APIRouter
from pydantic import BaseModel

from llmos.contracts import EngineInfo, Json
from llmos.errors import AppError, UsageError
from llmos.http.depends import InKernel
from llmos.kernel.kernel import Kernel
from llmos.models import status
from llmos.models.cache import ModelStatus, installed, on_the_hub
from llmos.models.catalog import known

models = APIRouter()


class EngineIn(BaseModel):
    model: str


@models.get("/models")
async def list_models(kernel: InKernel) -> Json:
    """Every model llmos knows: what it is, how much of it is here, whether it thinks now, how far its pull is."""
    used = await _in_use(kernel)
    return [_row(kernel, row, used) for row in await asyncio.to_thread(status)]


@models.post("/models/{model}/pull")
async def start_pull(model: str, kernel: InKernel) -> Json:
    """Fetch a model in the background; /events tells how far it is, as `model.pull`."""
    found = known(model)
    if on_the_hub(found):
        raise UsageError(f"{model} is not pulled: the transformers engine fetches it when it first starts.")
    if await asyncio.to_thread(installed, found):
        raise UsageError(f"{model} is here already; nothing is left to pull.")
    return dataclasses.asdict(kernel.pulls.start(found))


@models.delete("/models/{model}/pull")
async def cancel_pull(model: str, kernel: InKernel) -> Json:
    """Stop fetching; what is here of it stays, and the next pull goes on from there."""
    return dataclasses.asdict(kernel.pulls.cancel(model))


@models.post("/engine")
async def switch(body: EngineIn, kernel: InKernel) -> Json:
    """Let another model be the system's own, until the kernel stops. Answers that are being written end first."""
    if url := os.environ.get("LLMOS_ENGINE_URL"):
        raise UsageError(f"The engine is the server at {url}, which has its own model; choose there.")
    model = known(body.model)
    if model.task != "chat":
        raise UsageError(f"{model.id} does {model.task} and cannot think; choose a chat model of `llmos models`.")
    if await asyncio.to_thread(installed, model) is None:
        raise AppError(f"The model {model.id} is not here; fetch it with: llmos pull {model.id}.")
    return told_engine(await kernel.switch(model.id))


def told_engine(info: EngineInfo) -> dict[str, Json]:
    return {"model": info.model, "context_tokens": info.context_tokens, "modalities": sorted(info.modalities)}


def _row(kernel: Kernel, row: ModelStatus, used: str) -> dict[str, Json]:
    model, pull = row.model, kernel.pulls.of(row.model.id)
    return {
        "id": model.id,
        "title": model.title,
        "task": model.task,
        "licence": model.licence,
        "modalities": list(model.modalities),
        "bytes": model.bytes or row.stored_bytes,
        "context_tokens": model.context_tokens,
        "gpu_bytes": model.gpu_bytes,
        "state": row.state,
        "stored_bytes": row.stored_bytes,
        "path": str(row.path),
        "is_default": row.is_default,
        "in_use": used in (model.id, row.path.stem, row.path.name),
        "pullable": bool(model.files) and row.state in ("absent", "partial"),
        "pull": dataclasses.asdict(pull) if pull else None,
    }


async def _in_use(kernel: Kernel) -> str:
    """The engine's own name for its model; empty while it sleeps."""
    return (await kernel.engine.info()).model if await kernel.engine.healthy() else ""
