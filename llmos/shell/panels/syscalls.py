"""The syscalls of all processes as they happen: what was called, with what, what came of it and how long it took."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.content import Content

from llmos.contracts import Json
from llmos.shell.conversation.arguments import in_short, result_shown, result_text
from llmos.shell.link import Link
from llmos.shell.panels.calls import KINDS, MAX_CALLS, Calls, SysCall
from llmos.shell.panels.figures import NOTHING, Told, cell, clock, figure, headed, parts, seconds, short_clock
from llmos.shell.panels.messages import OpenEvent
from llmos.shell.panels.panel import Panel
from llmos.shell.panels.rows import Column, Row, Rows
from llmos.shell.text import clean, one_line


class SyscallsPanel(Panel):
    title = "Syscalls"
    key = "syscalls"
    empty = "No syscall yet. When a process calls a tool, the call will be here: its arguments, its result, its time."
    columns = (
        Column("", 1),
        Column("time", 8, 56),
        Column("pid", 4, at_right=True),
        Column("tool", 18),
        Column("took", 9, 44, at_right=True),
        Column("with"),
    )
    opens = "Open process"
    sticks_to_end = True

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._calls = Calls()
        self._blobs: dict[str, str] = {}

    async def heard(self, event: Json) -> bool:
        return self._calls.add(event)

    async def load(self) -> Sequence[Row]:
        for event in await self.link.get("/journal", kind=list(KINDS), last=MAX_CALLS):
            self._calls.add(event)
        under_way = sum(call.ended_at is None and not call.error for call in self._calls)
        self.border_subtitle = f"{len(self._calls)} newest, {under_way} under way"
        return [_row(call) for call in self._calls]

    async def detail(self, key: str) -> Told:
        call = self._calls.get(int(key))
        if call.blob and call.blob not in self._blobs:
            self._blobs = {call.blob: (await self.link.blob(call.blob)).decode("utf-8", "replace")}
        return about(call, self._blobs.get(call.blob, ""))

    @on(Rows.Opened)
    def _open(self, event: Rows.Opened) -> None:
        event.stop()
        call = self._calls.get(int(event.key))
        self.post_message(OpenEvent(call.pid, call.seq))


def state_of(call: SysCall) -> tuple[str, str]:
    """A mark, and the word for it."""
    if call.error:
        return "✗", "failed"
    return ("…", "under way") if call.ended_at is None else ("✓", "done")


def _row(call: SysCall) -> Row:
    took = seconds(call.seconds) if call.seconds is not None else one_line(call.progress, 9)
    style = "bold" if call.ended_at is None and not call.error else ""
    return Row(
        str(call.seq),
        (
            cell(state_of(call)[0], style),
            cell(short_clock(call.at)),
            figure(str(call.pid)),
            cell(call.tool, style),
            figure(took),
            cell(call.error or in_short(call.arguments), "dim"),
        ),
    )


def about(call: SysCall, whole: str) -> Told:
    """`whole` is the result where it lies beside the journal."""
    told = [
        ("call", f"{one_line(call.tool, 80)} by {call.by} of process {call.pid}"),
        ("state", " ".join(state_of(call))),
        ("began", f"{clock(call.at)}, event {call.seq}"),
        ("took", "" if call.seconds is None else seconds(call.seconds)),
        ("is at", one_line(call.progress, 200)),
        ("source", one_line(call.source, 200)),
    ]
    result = whole or (result_text(call.result) if call.result is not None else "")
    body = parts(
        headed("Refused" if call.ended_at else "Ended", clean(call.error)),
        headed(f"Gave {call.chars:,} characters" if call.chars else "Gave", result_shown(result)),
    )
    called = Content.styled("Called with", "bold underline") if call.arguments else NOTHING
    return Told(told, body, call=called, arguments=call.arguments)
