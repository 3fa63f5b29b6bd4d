"""What panels ask of the shell they lie in."""

from __future__ import annotations

from textual.message import Message


class OpenProcess(Message):
    """Show this process's conversation."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.pid = pid


class OpenEvent(Message):
    """Show this process's conversation at one of its events."""

    def __init__(self, pid: int, seq: int) -> None:
        super().__init__()
        self.pid, self.seq = pid, seq
