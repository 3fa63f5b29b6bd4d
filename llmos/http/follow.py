"""Watch a process from a terminal: its streamed text and what it does, or JSON events for programs."""

import json
import sys
from collections.abc import Callable
from typing import TextIO

from llmos.contracts import Json
from llmos.errors import LlmosError
from llmos.http.client import KernelClient
from llmos.http.narrate import one_line

Decide = Callable[[Json], str | None]


def follow(
    kernel: KernelClient, pid: int, as_json: bool, out: TextIO | None = None, decide: Decide | None = None
) -> Json:
    """Stream a process until it ends and return its result. Raises LlmosError when it failed.

    `decide` is asked what the process asks a person; where it has no answer, another shell may give one.
    """
    out = out or sys.stdout
    answer = StreamedAnswer(out)
    for event in kernel.events(pid):
        if as_json:
            print(json.dumps(event, ensure_ascii=False), file=out, flush=True)  # noqa: T201
        elif event["kind"] == "engine.delta" and event["data"].get("purpose", "step") == "step":
            answer.add(event["data"]["text"])
        elif event["kind"] == "syscall.progress":
            show_progress(event["data"])
        elif event["kind"] in ("syscall.intent", "engine.request", "engine.retry"):
            answer.restart()
        if event["kind"] == "question.asked" and decide is not None:
            answer.restart()
            if choice := decide(event):
                kernel.post(f"/questions/{event['seq']}", {"choice": choice})
        result = outcome(event)
        if result is not None:
            if not as_json:
                answer.end(result)
                show_doubts(result)
            return result
    raise LlmosError(f"The kernel ended before process {pid} did; `llmos up`, then `llmos log {pid}`.")


def outcome(event: Json) -> Json | None:
    """The result in a process's last event. Raises LlmosError when the process failed or was killed."""
    if event["kind"] == "process.failed":
        raise LlmosError(event["data"]["error"])
    if event["kind"] == "process.killed":
        raise LlmosError(f"Process {event['pid']} was killed.")
    return event["data"]["result"] if event["kind"] == "process.done" else None


def show_progress(data: Json) -> None:
    """How far a long call is, on one line of a terminal that is written over each time."""
    if sys.stderr.isatty():
        of = f" of {data['total']:.0f}" if data["total"] else ""
        print(f"\r\x1b[K{data['tool']}: {data['done']:.0f}{of}\r", end="", file=sys.stderr, flush=True)  # noqa: T201


def show_doubts(result: Json) -> None:
    """What was guessed, for a person to correct; a program is not told."""
    if sys.stderr.isatty():
        for doubt in result.get("doubts", ()):
            print(one_line(doubt, 400), file=sys.stderr)  # noqa: T201


class StreamedAnswer:
    """Prints an answer as it grows. A call of a tool is not an answer and is not shown."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._text = ""
        self._shown = 0

    def add(self, text: str) -> None:
        self._text += text
        if not self._text.startswith("{"):
            self._out.write(self._text[self._shown :])
            self._out.flush()
            self._shown = len(self._text)

    def restart(self) -> None:
        if self._shown:
            self._out.write("\n")
        self._text, self._shown = "", 0

    def end(self, result: Json) -> None:
        if not self._shown:
            self._out.write(result["text"] if "text" in result else json.dumps(result, ensure_ascii=False))
        self._out.write("\n")
