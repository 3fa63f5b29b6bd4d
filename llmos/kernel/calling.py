"""Who calls a driver: a process, which hears progress, names its folders and asks its person; or a person by hand."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from llmos.contracts import Attachment, ChatRequest, Event, Json, ToolInfo
from llmos.errors import Denied
from llmos.kernel.app import App
from llmos.kernel.capabilities import Verdict, decide, grant_of, roots_of
from llmos.kernel.drivers import ToolResult
from llmos.kernel.drivers.caller import Silence
from llmos.kernel.drivers.folders import Folders, folders
from llmos.kernel.folders import folder_of, make_missing, placed
from llmos.kernel.scheduler import Priority
from llmos.kernel.syscalls import ATTACHED, attached

if TYPE_CHECKING:
    from llmos.kernel.kernel import Kernel


class ProcessCaller:
    """See `llmos.kernel.drivers.Caller`."""

    def __init__(
        self,
        kernel: Kernel,
        pid: int,
        tool: ToolInfo | None = None,
        arguments: Mapping[str, Json] | None = None,
        granted: Sequence[str] = (),
        app: App | None = None,
    ) -> None:
        """`tool` is what is called, None while tools are looked for; `granted` is what people allowed the process;
        `app` is whose call it is when it is not the process's own.
        """
        self._kernel, self._pid, self._granted, self._whose = kernel, pid, granted, app
        self._tool, self._arguments = tool, dict(arguments or {})

    def progress(self, tool: str, done: float, total: float | None, text: str) -> None:
        """Shown to whoever watches; not kept."""
        data: dict[str, Json] = {"tool": tool, "done": done, "total": total, "text": text}
        self._kernel.journal.publish(Event(0, self._pid, time.time(), "syscall.progress", data))

    def roots(self) -> Sequence[Path]:
        """Where this very call may work."""
        return self._roots

    def folders(self, driver: str) -> Folders:
        """What the app's manifest and people grant to tools whose resource is a path."""
        settings = self._kernel.drivers.manifests[driver].tools
        app = self._app
        looks = self._tool is None or self._tool.read_only
        read: list[Path] = [*self._roots] if looks else []
        write: list[Path] = [] if looks else [*self._roots]
        for grant in (*app.capabilities.tools, *app.capabilities.ask, *self._granted):
            name, _, pattern = grant.partition(":")
            tool = settings.get(name.removeprefix(f"{driver}.")) if name.startswith(f"{driver}.") else None
            if tool and tool.kind == "path" and pattern and (folder := folder_of(pattern)):
                (read if tool.read_only else write).append(folder)
        return folders(read, write)

    def told(self, driver: str) -> dict[str, Json]:
        """The app, the process, what it may do with this driver at any time, and what this one call was allowed."""
        app = self._app
        grants = [*app.capabilities.tools, *self._granted]
        return {
            "llmos/app": app.name,
            "llmos/process": str(self._pid),
            "llmos/grants": [grant for grant in grants if grant.startswith(f"{driver}.")],
            "llmos/grant": grant_of(self._tool, self._arguments) if self._tool else "",
        }

    @cached_property
    def _app(self) -> App:
        """Read from its folder once a call, and only for drivers that must know."""
        return self._whose or self._kernel.find_app(self._kernel.process(self._pid).app)

    @cached_property
    def _roots(self) -> Sequence[Path]:
        if self._tool is None or self._tool.resource is None:
            return ()
        roots = roots_of(self._app, self._tool, self._arguments, self._granted)
        if not self._tool.read_only:
            make_missing(roots, self._tool.resource, self._arguments)
        return roots

    async def choose(self, tool: str, text: str, choices: Sequence[str]) -> str:
        """A driver's question is one more question of the process; no answer to it grants anything."""
        told = f"{tool} asks: {text}"
        asked = self._kernel.questions.ask(self._pid, "driver", tool, {}, "", told, choices)

        def chosen() -> str | None:
            answer = self._kernel.journal.last(self._pid, ("question.answered",))
            return str(answer.data["choice"]) if answer and answer.data["question"] == asked.seq else None

        return await self._kernel.until(self._pid, chosen)

    async def sample(self, request: ChatRequest) -> str:
        if any(message.images for message in request.messages):
            info = await self._kernel.engine_info(self._pid)
            if "image" not in info.modalities:
                return ""
        return await self._kernel.think(self._pid, request, Priority.BACKGROUND, purpose="sampling")


class Person(Silence):
    """Who calls a tool by hand: no app's grants apply, and files are reached in the folders that are named."""

    def __init__(self, tool: ToolInfo, named: Sequence[str]) -> None:
        """Raises Denied for a folder that nobody may name."""
        self._tool = tool
        self._named = [_granted(folder) for folder in named]

    def roots(self) -> Sequence[Path]:
        return self._named

    def folders(self, driver: str) -> Folders:
        return folders(self._named, []) if self._tool.read_only else folders([], self._named)


def _granted(named: str) -> Path:
    folder = folder_of(named)
    if folder is None:
        raise Denied(f"{named} cannot be granted as a whole, as it holds keys and settings; name a folder below it.")
    return folder


async def call_by_hand(kernel: Kernel, name: str, arguments: dict[str, Json], named: Sequence[str]) -> ToolResult:
    """The user's own call of a tool, with the folders he names for it. Raises Denied, and as DriverHost.run does."""
    tool = await kernel.drivers.listed(name)
    return await kernel.drivers.run(name, placed(tool.resource, arguments, named), Person(tool, named))


async def look_up(kernel: Kernel, pid: int, app: App, tool_name: str, arguments: dict[str, Json]) -> Json:
    """What a tool says that changes nothing, to an app that was granted it; nobody is asked.

    Raises Denied for any other, and as DriverHost.call does.
    """
    tool = await kernel.drivers.tool(tool_name, ProcessCaller(kernel, pid, app=app))
    if not tool.read_only:
        raise Denied(f"{tool.name} may change something, so it cannot be looked up.")
    if decide(app, tool, arguments) is not Verdict.ALLOWED:
        raise Denied(f"{tool.name} would ask a person, so it cannot be looked up; grant it under [capabilities] tools.")
    return await kernel.drivers.call(tool_name, arguments, ProcessCaller(kernel, pid, tool, arguments, app=app))


async def call_driver(
    kernel: Kernel,
    pid: int,
    tool: ToolInfo,
    arguments: dict[str, Json],
    pictures: Sequence[Attachment],
    recordings: Sequence[Attachment] = (),
    granted: Sequence[str] = (),
) -> ToolResult:
    """Call a driver; a picture or a recording that is named by its number goes along as its bytes.

    `granted` is what people allowed the process beyond its manifest, for drivers that guard what a call leads to.
    """
    held = {"picture": pictures, "recording": recordings}
    named = {name: held[ATTACHED[name]][arguments[name] - 1].data_url() for name in attached(tool) & {*arguments}}
    caller = ProcessCaller(kernel, pid, tool, arguments, granted)
    return await kernel.drivers.run(tool.name, {**arguments, **named}, caller)
