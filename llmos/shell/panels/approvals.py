"""What processes ask a person before they go on: each question with exactly what will happen, decided by a key."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content

from llmos.contracts import Json
from llmos.shell.conversation.blocks.asked import MEANINGS, choice_keys, told_choices
from llmos.shell.link import Link
from llmos.shell.panels.figures import Told, cell, clock, figure, headed, short_clock
from llmos.shell.panels.messages import OpenEvent
from llmos.shell.panels.panel import Panel
from llmos.shell.panels.rows import Column, Row, Rows
from llmos.shell.text import clean, one_line


class ApprovalsPanel(Panel):
    """A key decides only what could be read: a question that has just come to the cursor waits a moment."""

    title = "Approvals"
    key = "approvals"
    empty = "Nothing is asked. When a process needs your consent, its question will be here, and it waits."
    columns = (
        Column("event", 6, 50, at_right=True),
        Column("time", 8, 64),
        Column("pid", 4, at_right=True),
        Column("app", 14, 40),
        Column("asks"),
    )
    concerns = ("question.", "process.")
    opens = "Open"
    guard_seconds: ClassVar[float] = 0.5
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"decide({key!r})", word.capitalize()) for key, word in choice_keys(tuple(MEANINGS)).items()),
        *(Binding(str(number), f"decide('{number}')", f"Choice {number}") for number in range(1, 10)),
    ]

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._questions: dict[str, dict[str, Json]] = {}
        self._read: tuple[str, float] = ("", 0.0)

    async def load(self) -> Sequence[Row]:
        self._questions = {str(asked["seq"]): asked for asked in await self.link.get("/questions")}
        self.border_subtitle = f"{len(self._questions)} open" if self._questions else ""
        return [_row(asked) for asked in self._questions.values()]

    async def detail(self, key: str) -> Told:
        if key != self._read[0]:
            self._read = (key, time.monotonic())
        return about(self._questions[key])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return parameters[0] in self._keys() if action == "decide" else True

    @on(Rows.Opened)
    def _open(self, event: Rows.Opened) -> None:
        event.stop()
        asked = self._questions[event.key]
        self.post_message(OpenEvent(asked["pid"], asked["seq"]))

    @work(group="act")
    async def action_decide(self, key: str) -> None:
        number, choice = self._read[0], self._keys().get(key)
        if choice is None or number != self.rows.key or time.monotonic() - self._read[1] < self.guard_seconds:
            return
        async with self.telling():
            await self.link.post(f"/questions/{number}", {"choice": choice})
            self.say(f"✓ Question {number}: {one_line(choice, 40)}")
        await self.reload()

    def _keys(self) -> dict[str, str]:
        """The keys of the question under the cursor, each with its choice."""
        asked = self._questions.get(self.rows.key or "")
        return choice_keys(tuple(asked["data"]["choices"])) if asked else {}


def _row(asked: dict[str, Json]) -> Row:
    return Row(
        str(asked["seq"]),
        (
            figure(str(asked["seq"])),
            cell(short_clock(asked["at"])),
            figure(str(asked["pid"])),
            cell(asked["app"]),
            cell(asked["data"]["text"]),
        ),
    )


def about(asked: dict[str, Json]) -> Told:
    """The whole question: nothing that would happen is left out."""
    data = asked["data"]
    who = [("process", f"{asked['pid']}  {one_line(asked['app'], 60)}"), ("asked", clock(asked["at"]))]
    choices = told_choices(choice_keys(tuple(data["choices"])))
    what = headed("What will happen", Content.assemble((one_line(data["tool"], 80), "bold")))
    return Told(who, choices, Content(clean(data["text"])), what, data["arguments"])
