"""A process, as its events tell it. Nothing about a process is remembered anywhere else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from llmos.contracts import Event, Json
from llmos.kernel.scheduler import Priority

ASIDE = ("compact", "notes", "sampling")  # purposes of calls that do not show the process's own context


class State(StrEnum):
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    KILLED = "killed"

    @property
    def final(self) -> bool:
        return self in (State.DONE, State.FAILED, State.KILLED)


@dataclass(frozen=True)
class Spent:
    """What of an app's budget is spent."""

    steps: int = 0
    tokens: int = 0
    syscalls: int = 0


@dataclass(frozen=True)
class Process:
    """`waiting_on` is driver, person, timer, process or message; `result` is what it answered last.

    `steps` calls of the engine generated `tokens`; `syscalls` were made; `seconds` were spent in both. A `session`
    stays for the next message when it has answered. `model` is what its app asks for; empty is the system's own.
    `priority` is a scheduler.Priority. `prompt_tokens` were shown to the engine, of which it knew `cached_tokens`;
    `context_tokens` is what the last call took of the window, `tokens_per_second` how fast it wrote. `answer` is what
    the answer under way has cost, or the last one.
    """

    pid: int
    app: str
    kind: str
    state: State
    spawned_at: float
    model: str = ""
    parent: int | None = None
    session: bool = False
    priority: int = Priority.INTERACTIVE
    waiting_on: str = ""
    steps: int = 0
    tokens: int = 0
    syscalls: int = 0
    seconds: float = 0.0
    result: Json = None
    error: str = ""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    context_tokens: int = 0
    tokens_per_second: float = 0.0
    answer: Spent = Spent()


def spawned(event: Event) -> Process:
    """The process that a `process.spawned` event begins."""
    data = event.data
    return Process(
        event.pid,
        data["app"],
        data["kind"],
        State.READY,
        event.at,
        model=data.get("model", ""),
        parent=data.get("parent"),
        session=data.get("session", False),
        priority=data.get("priority", Priority.INTERACTIVE),
    )


def fold(events: Iterable[Event]) -> dict[int, Process]:
    """Rebuild every process from the journal, in order of pid."""
    processes: dict[int, Process] = {}
    for event in events:
        if event.kind == "process.spawned":
            processes[event.pid] = spawned(event)
        elif event.pid in processes:
            processes[event.pid] = advance(processes[event.pid], event)
    return processes


def advance(process: Process, event: Event) -> Process:
    """The process after one more event."""
    change = _CHANGES.get(event.kind)
    return change(process, event.data) if change else process


Change = Callable[[Process, dict[str, Json]], Process]


def _becomes(state: State) -> Change:
    return lambda process, data: replace(process, state=state, waiting_on="")


def _waits(on: str) -> Change:
    return lambda process, data: replace(process, state=State.WAITING, waiting_on=on)


def _told(process: Process, data: dict[str, Json]) -> Process:
    """A message to one that listens begins an answer with a budget of its own; any other joins the one under way."""
    if process.waiting_on != "message":
        return process
    return replace(process, state=State.READY, waiting_on="", answer=Spent())


def _thought(process: Process, data: dict[str, Json]) -> Process:
    tokens, seconds, answer = data["tokens"], data.get("seconds", 0), process.answer
    prompt_tokens, purpose = data.get("prompt_tokens", 0), data.get("purpose", "step")
    return replace(
        process,
        state=State.READY if process.kind in ("backend", "service") else State.RUNNING,  # for the next request
        waiting_on="",
        steps=process.steps + 1,
        tokens=process.tokens + tokens,
        seconds=process.seconds + seconds,
        prompt_tokens=process.prompt_tokens + prompt_tokens,
        cached_tokens=process.cached_tokens + data.get("cached_tokens", 0),
        context_tokens=process.context_tokens if purpose in ASIDE else prompt_tokens + tokens,
        tokens_per_second=round(tokens / seconds, 2) if seconds else 0.0,
        answer=replace(answer, steps=answer.steps + (purpose == "step"), tokens=answer.tokens + tokens),
    )


def _called(process: Process, data: dict[str, Json]) -> Process:
    by_model = data.get("by", "model") == "model"
    answer = replace(process.answer, syscalls=process.answer.syscalls + by_model)
    waiting_on = data.get("waiting_on", "driver")
    return replace(process, state=State.WAITING, waiting_on=waiting_on, syscalls=process.syscalls + 1, answer=answer)


def _served(process: Process, data: dict[str, Json]) -> Process:
    """A child's tokens are its parent's too: work that is handed on is not free."""
    tokens, answer = data.get("tokens", 0), process.answer
    return replace(
        process,
        state=State.RUNNING,
        waiting_on="",
        tokens=process.tokens + tokens,
        seconds=process.seconds + data.get("seconds", 0),
        answer=replace(answer, tokens=answer.tokens + tokens),
    )


def _answered(process: Process, data: dict[str, Json]) -> Process:
    error = data.get("error", "")
    return replace(
        process, state=State.WAITING, waiting_on="message", result=data.get("result", process.result), error=error
    )


def _done(process: Process, data: dict[str, Json]) -> Process:
    return replace(process, state=State.DONE, waiting_on="", result=data["result"])


def _failed(process: Process, data: dict[str, Json]) -> Process:
    return replace(process, state=State.FAILED, waiting_on="", error=data["error"])


_CHANGES: dict[str, Change] = {
    "message.user": _told,
    "engine.request": _becomes(State.RUNNING),
    "engine.answer": _thought,
    "syscall.intent": _called,
    "syscall.result": _served,
    "question.asked": _waits("person"),
    "question.answered": _becomes(State.RUNNING),
    "process.idle": _becomes(State.READY),
    "process.answered": _answered,
    "process.rewound": _waits("message"),
    "process.done": _done,
    "process.failed": _failed,
    "process.killed": _becomes(State.KILLED),
}
