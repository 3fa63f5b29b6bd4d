"""The tools that one process is offered: chosen for each message, and with a tool that has worked, those it opens up.

What is offered is an event, with the words it is told in, so that the next kernel tells the same; it stands with the
message or the result it follows, so that all that was said before stays as it was and the engine's prefix cache is hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from llmos.contracts import Json, ToolInfo
from llmos.errors import DriverUnavailable
from llmos.kernel.app import App
from llmos.kernel.calling import ProcessCaller
from llmos.kernel.capabilities import tool_names
from llmos.kernel.choosing import choose, tasks_of_tools
from llmos.kernel.conversation import Conversation
from llmos.kernel.services.table import TABLE
from llmos.kernel.syscalls import offer, offer_more
from llmos.kernel.tasks import Asked, Brought, Task, asked, load_tasks

if TYPE_CHECKING:
    from llmos.kernel.kernel import Kernel


async def listed_tool(kernel: Kernel, name: str, pid: int) -> ToolInfo:
    """A tool of the kernel's own, or of a driver as it was when that last ran. Raises Denied when there is none."""
    if name in TABLE:
        return TABLE[name].tool
    return await kernel.drivers.listed(name, ProcessCaller(kernel, pid))


async def offer_tools(kernel: Kernel, pid: int, app: App, conversation: Conversation) -> None:
    """Journal what is on offer from here on, where a message or a result has changed that."""
    if conversation.unchosen:
        tasks = load_tasks(app.folder)
        usable = [task for task in tasks if _is_usable(kernel, app, task.tools, conversation)]
        spoken = {tool for task in tasks for tool in task.tools}
        unspoken = [name for name in tool_names(app) if name not in spoken]
        silent = [name for name in unspoken if _is_usable(kernel, app, [name], conversation)]
        usable += tasks_of_tools([await listed_tool(kernel, name, pid) for name in silent])
        limit, used = app.capabilities.choose, conversation.ever_worked
        choice = await choose(_asked(conversation), usable, kernel.likeness, limit, used)
        await _record(kernel, pid, choice.tools, choice.tasks, choice.facts())
        return
    for worked in sorted(conversation.worked):
        opened = [name for name in tool_names(app) if worked in _after(kernel, name)]
        if new := [name for name in opened if name not in conversation.offered]:
            telling = [task for task in load_tasks(app.folder) if {*task.tools} & {*new}]
            await _record(kernel, pid, new, telling, {"by": f"after {worked}"}, opened=True)
            return


async def _record(
    kernel: Kernel,
    pid: int,
    names: Sequence[str],
    tasks: Sequence[Task],
    facts: dict[str, Json],
    *,
    opened: bool = False,
) -> None:
    """A tool whose driver does not start is left out, and the event says why."""
    tools, missing = [], {}
    for name in names:
        try:
            tools.append(await listed_tool(kernel, name, pid))
        except DriverUnavailable as error:
            missing[name] = str(error)
    told = [task.told for task in tasks if task.told and not {*task.tools} & {*missing}]
    tell = offer_more if opened else offer
    note = tell(tools, told) if tools else ""
    first, remind = bool(tools) and any(task.first for task in tasks), any(task.remind for task in tasks)
    said = {"tools": [tool.name for tool in tools], "note": note, "first": first, "remind": remind, **facts}
    kernel.record(pid, "tools.offered", said | ({"missing": missing} if missing else {}))


def _is_usable(kernel: Kernel, app: App, tools: Iterable[str], conversation: Conversation) -> bool:
    """Whether the app may call all of these, and what each needs to have worked before has."""
    granted = tool_names(app)
    needed = [_after(kernel, name) for name in tools]
    return all(name in granted for name in tools) and all(
        not names or names & conversation.ever_worked for names in needed
    )


def _after(kernel: Kernel, name: str) -> frozenset[str]:
    """The tools of which one must have worked before this one is of use."""
    driver, _, tool = name.partition(".")
    manifest = kernel.drivers.manifests.get(driver)
    settings = manifest.tools.get(tool) if manifest else None
    return frozenset(f"{driver}.{other}" for other in settings.after) if settings else frozenset()


def _asked(conversation: Conversation) -> Asked:
    """The newest message, and what came with it and before it."""
    entry = next(entry for entry in reversed(conversation.entries) if entry.source in ("user", conversation.parent))
    pictures: list[Brought] = ["picture"] if conversation.pictures else []
    recordings: list[Brought] = ["recording"] if conversation.recordings else []
    before = frozenset([*pictures, *recordings])
    return asked(entry.text, before, picture=bool(entry.pictures), recording=entry.recordings > 0)
