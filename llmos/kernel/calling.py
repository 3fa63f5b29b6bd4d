"""A process as the caller of a driver: it hears progress, names its folders, asks its person, pays for words."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from llmos.contracts import Attachment, ChatRequest, Event, Json, ToolInfo
from llmos.kernel.drivers import ToolResult
from llmos.kernel.scheduler import Priority
from llmos.kernel.syscalls import attached

if TYPE_CHECKING:
    from llmos.kernel.kernel import Kernel


class ProcessCaller:
    """See `llmos.kernel.drivers.Caller`."""

    def __init__(self, kernel: Kernel, pid: int) -> None:
        self._kernel, self._pid = kernel, pid

    def progress(self, tool: str, done: float, total: float | None, text: str) -> None:
        """Shown to whoever watches; not kept."""
        data: dict[str, Json] = {"tool": tool, "done": done, "total": total, "text": text}
        self._kernel.journal.publish(Event(0, self._pid, time.time(), "syscall.progress", data))

    def roots(self, driver: str) -> Sequence[Path]:
        """The folders that the app's manifest grants to tools whose resource is a path."""
        settings = self._kernel.drivers.manifests[driver].tools
        by_path = {f"{driver}.{name}" for name, tool in settings.items() if tool.resource and tool.kind == "path"}
        rights = self._kernel.find_app(self._kernel.process(self._pid).app).capabilities
        grants = [grant.partition(":") for grant in (*rights.tools, *rights.ask)]
        folders = [Path(path).expanduser().absolute() for name, _, path in grants if name in by_path and path]
        return list(dict.fromkeys(folders))

    async def choose(self, tool: str, text: str, choices: Sequence[str]) -> str:
        """A driver's question is one more question of the process; no answer to it grants anything."""
        told = f"{tool} asks: {text}"
        asked = self._kernel.questions.ask(self._pid, "driver", tool, {}, "", told, choices)

        def chosen() -> str | None:
            answer = self._kernel.journal.last(self._pid, ("question.answered",))
            return str(answer.data["choice"]) if answer and answer.data["question"] == asked.seq else None

        return await self._kernel.until(self._pid, chosen)

    async def sample(self, request: ChatRequest) -> str:
        return await self._kernel.think(self._pid, request, Priority.BACKGROUND, purpose="sampling")


async def call_driver(
    kernel: Kernel,
    pid: int,
    tool: ToolInfo,
    arguments: dict[str, Json],
    pictures: Sequence[Attachment],
    recordings: Sequence[Attachment] = (),
) -> ToolResult:
    """Call a driver; a picture or a recording that is named by its number goes along as its bytes."""
    held = {"image": pictures, "audio": recordings}
    named = {name: held[name][arguments[name] - 1].data_url() for name in attached(tool) & {*arguments}}
    return await kernel.drivers.run(tool.name, {**arguments, **named}, ProcessCaller(kernel, pid))
