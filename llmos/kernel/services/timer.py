"""timer.wait: a process sleeps without holding anything. Clocks that jump never make it sleep longer than it asked."""

import asyncio
import time

from llmos.contracts import ToolInfo
from llmos.kernel.services.syscall import Service, Syscall

MAX_SECONDS = 86_400


async def _wait(call: Syscall) -> None:
    seconds = float(call.arguments["seconds"])
    gone = time.time() - call.intent.at  # more than nothing after a restart; the wall clock is all that outlives one
    with call.kernel.clocks.paused(call.pid):
        await asyncio.sleep(max(0.0, seconds - max(0.0, gone)))
    call.settle({"waited": seconds})


SECONDS = {
    "type": "object",
    "properties": {"seconds": {"type": "number", "minimum": 0, "maximum": MAX_SECONDS}},
    "required": ["seconds"],
    "additionalProperties": False,
}

SERVICES = (Service(ToolInfo("timer.wait", "Do nothing for some seconds.", SECONDS, read_only=True), _wait, "timer"),)
