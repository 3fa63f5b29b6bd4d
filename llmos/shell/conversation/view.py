"""A tab: one process, what was said in it, and the prompt to say more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from llmos.errors import LlmosError
from llmos.shell import requests
from llmos.shell.conversation.blocks.answer import AnswerBlock
from llmos.shell.conversation.blocks.asked import AskedBlock
from llmos.shell.conversation.blocks.block import Block
from llmos.shell.conversation.blocks.others import NoteBlock
from llmos.shell.conversation.blocks.said import SaidBlock
from llmos.shell.conversation.greeting import Greeting
from llmos.shell.conversation.items import Asked, Called, Note, Said
from llmos.shell.conversation.outbox import Outgoing
from llmos.shell.conversation.record import Change, Doing, Event, Record, What
from llmos.shell.conversation.status import Status
from llmos.shell.conversation.transcript import Transcript
from llmos.shell.keyboard import keyboard_of
from llmos.shell.link import FINAL, Link
from llmos.shell.prompt.commands import Commands
from llmos.shell.prompt.history import History
from llmos.shell.prompt.prompt import Prompt
from llmos.shell.text import clean

IDLE_SECONDS = 1.0  # who typed within it is writing, and is not interrupted by a question


class Conversation(Vertical):
    """`pid` is None until the first message starts the app's process."""

    DEFAULT_CSS = """
    Conversation { height: 1fr; width: 1fr;
        #pending, #edited { height: auto; padding: 0 1; color: $text-muted; display: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave_edit", "Leave it"),
        Binding("escape", "stop", "Stop"),
        Binding("escape", "back", "Prompt", show=False),
    ]

    class Changed(Message):
        """The process does something else now."""

        def __init__(self, conversation: Conversation) -> None:
            super().__init__()
            self.conversation = conversation

    def __init__(
        self,
        link: Link,
        app_name: str,
        ready: asyncio.Event,
        history: History,
        commands: Callable[[], Commands],
        *,
        session: bool = True,
        greets: bool = False,
        folder: Path | None = None,
    ) -> None:
        super().__init__()
        self.app_name, self.session = app_name, session
        self.pid: int | None = None
        self.record = Record()
        self._link, self._ready, self._greets = link, ready, greets
        self._outbox: asyncio.Queue[Outgoing] = asyncio.Queue()
        self._pending: list[Outgoing] = []
        self._unsent: Outgoing | None = None  # what the kernel did not take
        self._edited: Said | None = None  # what is being said otherwise
        self.transcript = Transcript(link, self.record.items)
        self.prompt = Prompt(history, commands, folder or Path.cwd())
        self._status = Status(self.record)

    def compose(self) -> ComposeResult:
        yield self.transcript
        yield Static(id="pending")
        yield Static(id="edited")
        yield self._status
        yield self.prompt

    async def on_mount(self) -> None:
        if self._greets:
            await self.transcript.mount(Greeting())
        self._deliver()

    # what the person does

    def send(self, outgoing: Outgoing) -> None:
        """Say something; it goes as soon as the kernel is there."""
        self._pending.append(outgoing)
        self._outbox.put_nowait(outgoing)
        self.transcript.anchor()
        self._show_pending()

    @work
    async def attach(self, pid: int) -> None:
        """Show a process that runs already, with its past."""
        self.pid = pid
        try:
            self.record.past(await self._link.get(f"/processes/{pid}/log"))
        except LlmosError as error:
            await self.trouble(str(error))
            return
        self.app_name, self.session = self.record.app, self.record.session
        await self.transcript.show_end()
        self._tell()
        if not self.record.ended:
            self._follow(pid, self.record.seq)

    @work
    async def go_to(self, seq: int) -> None:
        """Show what an event began, once the past is there."""
        while self.record.seq < seq:  # noqa: ASYNC110 (another worker reads it)
            await asyncio.sleep(0.05)
        await self.transcript.show(seq)

    async def trouble(self, sentence: str, *, retry: bool = False) -> None:
        await self.transcript.apply(self.record.trouble(sentence, time.time(), retry=retry))
        self._tell()

    async def show(self, call: Called) -> None:
        """Show what the person did here, such as a shell line."""
        await self.transcript.apply(self.record.put(call))

    async def shown(self, call: Called) -> None:
        await self.transcript.apply(self.record.touch(call))

    @work
    async def action_stop(self) -> None:
        """Stop the answer, or take back what has not been sent."""
        if self._pending and self.pid is None:
            self.prompt.put(self._pending.pop().text)
            self._show_pending()
        elif self.record.can_stop and self.pid is not None:
            try:
                await self._link.post(f"/processes/{self.pid}/interrupt")
            except LlmosError as error:
                await self.trouble(str(error))

    async def action_back(self) -> None:
        await self.transcript.to_end()
        self.prompt.area.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "leave_edit":
            return self._edited is not None
        return self.record.can_stop or bool(self._pending) if action == "stop" else True

    def retry(self) -> None:
        """Ask the last thing again, as if it had not been answered."""
        said = self.record.last_said()
        if self._unsent is not None:
            self.send(self._unsent)
        elif said is not None:
            self.send(Outgoing.again(said, instead=self.record.can_rewind(said)))
        else:
            self.notify("Nothing was said yet; write it.", timeout=3)

    def edit_last(self) -> None:
        said = self.record.last_said()
        if said is not None:
            self._edit(said)

    def _edit(self, said: Said) -> None:
        self._edited = said
        self.prompt.put(said.text)
        self._tell_edited()

    def action_leave_edit(self) -> None:
        self._edited = None
        self.prompt.put("")
        self._tell_edited()

    def _tell_edited(self) -> None:
        """Say what becomes of what is in the prompt."""
        told = self.query_one("#edited", Static)
        told.display = self._edited is not None
        if self._edited is not None:
            instead = self.record.can_rewind(self._edited)
            what = "takes the place of what you said, and of what came after" if instead else "is sent anew"
            files = "".join(f" · @ {file.name}" for file in self._edited.files)
            told.update(Content(clean(f"{what}{files} · esc leaves it")))
        self.refresh_bindings()

    @work
    async def undo(self, rewound: Note | None = None) -> None:
        """Go back to what was said before the last edit, or an earlier one; again takes that back."""
        rewound = rewound or self.record.last_rewound()
        if rewound is None:
            self.notify("Nothing was said otherwise here.", timeout=3)
            return
        try:
            await self._link.post(f"/processes/{self.pid}/rewind", {"before": rewound.seq})
        except LlmosError as error:
            await self.trouble(str(error))

    def copy_answer(self) -> None:
        answer = self.record.last_answer()
        if answer is None:
            self.notify("There is no answer yet.", timeout=3)
            return
        self.app.copy_to_clipboard(answer.text)
        self.notify("The answer is copied.", timeout=2)

    @work
    async def decide(self, item: Asked, choice: str) -> None:
        try:
            await self._link.post(f"/questions/{item.seq}", {"choice": choice})
        except LlmosError as error:
            await self.trouble(str(error))
        self.prompt.area.focus()

    @property
    def touched(self) -> bool:
        """Whether the person has written anything here."""
        return bool(self.prompt.text or self._pending or self.pid)

    # what the process does

    @work(group="deliver")
    async def _deliver(self) -> None:
        while True:
            outgoing = await self._outbox.get()
            await self._ready.wait()
            if outgoing not in self._pending:
                continue  # it was taken back
            try:
                await self._post(outgoing)
            except LlmosError as error:
                self._arrived(outgoing)
                self._unsent = outgoing
                await self.trouble(str(error), retry=True)

    async def _post(self, outgoing: Outgoing) -> None:
        body = await outgoing.body(self._link)
        if self.pid is not None and not self.record.ended:
            await self._link.post(f"/processes/{self.pid}/messages", body)
            return
        begun = await self._link.post("/processes", {"app": self.app_name, "session": self.session, **body})
        self.pid = begun["pid"]
        self._follow(begun["pid"], 0)

    @work(exclusive=True, group="follow")
    async def _follow(self, pid: int, after: int) -> None:
        try:
            async for event in self._link.follow(pid, after):
                await self._take(event)
        except LlmosError as error:
            await self.trouble(str(error))

    async def _take(self, event: Event) -> None:
        doing = self.record.doing
        changes = self.record.add(event)
        if event["kind"] == "message.user" and self._pending and event["data"].get("source", "user") == "user":
            self._arrived(self._pending[0])
        if event["kind"] == "engine.delta":
            self._status.piece()
        await self.transcript.apply(changes)
        anew = any(change.what is What.ANEW for change in changes)  # another answer is the last one
        if anew or self.record.doing is not doing or event["kind"] in FINAL:
            self._tell()
        self._show_questions(changes)

    def _show_questions(self, changes: list[Change]) -> None:
        for change in changes:
            if isinstance(change.item, Asked) and change.what is What.NEW:
                self._call_for(change.item)

    def _call_for(self, asked: Asked) -> None:
        """Let the person answer with one key, unless they are writing."""
        writing = self.prompt.text or keyboard_of(self).seconds_idle < IDLE_SECONDS
        if self.is_on_screen and not writing and isinstance(self.screen.focused, type(self.prompt.area)):
            self.focus_question()

    def focus_question(self) -> bool:
        """Whether there is an open question, which then has the focus."""
        asked = self.record.open_question()
        for block in self.query(AskedBlock):
            if block.item is asked:
                block.focus()
                return True
        return False

    @property
    def is_on_screen(self) -> bool:
        return bool(self.display) and self.screen.is_current

    def _arrived(self, outgoing: Outgoing) -> None:
        self._pending = [other for other in self._pending if other is not outgoing]
        self._unsent = None
        for greeting in self.query(Greeting):
            greeting.remove()
        self._show_pending()

    def _show_pending(self) -> None:
        told = self.query_one("#pending", Static)
        told.display = bool(self._pending)
        told.update(Content("\n").join(Content(f"❯ {clean(outgoing.shown)}") for outgoing in self._pending))
        self.refresh_bindings()
        self._status.waiting_for = "waits for the kernel" if self._pending and not self._ready.is_set() else ""
        self._status.tell()

    def _tell(self) -> None:
        self._status.tell()
        self.refresh_bindings()
        self.post_message(self.Changed(self))

    # keys and messages of its parts

    @on(Prompt.Sent)
    def _sent(self, event: Prompt.Sent) -> None:
        event.stop()
        if self.record.kind == "backend":
            self._request(event.text)
            return
        said, self._edited = self._edited, None
        outgoing = Outgoing(event.text, event.files)
        if said is not None:
            outgoing.kept, outgoing.instead_of = said.files, said.seq if self.record.can_rewind(said) else None
            self._tell_edited()
        self.send(outgoing)

    @work(group="request")
    async def _request(self, text: str) -> None:
        """Who writes to a backend makes a request."""
        await requests.make(self, self._link, text)

    @on(Prompt.Leave)
    def _left(self, event: Prompt.Leave) -> None:
        event.stop()
        if event.pages:
            rows = event.pages * (self.transcript.size.height - 2)
            self.transcript.scroll_relative(y=rows, animate=False)
        elif not self.focus_question():
            found = [*self.query(Greeting), *self.transcript.blocks]
            if found:
                found[-1].focus()

    @on(Block.Step)
    def _stepped(self, event: Block.Step) -> None:
        event.stop()
        blocks = self.transcript.blocks
        number = blocks.index(event.block) + event.by
        if number >= len(blocks):
            self.transcript.anchor()
            self.prompt.area.focus()
        elif number >= 0:
            blocks[number].focus()

    @on(SaidBlock.Edit)
    def _wants_edit(self, event: SaidBlock.Edit) -> None:
        event.stop()
        self._edit(event.item)

    @on(NoteBlock.Undo)
    def _wants_back(self, event: NoteBlock.Undo) -> None:
        event.stop()
        self.undo(event.item)
        self.prompt.area.focus()

    @on(AnswerBlock.Retry)
    def _retried(self, event: AnswerBlock.Retry) -> None:
        event.stop()
        self.retry()
        self.prompt.area.focus()

    @on(AskedBlock.Chosen)
    def _chosen(self, event: AskedBlock.Chosen) -> None:
        event.stop()
        self.decide(event.item, event.choice)

    @property
    def label(self) -> str:
        """For the tab: the app, the process, and what it does in one mark."""
        marks = {Doing.ASKING: "?", Doing.ENDED: "■", Doing.WAITING: ""}
        mark = marks.get(self.record.doing, "…")
        return f"{self.app_name}{f' {self.pid}' if self.pid else ''}{mark and ' ' + mark}"
