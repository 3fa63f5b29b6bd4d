"""The part of the control API that is about drivers: how each is, starting, stopping, and calling one by hand."""

import base64
import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Query

from llmos.contracts import Json
from llmos.http.depends import InKernel
from llmos.kernel.calling import call_by_hand

drivers = APIRouter(prefix="/drivers")


@drivers.get("")
async def list_drivers(kernel: InKernel) -> Json:
    """Every driver's manifest and how it is."""
    drivers = kernel.drivers
    return [
        {**manifest.model_dump(), "health": dataclasses.asdict(drivers.health(name))}
        for name, manifest in drivers.manifests.items()
    ]


@drivers.get("/{driver}")
async def driver_tools(driver: str, kernel: InKernel) -> Json:
    return [dataclasses.asdict(tool) for tool in await kernel.drivers.tools(driver)]


@drivers.post("/{driver}")
async def start(driver: str, kernel: InKernel) -> Json:
    """Start it, where it is not running; how it is then."""
    await kernel.drivers.tools(driver)
    return dataclasses.asdict(kernel.drivers.health(driver))


@drivers.delete("/{driver}")
async def stop(driver: str, kernel: InKernel) -> Json:
    """End its processes; the next call starts it again. A call that is under way is interrupted."""
    await kernel.drivers.stop(driver)
    return dataclasses.asdict(kernel.drivers.health(driver))


@drivers.post("/{driver}/{tool}")
async def call_tool(
    driver: str,
    tool: str,
    kernel: InKernel,
    arguments: dict[str, Any],
    whole: bool = False,
    grant: Annotated[tuple[str, ...], Query(description="A folder that this call may use; may be said again.")] = (),
) -> Json:
    """The user's own call of a tool: not a process's, so no app's capabilities apply.

    `whole` gives the bytes that came beside its result as well.
    """
    result = await call_by_hand(kernel, f"{driver}.{tool}", arguments, grant)
    if not whole:
        return result.value
    beside = [
        {"media_type": item.media_type, "data": base64.b64encode(item.data).decode()} for item in result.attachments
    ]
    return {"value": result.value, "attachments": beside}
