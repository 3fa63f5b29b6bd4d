"""A process, as its events tell it. Nothing about a process is remembered anywhere else."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from llmos.contracts import Event, Json


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
class Process:
    """`tokens` were generated in `steps` calls of the engine; `result` is what the process answered."""

    pid: int
    app: str
    kind: str
    state: State
    spawned_at: float
    steps: int = 0
    tokens: int = 0
    result: Json = None
    error: str = ""


_STATES = {
    "engine.request": State.RUNNING,
    "engine.answer": State.RUNNING,
    "syscall.intent": State.WAITING,
    "syscall.result": State.RUNNING,
    "process.idle": State.READY,
    "process.done": State.DONE,
    "process.failed": State.FAILED,
    "process.killed": State.KILLED,
}


def fold(events: Iterable[Event]) -> dict[int, Process]:
    """Rebuild every process from the journal, in order of pid."""
    processes: dict[int, Process] = {}
    for event in events:
        if event.kind == "process.spawned":
            processes[event.pid] = Process(event.pid, event.data["app"], event.data["kind"], State.READY, event.at)
        elif event.pid in processes:
            processes[event.pid] = advance(processes[event.pid], event)
    return processes


def advance(process: Process, event: Event) -> Process:
    """The process after one more event."""
    process = replace(process, state=_STATES.get(event.kind, process.state))
    if process.kind == "backend" and event.kind == "engine.answer":
        process = replace(process, state=State.READY)  # for the next request
    if event.kind == "engine.answer":
        return replace(process, steps=process.steps + 1, tokens=process.tokens + event.data["tokens"])
    if event.kind == "process.done":
        return replace(process, result=event.data["result"])
    if event.kind == "process.failed":
        return replace(process, error=event.data["error"])
    return process
