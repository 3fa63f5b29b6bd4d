"""The one process that owns a state folder: it schedules work on the engine, keeps the journal and calls drivers."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from llmos.contracts import Attachment, ChatRequest, Embedder, Engine, EngineInfo, Event, Json, Message
from llmos.errors import KernelBusy, KernelError, LlmosError, StateError
from llmos.kernel.app import App, find_app
from llmos.kernel.blobs import ABOUT_STATE, Blobs, references
from llmos.kernel.call import EngineAnswer, call_engine, patiently
from llmos.kernel.clock import Clocks
from llmos.kernel.drivers import DriverHost
from llmos.kernel.engines import Engines, Seat
from llmos.kernel.journal import Journal
from llmos.kernel.likeness import Likeness
from llmos.kernel.memory import Memory
from llmos.kernel.process import Process, advance, spawned
from llmos.kernel.process_table import ProcessTable
from llmos.kernel.pulls import Pulls
from llmos.kernel.questions import Questions
from llmos.kernel.scheduler import Priority, Scheduler
from llmos.kernel.speeds import Speeds
from llmos.state.database import open_database
from llmos.state.files import digests_ever
from llmos.state.store import AppState

log = logging.getLogger(__name__)

T = TypeVar("T")
Runner = Callable[["Kernel", int, App], Awaitable[Json]]

_RINGS = frozenset(
    {"message.user", "question.answered", "process.answered", "process.done", "process.failed", "process.killed"}
)


class Kernel:
    """Boot it with `start`, end it with `close`. `runners` say how each kind of app does its work."""

    def __init__(
        self,
        home: Path,
        engine: Engine,
        drivers: DriverHost,
        runners: Mapping[str, Runner],
        slots: int = 2,
        open_engine: Callable[[str], Engine] | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self.home = home
        self.engines = Engines(engine, slots, open_engine)
        self.drivers = drivers
        self._runners = runners
        self._lock = _lock(home)
        try:
            self._open(embedder)
        except StateError:
            self._lock.release()
            raise
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._states: dict[str, AppState] = {}
        self._bells: dict[int, asyncio.Event] = {}
        self.clocks = Clocks()
        self.speeds = Speeds()
        self.pulls = Pulls(self.journal.publish)
        self.likeness = Likeness(embedder, home / "cache" / "vectors.npz")

    def _open(self, embedder: Embedder | None) -> None:
        self.db = open_database(self.home / "llmos.db")
        self._table = ProcessTable(self.db)
        self.journal = Journal(self.db, self._observe, self._table.project)
        self.blobs = Blobs(self.home / "blobs")
        self.questions = Questions(self.db, self.journal)
        self.memory = Memory(self.db, self.journal, self.blobs, embedder)
        if not self._table.is_current():
            self._table.rebuild(self.journal.events())
        self._living = {process.pid: process for process in self._table.living()}

    def start(self) -> None:
        """Continue every process that was under way when the last kernel of this folder ended."""
        living = self.living()
        self.questions.reopen(process.pid for process in living)
        for process in living:
            self.launch(process.pid)

    async def close(self) -> None:
        """Stop working. Unfinished processes continue with the next kernel."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self.pulls.close()
        await self.drivers.close()
        await self.engines.close()
        await self.memory.close()
        self.db.close()
        self._lock.release()

    def spawn(
        self,
        app_name: str,
        text: str = "",
        attachments: Sequence[Attachment] = (),
        *,
        session: bool = False,
        priority: Priority = Priority.INTERACTIVE,
        history: Sequence[Message] = (),
    ) -> Process:
        """Start an app. What it was given is durable before this returns. Raises AppError when there is no such app.

        A `session` stays for more messages; one that begins without a text waits for the first.
        """
        app = self.find_app(app_name)
        with self.journal.transaction():
            pid = self.enroll(app, text, attachments, session=session, priority=priority, history=history)
        self.launch(pid)
        return self.process(pid)

    def enroll(
        self,
        app: App,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        parent: int | None = None,
        session: bool = False,
        priority: int = Priority.INTERACTIVE,
        source: str = "user",
        history: Sequence[Message] = (),
    ) -> int:
        """Write down a new process inside the caller's transaction; `launch` it when that is durable."""
        pid = self.journal.next_pid()
        begun = {
            "app": app.name,
            "kind": app.kind,
            "model": app.model.name,
            "parent": parent,
            "session": session,
            "priority": int(priority),
        }
        self.record(pid, "process.spawned", begun)
        if history:
            said = [{"role": message.role, "text": message.text, "source": message.source} for message in history]
            self.record(pid, "message.history", {"messages": said})
        if session and not text and not attachments:
            self.record(pid, "process.answered", {})
        else:
            self.post(pid, text, attachments, source)
        return pid

    def post(self, pid: int, text: str, attachments: Sequence[Attachment] = (), source: str = "user") -> None:
        """Write a message into a process's journal. Who waits for one hears it as soon as it is durable."""
        self.record(pid, "message.user", {"text": text, "attachments": self.keep(attachments), "source": source})

    def keep(self, attachments: Sequence[Attachment]) -> list[Json]:
        """Store the bytes; events refer to them by what this returns."""
        return [{"sha256": self.blobs.put(a.data), "media_type": a.media_type, "name": a.name} for a in attachments]

    def send(self, pid: int, text: str, attachments: Sequence[Attachment] = ()) -> Process:
        """Say something to a living process. One at work reads it with its next step."""
        if self.process(pid).state.final:
            raise KernelError(f"Process {pid} has ended; run its app again.")
        self.post(pid, text, attachments)
        return self.process(pid)

    def interrupt(self, pid: int) -> None:
        """Stop the answer under way. A session stays for the next message; anything else is killed."""
        process = self.process(pid)
        if not process.session or process.state.final:
            return self.kill(pid)
        if process.waiting_on != "message":
            self.record(pid, "process.answered", {"result": process.result, "interrupted": True})
            self.relaunch(pid)
        return None

    def answer(self, question: int, choice: str, by: str = "user") -> Event:
        """Settle what a process asked a person. Raises KernelError when that question is not open."""
        return self.questions.answer(question, choice, by, lambda pid: self.process(pid).app)

    async def until(self, pid: int, found: Callable[[], T | None]) -> T:
        """Wait, off the clock, until `found` finds something; it is asked after each event that concerns `pid`."""
        bell = self._bells.setdefault(pid, asyncio.Event())
        with self.clocks.paused(pid):
            while (value := found()) is None:
                bell.clear()
                await bell.wait()
        return value

    def attach(self, app_name: str) -> Process:
        """The living process of an app that serves, spawned if there is none."""
        for process in self.living():
            if process.app == app_name and process.parent is None and not process.session:
                return process
        return self.spawn(app_name)

    def service(self, name: str) -> int:
        """The pid of a part of the system that answers requests and is no app, such as the API; begun when needed."""
        for process in self.living():
            if process.kind == "service" and process.app == name:
                return process.pid
        pid = self.journal.next_pid()
        self.record(pid, "process.spawned", {"app": name, "kind": "service", "priority": int(Priority.REQUEST)})
        return pid

    def find_app(self, name: str) -> App:
        return find_app(self.home, name)

    def living(self) -> list[Process]:
        return list(self._living.values())

    def processes(self, last: int = -1) -> list[Process]:
        """The living and those that ended, or only the `last` ones of these, by pid."""
        return sorted([*self._table.ended(last), *self._living.values()], key=lambda process: process.pid)

    def process(self, pid: int) -> Process:
        process = self._living.get(pid) or self._table.get(pid)
        if process is None:
            raise KernelError(f"There is no process {pid}; `llmos ps` lists them.")
        return process

    def kill(self, pid: int) -> None:
        """End a process and its children now. A finished one stays as it is."""
        if self.process(pid).state.final:
            return
        for child in [child.pid for child in self.living() if child.parent == pid]:
            self.kill(child)
        self.record(pid, "process.killed", {})
        if task := self._tasks.get(pid):
            task.cancel()

    def priority(self, pid: int) -> Priority:
        return Priority(self.process(pid).priority)

    @property
    def engine(self) -> Engine:
        """The system's own, as it is now; another when somebody switches its model."""
        return self.engines.own_engine

    @property
    def scheduler(self) -> Scheduler:
        """Of the system's own engine."""
        return self.engines.own.scheduler

    def seat(self, pid: int) -> Seat:
        """The engine that thinks for a process. Raises ModelError when its app's model cannot be had."""
        return self.engines.seat(self.process(pid).model)

    async def switch(self, model: str) -> EngineInfo:
        """Let another model be the system's own engine. Raises as `Engines.switch` does, and then nothing changed."""
        info = await self.engines.switch(model)
        self.journal.publish(Event(0, 0, time.time(), "engine.switched", {"model": info.model}))
        return info

    async def engine_info(self, pid: int) -> EngineInfo:
        return await patiently(self.seat(pid).engine.info)

    def state(self, app: App) -> AppState:
        if app.name not in self._states:
            self._states[app.name] = AppState(self.db, app.name, app.state_schema)
        return self._states[app.name]

    def forget(self, app_name: str) -> None:
        """Read the app's schema anew next time: its folder has changed."""
        self._states.pop(app_name, None)

    def record(self, pid: int, kind: str, data: dict[str, Json]) -> Event:
        """Append to the journal. The process table follows once the event is durable."""
        return self.journal.append(pid, kind, data)

    def collect(self) -> int:
        """Delete blobs that no event and no version of a state refers to; returns the bytes that came free."""
        told = (event for event in self.journal.events() if event.kind not in ABOUT_STATE)
        wanted = {digest for event in told for digest in references(event.data)}
        return self.blobs.collect(wanted | digests_ever(self.db))

    async def think(
        self, pid: int, request: ChatRequest, priority: Priority = Priority.REQUEST, purpose: str = "step"
    ) -> str:
        """The text that the process's engine answers with. Raises EngineBusy, EngineUnavailable, ContextFull."""
        return (await self.ask(pid, request, priority, purpose)).text

    async def ask(
        self,
        pid: int,
        request: ChatRequest,
        priority: Priority,
        purpose: str = "step",
        on_text: Callable[[str], None] = lambda text: None,
    ) -> EngineAnswer:
        """One call of the engine for a process: admitted, streamed to subscribers and to `on_text`, journaled."""

        def stream(text: str) -> None:
            self.speeds.heard(pid)
            self.journal.publish(Event(0, pid, time.time(), "engine.delta", {"text": text, "purpose": purpose}))
            on_text(text)

        process, seat = self.process(pid), self.seat(pid)
        asked = {"max_tokens": request.max_tokens, "constraint": _constraint(request), "purpose": purpose}
        with self.journal.transaction():
            self.record(pid, "engine.request", asked | {"context": self.journal.messages.put(request.messages)})
        try:
            answer = await call_engine(
                seat.engine,
                seat.scheduler,
                request,
                priority=priority,
                app=process.app,
                on_text=stream,
                on_event=partial(self.record, pid),
                watch_loops=process.kind == "chat",
            )
        finally:
            self.speeds.ended(pid)
        told = {
            "purpose": purpose,
            "text": answer.text,
            "finish": answer.finish,
            "tokens": answer.usage.completion_tokens,
            "prompt_tokens": answer.usage.prompt_tokens,
            "cached_tokens": answer.usage.cached_tokens,
            "seconds": round(answer.seconds, 3),
            "queued_seconds": round(answer.queued_seconds, 3),
        }
        self.record(pid, "engine.answer", told)
        return answer

    def _observe(self, event: Event) -> None:
        if event.kind == "process.spawned":
            self._living[event.pid] = spawned(event)
        elif (before := self._living.get(event.pid)) is not None:
            after = advance(before, event)
            self._living[event.pid] = after
            if event.kind in _RINGS:
                self._ring(event.pid)
                self._ring(after.parent)
            if after.state.final:
                del self._living[event.pid]
        self.questions.observe(event)

    def _ring(self, pid: int | None) -> None:
        if pid in self._bells:
            self._bells[pid].set()

    def launch(self, pid: int) -> None:
        """Put a process to work from where its events end."""
        process = self.process(pid)
        runner = self._runners.get(process.kind)
        if runner is None:
            self.record(pid, "process.idle", {})
            return
        task = asyncio.create_task(self._live(process, runner), name=f"process {pid}")
        self._tasks[pid] = task
        task.add_done_callback(lambda _: self._gone(pid, task))

    def relaunch(self, pid: int) -> None:
        """Stop what a process does, and let it go on from where its events end."""
        if task := self._tasks.pop(pid, None):
            task.cancel()
        self.launch(pid)

    def _gone(self, pid: int, task: asyncio.Task[None]) -> None:
        if self._tasks.get(pid) is task:
            del self._tasks[pid]
            self._bells.pop(pid, None)

    async def _live(self, process: Process, runner: Runner) -> None:
        try:
            result = await runner(self, process.pid, self.find_app(process.app))
            self.record(process.pid, "process.done", {"result": result})
        except LlmosError as error:
            self._fail(process.pid, str(error))
        except Exception:
            log.exception("process %d", process.pid)
            self._fail(process.pid, f"llmos itself failed; please report {self.home / 'logs' / 'kernel.log'}.")

    def _fail(self, pid: int, error: str) -> None:
        self.record(pid, "process.failed", {"error": error})


def _lock(home: Path) -> FileLock:
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / "kernel.lock")
        lock.acquire(timeout=0)
    except Timeout as error:
        raise KernelBusy(f"Another kernel owns {home}; stop it with `llmos down` or set LLMOS_HOME.") from error
    except OSError as error:
        raise KernelError(f"The state folder {home} cannot be used: {error.strerror}.") from error
    return lock


def _constraint(request: ChatRequest) -> str:
    return "grammar" if request.grammar else "schema" if request.schema is not None else "none"
