"""The shell as a talk in lines: it reads one, streams the answer, says tool calls and questions in words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from pathlib import Path
from typing import TextIO

from llmos.contracts import Json
from llmos.errors import LlmosError
from llmos.shell.conversation.items import Asked, Said
from llmos.shell.conversation.outbox import Outgoing
from llmos.shell.conversation.record import Doing, Record
from llmos.shell.link import Link
from llmos.shell.plain.told import Teller, question
from llmos.shell.prompt.files import taken_out
from llmos.shell.prompt.history import History
from llmos.shell.text import clean, one_line

ASSISTANT = "assistant"
SIGN = "> "
LEAVE = ("/quit", "/exit")
HELP = """Write a line; @file adds a file, !line runs a shell line in the sandbox. Ctrl-C stops an answer.
/app NAME  talk with another app      /apps    which there are
/open PID  go on with a process       /ps      which are alive
/approve   what waits for a decision  /retry   ask the last thing again
/edit TEXT say the last thing otherwise, in its place
/undo      go back to what was said before /edit or /retry
/clear     begin anew                 /help    this
/quit      end; processes go on"""


class Lines:
    """One person at a plain terminal, or a pipe. `once` answers what is piped in, as one message, and ends."""

    def __init__(self, link: Link, source: TextIO, out: TextIO) -> None:
        self._link, self._source, self._out = link, source, out
        self._history = History(link.home / "shell" / "history.jsonl")
        self._record, self._teller = Record(), Teller()
        self._app, self._pid = ASSISTANT, 0
        self._seq = 0
        self._unsent: Outgoing | None = None

    async def run(self, *, once: bool) -> None:
        """Raises LlmosError when a single answer failed."""
        try:
            if once:
                await self._once(await asyncio.to_thread(self._source.read))
                return
            self._write(f"llmos, plain. You talk with {self._app}; /help says more.\n")
            while (line := await self._line()) is not None and line.strip() not in LEAVE:
                await self._take(line.strip())
        finally:
            await self._link.close()

    async def _once(self, text: str) -> None:
        begun = await self._link.post("/processes", {"app": self._app, "text": text.strip()})
        self._pid = begun["pid"]
        await self._listen(decides=False)
        last = self._record.items[-1] if self._record.items else None
        if trouble := getattr(last, "sentence", ""):
            raise LlmosError(trouble)

    async def _take(self, line: str) -> None:
        """A line can fail; the talk goes on."""
        try:
            if line.startswith("!"):
                await self._shell(line[1:].strip())
            elif line.startswith("/"):
                await self._command(*line[1:].partition(" ")[::2])
            elif line:
                await self._say(Outgoing(*taken_out(line, Path.cwd())))
        except LlmosError as error:
            self._write(f"Error: {clean(str(error))}\n")

    async def _say(self, outgoing: Outgoing) -> None:
        self._history.add(outgoing.text)
        self._unsent = outgoing
        body = await outgoing.body(self._link)
        if self._pid and not self._record.ended:
            await self._link.post(f"/processes/{self._pid}/messages", body)
        else:
            session = await self._is_chat()
            begun = await self._link.post("/processes", {"app": self._app, "session": session, **body})
            self._pid, self._record, self._seq = begun["pid"], Record(), 0
        self._unsent = None
        try:
            await self._listen()
        except asyncio.CancelledError:
            await self._interrupt()

    async def _interrupt(self) -> None:
        """Ctrl-C stops the answer, not the talk."""
        task = asyncio.current_task()
        if task is not None:
            task.uncancel()
        await self._link.post(f"/processes/{self._pid}/interrupt")
        await self._listen()

    async def _listen(self, *, decides: bool = True) -> None:
        """Tell what happens until the process waits for the person, or has ended."""
        async with aclosing(self._link.follow(self._pid, self._seq)) as events:
            async for event in events:
                self._seq = event["seq"] or self._seq
                for change in self._record.add(event):
                    self._write(self._teller.tell(change))
                asked = self._record.open_question()
                if asked is not None and event["kind"] == "question.asked":
                    await self._decide(asked, decides)
                if event["kind"] == "process.answered" and self._record.doing is Doing.WAITING:
                    return

    async def _decide(self, asked: Asked, decides: bool) -> None:
        if not decides:
            self._write(f"It waits for: llmos approve {asked.seq} CHOICE\n")
            return
        while True:
            choice = await self._line(f"{' / '.join(map(one_line, asked.choices))}? ")
            if choice is None:
                raise LlmosError(f"Nobody answered; llmos approve {asked.seq} CHOICE does.")
            found = [known for known in asked.choices if choice.strip() and known.startswith(choice.strip())]
            if len(found) == 1:
                await self._link.post(f"/questions/{asked.seq}", {"choice": found[0]})
                return
            self._write(f"Say one of: {', '.join(map(one_line, asked.choices))}.\n")

    async def _shell(self, line: str) -> None:
        told = await self._link.post("/drivers/python/shell", {"command": line})
        self._write(f"{clean(told if isinstance(told, str) else str(told))}\n")

    async def _command(self, name: str, argument: str) -> None:
        commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "app": self._change_app,
            "apps": self._apps,
            "open": self._open,
            "ps": self._processes,
            "approve": self._approve,
            "retry": self._retry,
            "edit": self._edit,
            "undo": self._undo,
            "clear": self._clear,
            "help": self._help,
        }
        if name not in commands:
            self._write(f"There is no command /{one_line(name, 40)}.\n{HELP}\n")
            return
        await commands[name](argument.strip())

    async def _help(self, argument: str) -> None:
        self._write(f"{HELP}\n")

    async def _change_app(self, argument: str) -> None:
        known = {app["name"] for app in await self._link.get("/apps")}
        if argument not in known:
            raise LlmosError(f"There is no app {one_line(argument, 40)!r}; /apps lists them.")
        self._app, self._pid = argument, 0
        self._write(f"You talk with {argument}.\n")

    async def _apps(self, argument: str) -> None:
        for app in await self._link.get("/apps"):
            self._write(f"{app['name']}, {app['kind']}: {one_line(app['summary'])}\n")

    async def _processes(self, argument: str) -> None:
        rows = await self._link.get("/processes", last=0)
        for row in rows:
            waits = f" for {row['waiting_on']}" if row["waiting_on"] else ""
            self._write(f"{row['pid']} {row['app']}, {row['state']}{waits}, {row['tokens']} tokens\n")
        if not rows:
            self._write("No process is alive.\n")

    async def _open(self, argument: str) -> None:
        if not argument.isdecimal():
            raise LlmosError("Say which process, by its number, as /ps lists them.")
        row = await self._link.get(f"/processes/{argument}")
        self._app, self._pid, self._record = row["app"], row["pid"], Record()
        self._record.past(await self._link.get(f"/processes/{argument}/log"))
        self._seq = self._record.seq
        self._recall()
        if self._record.busy:
            await self._listen()

    def _recall(self) -> None:
        """Tell what was said last."""
        for item in self._record.items[-6:]:
            if isinstance(item, Said):
                self._write(f"You said: {clean(item.text)}\n")
            elif text := getattr(item, "text", ""):
                self._write(f"{self._app}: {clean(text)}\n")

    async def _approve(self, argument: str) -> None:
        rows: list[Json] = await self._link.get("/questions")
        for row in rows:
            data = row["data"]
            named = {key: data[key] for key in ("about", "tool", "arguments", "text")}
            asked = Asked(row["seq"], row["at"], row["pid"], **named, choices=tuple(data["choices"]))
            self._write(f"Process {row['pid']} ({one_line(row['app'])}). {question(asked)}")
            await self._decide(asked, decides=True)
        if not rows:
            self._write("Nothing waits for a decision.\n")

    async def _retry(self, argument: str) -> None:
        if self._unsent is not None:
            await self._say(self._unsent)
            return
        said = self._said()
        await self._say(Outgoing.again(said, instead=self._record.can_rewind(said)))

    async def _edit(self, argument: str) -> None:
        said = self._said()
        if not argument or not self._record.can_rewind(said):
            raise LlmosError("Write what you mean after /edit; a talk that has ended is begun anew by writing.")
        await self._say(Outgoing(argument, kept=said.files, instead_of=said.seq))

    def _said(self) -> Said:
        said = self._record.last_said()
        if said is None:
            raise LlmosError("Nothing was said yet; write it.")
        return said

    async def _undo(self, argument: str) -> None:
        rewound = self._record.last_rewound()
        if rewound is None:
            raise LlmosError("Nothing was said otherwise here.")
        await self._link.post(f"/processes/{self._pid}/rewind", {"before": rewound.seq})
        self._record.past(await self._link.get(f"/processes/{self._pid}/log", after=self._seq))
        self._seq = self._record.seq
        self._recall()

    async def _clear(self, argument: str) -> None:
        if self._pid and not self._record.ended:
            await self._link.delete(f"/processes/{self._pid}")
        self._pid = 0
        self._write("Anew.\n")

    async def _is_chat(self) -> bool:
        return any(app["name"] == self._app and app["kind"] == "chat" for app in await self._link.get("/apps"))

    async def _line(self, sign: str = SIGN) -> str | None:
        """The next line; None at the end of what there is to read."""
        if self._source.isatty():
            try:
                return await asyncio.to_thread(input, sign)
            except EOFError:
                return None
        return await asyncio.to_thread(self._source.readline) or None

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
