"""The processes: who is alive, what each does, how fast it writes, what it takes of its window and what it has cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content

from llmos.contracts import Json
from llmos.shell.conversation.arguments import result_shown, result_text
from llmos.shell.link import Link
from llmos.shell.panels.figures import Told, bar, cell, clock, count, exact, figure, headed, parts, seconds
from llmos.shell.panels.messages import OpenProcess
from llmos.shell.panels.panel import Panel
from llmos.shell.panels.rows import Column, Row, Rows
from llmos.shell.text import clean, one_line

ENDED = 20  # processes that ended are listed, the newest ones
MARKS = {"ready": "○", "running": "●", "waiting": "◌", "done": "✓", "failed": "✗", "killed": "■"}
FINAL = ("done", "failed", "killed")


class ProcessesPanel(Panel):
    title = "Processes"
    key = "processes"
    empty = "No process yet. Say something at the prompt, or start an app: its process will be here."
    columns = (
        Column("pid", 4, at_right=True),
        Column("app"),
        Column("state", 9, below_width=60),
        Column("state", 19, 60),
        Column("tok/s", 6, 40, at_right=True),
        Column("context", 13, 60),
        Column("tokens", 7, 70, at_right=True),
        Column("time", 11, 90, at_right=True),
    )
    concerns = ("process.", "engine.", "syscall.", "question.", "message.")
    refresh_seconds = 0.5
    opens = "Open"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i", "interrupt", "Interrupt"),
        Binding("k", "kill", "Kill"),
    ]

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._processes: dict[str, dict[str, Json]] = {}

    def begin_at(self, app: str, pid: int | None) -> ProcessesPanel:
        self._begin = str(pid) if pid else None
        return self

    async def load(self) -> Sequence[Row]:
        listed = await self.link.get("/processes", last=ENDED, with_usage=True)
        self._processes = {str(process["pid"]): process for process in listed}
        alive = sum(process["state"] not in FINAL for process in listed)
        self.border_subtitle = f"{alive} alive"
        return [_row(process, indent) for process, indent in in_order(listed)]

    async def detail(self, key: str) -> Told:
        return about(self._processes[key])

    @property
    def chosen(self) -> dict[str, Json] | None:
        key = self.rows.key
        return self._processes.get(key) if key else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("kill", "interrupt"):
            process = self.chosen
            return process is not None and process["state"] not in FINAL
        return True

    @on(Rows.Opened)
    def _open(self, event: Rows.Opened) -> None:
        event.stop()
        self.post_message(OpenProcess(int(event.key)))

    @work(group="act")
    async def action_kill(self) -> None:
        process = self.chosen
        if process is None:
            return
        pid, children = process["pid"], [p["pid"] for p in self._processes.values() if p["parent"] == process["pid"]]
        body = Content(in_words(process))
        if children:
            body = parts(body, f"Its children end as well: {', '.join(map(str, children))}.")
        if await self.confirmed(f"End process {pid} now?", body, "end it"):
            async with self.telling():
                await self.link.delete(f"/processes/{pid}")
            await self.reload()

    @work(group="act")
    async def action_interrupt(self) -> None:
        process = self.chosen
        if process is None:
            return
        pid = process["pid"]
        question = f"Process {pid} is no session: to interrupt it is to end it. End it?"
        if process["session"] or await self.confirmed(question, Content(in_words(process)), "end it"):
            async with self.telling():
                await self.link.post(f"/processes/{pid}/interrupt", {})
            await self.reload()


def in_order(processes: Sequence[dict[str, Json]]) -> Iterator[tuple[dict[str, Json], str]]:
    """Each process with the branches before its name: the living first, children below their parents."""
    pids = {process["pid"] for process in processes}
    children: dict[int | None, list[dict[str, Json]]] = {}
    for process in sorted(processes, key=_age):
        children.setdefault(process["parent"] if process["parent"] in pids else None, []).append(process)

    def below(pid: int | None, stem: str) -> Iterator[tuple[dict[str, Json], str]]:
        listed = children.get(pid, [])
        for number, process in enumerate(listed):
            last = number == len(listed) - 1
            yield process, "" if pid is None else f"{stem}{'└' if last else '├'} "
            yield from below(process["pid"], "" if pid is None else f"{stem}{' ' if last else '│'} ")

    return below(None, "")


def _age(process: dict[str, Json]) -> tuple[bool, int]:
    """The living by pid, then those that ended, the newest first."""
    ended = process["state"] in FINAL
    return ended, -process["pid"] if ended else process["pid"]


def state_of(process: dict[str, Json]) -> str:
    waiting = process["waiting_on"]
    return f"{process['state']} ({waiting})" if waiting else str(process["state"])


def _row(process: dict[str, Json], indent: str) -> Row:
    usage, state = process["usage"], process["state"]
    style = "dim" if state in FINAL else ""
    speed = usage["tokens_per_second"] if state not in FINAL else 0
    return Row(
        str(process["pid"]),
        (
            figure(str(process["pid"]), style),
            cell(f"{indent}{process['app']}", style),
            cell(f"{MARKS.get(state, '?')} {state}", style),
            cell(f"{MARKS.get(state, '?')} {state_of(process)}", style),
            figure(f"{speed:.1f}" if speed else "", "bold" if usage["writing_tokens"] else style),
            figure(bar(usage["context_tokens"], usage["window_tokens"]), style),
            figure(count(process["tokens"] + usage["writing_tokens"]), style),
            figure(seconds(process["seconds"]), style),
        ),
    )


def in_words(process: dict[str, Json]) -> str:
    """A process in one line."""
    return f"{one_line(process['app'], 60)}, {state_of(process)}, since {clock(process['spawned_at'])}"


def about(process: dict[str, Json]) -> Told:
    """All that is known of a process, in words and figures."""
    usage = process["usage"]
    kind = f"{process['kind']}, session" if process["session"] else process["kind"]
    by = f" by process {process['parent']}" if process["parent"] else ""
    told = [
        ("process", f"{process['pid']}  {one_line(process['app'], 60)} ({kind})"),
        ("state", f"{MARKS.get(process['state'], '?')} {state_of(process)}"),
        ("started", f"{clock(process['spawned_at'])}{by}"),
        ("model", one_line(process["model"], 60)),
        ("speed", _speed(usage)),
        ("context", _context(usage)),
        ("budget", _budget(usage)),
        ("cost", _cost(process)),
    ]
    error = Content(clean(process["error"])) if process["error"] else ""
    result = "" if process["result"] is None else result_shown(result_text(process["result"]))
    return Told(told, parts(headed("Error", error), headed("Answered last", result)))


def _speed(usage: Json) -> str:
    speed, when = usage["tokens_per_second"], "now" if usage["writing_tokens"] else "in its last call"
    return f"{speed:.1f} tokens a second {when}" if speed else ""


def _context(usage: Json) -> str:
    used, window = usage["context_tokens"], usage["window_tokens"]
    if not used:
        return ""
    return f"{bar(used, window)}  {exact(used)} of {exact(window)} tokens" if window else f"{exact(used)} tokens"


def _budget(usage: Json) -> str:
    spent, budget = usage["spent"], usage["budget"]
    if budget is None:
        return ""
    names = (("steps", "steps"), ("tokens", "tokens"), ("syscalls", "calls"))
    return ", ".join(f"{exact(spent[name])} of {exact(budget[name])} {word}" for name, word in names)


def _cost(process: dict[str, Json]) -> str:
    wrote = process["tokens"] + process["usage"]["writing_tokens"]
    known = f" ({exact(process['cached_tokens'])} of them known already)" if process["cached_tokens"] else ""
    read, took = exact(process["prompt_tokens"]), seconds(process["seconds"])
    return f"{exact(wrote)} tokens written, {read} read{known}, {took}, calls of tools: {process['syscalls']}"
