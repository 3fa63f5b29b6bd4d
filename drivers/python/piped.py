"""A program in the sandbox and the pipes to it, read within limits of time and size."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandlock import Process

IsAnswer = Callable[[bytes], bool]
GivenUp = Callable[[], bool]
Excess = Callable[[], str]
RUN_SECONDS = float(os.environ.get("LLMOS_RUN_SECONDS", "20"))
GRACE_SECONDS = 2.0
LOOK_SECONDS = 0.1  # how often a call is looked after
KEPT_BYTES = 64 * 2**10
MAX_PRINTED_BYTES = 16 * 2**20
MAX_ANSWER_BYTES = 24 * 2**20
READ_BYTES = 2**16
TOO_SLOW = f"It took longer than {RUN_SECONDS:.0f} s."
TOO_LOUD = f"It printed more than {MAX_PRINTED_BYTES // 2**20} MB."


@dataclass
class Printed:
    """What was written: its beginning and its end, and how much it was."""

    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    num_bytes: int = 0

    def take(self, data: bytes) -> None:
        self.num_bytes += len(data)
        room = KEPT_BYTES - len(self.head)
        self.head += data[:room]
        self.tail = (self.tail + data[max(0, room) :])[-KEPT_BYTES:]

    def text(self, max_chars: int) -> str:
        whole = (self.head + self.tail).decode("utf-8", "replace")
        if self.num_bytes <= 2 * KEPT_BYTES and len(whole) <= max_chars:
            return whole
        head, tail = whole[: max_chars * 2 // 3], whole[-(max_chars // 3) :]
        return f"{head}\n[... about {self.num_bytes - max_chars} characters are left out here ...]\n{tail}"


class Piped:
    """A program whose standard output is what it prints, and whose standard error is its answers, one a line."""

    def __init__(self, process: Process) -> None:
        assert process.pid is not None and process.stdin and process.stdout and process.stderr
        self.pid = process.pid
        self._process = process
        self._printing, self._answering = process.stdout.fileno(), process.stderr.fileno()
        self._ending = os.pidfd_open(self.pid)  # a pipe may be held open by what the program has started
        self._asking = process.stdin.fileno()
        os.set_blocking(self._asking, False)
        self._open = {self._printing, self._answering}

    def ask(self, line: bytes) -> bool:
        """False when it does not listen."""
        with suppress(OSError):
            while line and select.select([], [self._asking], [], GRACE_SECONDS)[1]:
                line = line[os.write(self._asking, line) :]
            return not line
        return False

    def signal(self, number: signal.Signals) -> None:
        with suppress(OSError):
            os.kill(self.pid, number)

    def follow(self, printed: Printed, is_answer: IsAnswer, given_up: GivenUp, excess: Excess) -> tuple[bytes, str]:
        """The answer, and why there was an end: it came, the program ended, or there was too much of something.

        At the end of its time it is interrupted, and may answer still.
        """
        said = bytearray()
        due = time.monotonic() + RUN_SECONDS
        interrupted = False
        while True:
            ended = self._read(printed, said, LOOK_SECONDS)
            if answer := _first(said, is_answer):
                self._drain(printed)
                return answer, TOO_SLOW if interrupted else ""
            too_much = TOO_LOUD if printed.num_bytes > MAX_PRINTED_BYTES or len(said) > MAX_ANSWER_BYTES else excess()
            if ended or too_much:
                return b"", TOO_SLOW if interrupted and not too_much else too_much
            if time.monotonic() > due or given_up():
                if interrupted:
                    return b"", TOO_SLOW
                self.signal(signal.SIGINT)
                interrupted, due = True, time.monotonic() + GRACE_SECONDS

    def end(self) -> int:
        """End it and all of its group; its exit code, below zero when it was ended by something else than itself."""
        self._process.kill()
        ended = self._process.wait(timeout=10)
        for stream in (self._process.stdout, self._process.stderr):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        os.close(self._ending)
        return int(ended.exit_code)

    def _read(self, printed: Printed, answer: bytearray, seconds: float) -> bool:
        """Take in what there is within some seconds; whether the program has ended and said all."""
        ready, _, _ = select.select([*self._open, self._ending], [], [], seconds)
        for stream in ready:
            if stream == self._ending:
                continue
            data = os.read(stream, READ_BYTES)
            if not data:
                self._open.discard(stream)
            elif stream == self._printing:
                printed.take(data)
            else:
                answer += data
        return ready == [self._ending]

    def _drain(self, printed: Printed) -> None:
        """What was printed before the answer came, which is in the pipe by now."""
        for _ in range(MAX_PRINTED_BYTES // READ_BYTES):
            if not select.select([self._printing], [], [], 0)[0]:
                return
            data = os.read(self._printing, READ_BYTES)
            if not data:
                return
            printed.take(data)


def _first(said: bytearray, is_answer: Callable[[bytes], bool]) -> bytes:
    """The first whole line that is the answer; lines that are none are taken away."""
    while b"\n" in said:
        line, _, rest = bytes(said).partition(b"\n")
        said[:] = rest
        if is_answer(line):
            return line
    return b""
