"""One line under a conversation: what its process does now, for how long, and how to stop it."""

from __future__ import annotations

import time

from textual.content import Content
from textual.widgets import Static

from llmos.shell.conversation.record import Doing, Record
from llmos.shell.text import one_line

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Status(Static):
    DEFAULT_CSS = """
    Status { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, record: Record) -> None:
        super().__init__()
        self._record = record
        self._since = time.monotonic()
        self._shown: Doing | None = None
        self._num_pieces = 0
        self.waiting_for = ""

    def on_mount(self) -> None:
        self._timer = self.set_interval(0.5, self.tell, pause=True)
        self.tell()

    def piece(self) -> None:
        """A piece of text has come; they are close to tokens."""
        self._num_pieces += 1

    def tell(self) -> None:
        doing = self._record.doing
        if doing is not self._shown:
            if doing is not Doing.WRITING:
                self._since = time.monotonic()
            self._shown, self._num_pieces = doing, 0
            self._began = time.monotonic()
        busy = self._record.busy or bool(self.waiting_for)
        self._timer.resume() if busy else self._timer.pause()
        self.update(self._busy() if busy else self._idle(), layout=False)

    def _busy(self) -> Content:
        doing, seconds = self._record.doing, time.monotonic() - self._since
        what = f"{doing} {one_line(self._record.tool, 30)}" if doing is Doing.CALLING else str(doing)
        parts = [self.waiting_for or what, f"{seconds:.0f} s"]
        if doing is Doing.WRITING and self._num_pieces > 3:
            parts.append(f"{self._num_pieces / max(0.1, time.monotonic() - self._began):.0f} tokens/s")
        mark = SPINNER[int(time.monotonic() * 4) % len(SPINNER)]
        if doing is Doing.ASKING:
            parts.append("tab answers it")
        elif self._record.can_stop or self.waiting_for:
            parts.append("esc stops it")
        return Content(f"{mark} {' · '.join(parts)}")

    def _idle(self) -> Content:
        answer = self._record.last_answer()
        if answer is None or not answer.done or not answer.tokens or not answer.seconds:
            return Content("")
        speed = answer.tokens / answer.seconds
        told = f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}"
        return Content(f"{answer.tokens} tokens in {answer.seconds:.1f} s, {told} a second")
