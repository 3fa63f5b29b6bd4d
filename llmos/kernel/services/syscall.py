"""One call of a tool that the kernel itself provides, while it is served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmos.contracts import Event, Json, ToolInfo
from llmos.kernel.app import App
from llmos.kernel.syscalls import stored

if TYPE_CHECKING:
    from llmos.kernel.kernel import Kernel


@dataclass(frozen=True)
class Syscall:
    """`intent` is the journaled event that began the call; `child` is the process it started before a restart."""

    kernel: Kernel
    pid: int
    app: App
    arguments: dict[str, Json]
    intent: Event
    page_chars: int
    child: int | None = None

    def settle(self, result: Json, source: str = "kernel", **more: Json) -> None:
        """Journal the result, inside the transaction that made it true where there is one."""
        data = {"tool": self.intent.data["tool"], "by": "model", "source": source, **more}
        self.kernel.record(self.pid, "syscall.result", data | stored(result, self.kernel.blobs, self.page_chars))


@dataclass(frozen=True)
class Service:
    """A tool of the kernel's own. `serve` settles the call, or raises LlmosError with a sentence for the model.

    Serving one again after a crash must be harmless: what it changes is durable with its result or not at all.
    """

    tool: ToolInfo
    serve: Callable[[Syscall], Awaitable[None]]
    waiting_on: str = "driver"


def strings(**descriptions: str) -> Json:
    """The schema of arguments that are all texts and all required."""
    properties = {name: {"type": "string", "description": text} for name, text in descriptions.items()}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
