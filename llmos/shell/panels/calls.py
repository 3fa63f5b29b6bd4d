"""Syscalls as the journal tells them: each intent with its progress and its result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from llmos.contracts import Json

MAX_CALLS = 500
KINDS = ("syscall.intent", "syscall.result")


@dataclass(frozen=True)
class SysCall:
    """`seq` is its first event, `blob` names a result too long for the journal. Times are seconds since 1970."""

    seq: int
    pid: int
    tool: str
    at: float
    by: str = "model"
    arguments: Json = None
    ended_at: float | None = None
    result: Json = None
    blob: str = ""
    chars: int = 0
    error: str = ""
    source: str = ""
    progress: str = ""

    @property
    def seconds(self) -> float | None:
        return None if self.ended_at is None else self.ended_at - self.at


class Calls:
    """The newest calls, oldest first. An event that was taken before is not taken again."""

    def __init__(self) -> None:
        self._calls: dict[int, SysCall] = {}
        self._under_way: dict[int, int] = {}
        self._last_seq = 0

    def __iter__(self) -> Iterator[SysCall]:
        return iter([*self._calls.values()])

    def __len__(self) -> int:
        return len(self._calls)

    def get(self, seq: int) -> SysCall:
        return self._calls[seq]

    def add(self, event: Json) -> bool:
        """Whether the event was about a call."""
        kind, seq = event["kind"], event["seq"]
        if kind == "syscall.progress":
            return self._progressed(event)
        if kind in ("process.done", "process.failed", "process.killed", "process.answered"):
            return self._dropped(event["pid"], kind)
        if kind not in KINDS or seq <= self._last_seq:
            return False
        self._last_seq = seq
        if kind == "syscall.intent":
            self._begun(event)
        else:
            self._ended(event)
        while len(self._calls) > MAX_CALLS:
            del self._calls[next(iter(self._calls))]
        return True

    def _begun(self, event: Json) -> None:
        data, seq = event["data"], event["seq"]
        call = SysCall(seq, event["pid"], data["tool"], event["at"], data.get("by", "model"), data["arguments"])
        self._calls[seq] = call
        self._under_way[event["pid"]] = seq

    def _ended(self, event: Json) -> None:
        data, pid = event["data"], event["pid"]
        begun = self._calls.get(self._under_way.pop(pid, 0))
        if begun is None or begun.tool != data["tool"]:  # refused before it began, or begun long ago
            begun = SysCall(event["seq"], pid, data["tool"], event["at"], data.get("by", "model"))
        self._calls[begun.seq] = replace(
            begun,
            ended_at=event["at"],
            result=data.get("result"),
            blob=data.get("blob", ""),
            chars=data.get("chars", 0),
            error=data.get("error", ""),
            source=data.get("source", ""),
            progress="",
        )

    def _progressed(self, event: Json) -> bool:
        call = self._calls.get(self._under_way.get(event["pid"], 0))
        if call is None:
            return False
        data = event["data"]
        of = f" of {data['total']:g}" if data.get("total") else ""
        self._calls[call.seq] = replace(call, progress=f"{data['done']:g}{of} {data.get('text', '')}".strip())
        return True

    def _dropped(self, pid: int, kind: str) -> bool:
        """A process that ended or was interrupted waits for its call no more."""
        call = self._calls.get(self._under_way.pop(pid, 0))
        if call is not None:
            self._calls[call.seq] = replace(call, error=f"no result: {kind.removeprefix('process.')} meanwhile")
        return call is not None
