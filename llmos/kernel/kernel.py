"""The one process that owns a state folder: it schedules work on the engine, keeps the journal and calls drivers."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from filelock import FileLock, Timeout

from llmos.contracts import Attachment, ChatRequest, Engine, Event, Json, Usage
from llmos.errors import EngineUnavailable, KernelBusy, KernelError, LlmosError
from llmos.kernel.app import App, find_app
from llmos.kernel.blobs import Blobs
from llmos.kernel.drivers import DriverHost
from llmos.kernel.journal import Journal
from llmos.kernel.process import Process, advance, fold
from llmos.kernel.scheduler import Priority, Scheduler
from llmos.state.database import open_database
from llmos.state.store import AppState

log = logging.getLogger(__name__)

Runner = Callable[["Kernel", int, App], Awaitable[Json]]


class Kernel:
    """Boot it with `start`, end it with `close`. `runners` say how each kind of app does its work."""

    def __init__(
        self,
        home: Path,
        engine: Engine,
        drivers: DriverHost,
        runners: Mapping[str, Runner],
        slots: int = 2,
    ) -> None:
        self.home = home
        self.engine = engine
        self.drivers = drivers
        self._runners = runners
        self._lock = _lock(home)
        self.db = open_database(home / "llmos.db")
        self.journal = Journal(self.db, self._observe)
        self.blobs = Blobs(home / "blobs")
        self.scheduler = Scheduler(slots)
        self._processes = fold(self.journal.events())
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._states: dict[str, AppState] = {}

    def start(self) -> None:
        """Continue every process that was under way when the last kernel of this folder ended."""
        for process in list(self._processes.values()):
            if not process.state.final:
                self._run(process)

    async def close(self) -> None:
        """Stop working. Unfinished processes continue with the next kernel."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self.drivers.close()
        await self.engine.close()
        self.db.close()
        self._lock.release()

    def spawn(self, app_name: str, text: str = "", attachments: Sequence[Attachment] = ()) -> Process:
        """Start an app. What it was given is durable before this returns. Raises AppError when there is no such app."""
        app = find_app(self.home, app_name)
        items = [{"sha256": self.blobs.put(a.data), "media_type": a.media_type, "name": a.name} for a in attachments]
        pid = self.journal.next_pid()
        with self.journal.transaction():
            self.record(pid, "process.spawned", {"app": app.name, "kind": app.kind})
            self.record(pid, "message.user", {"text": text, "attachments": items})
        self._run(self._processes[pid])
        return self._processes[pid]

    def attach(self, app_name: str) -> Process:
        """The living process of an app that serves, spawned if there is none."""
        for process in self._processes.values():
            if process.app == app_name and not process.state.final:
                return process
        return self.spawn(app_name)

    def processes(self) -> list[Process]:
        return list(self._processes.values())

    def process(self, pid: int) -> Process:
        if pid not in self._processes:
            raise KernelError(f"There is no process {pid}; `llmos ps` lists them.")
        return self._processes[pid]

    def kill(self, pid: int) -> None:
        """End a process now. A finished one stays as it is."""
        if self.process(pid).state.final:
            return
        self.record(pid, "process.killed", {})
        if task := self._tasks.get(pid):
            task.cancel()

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

    async def think(self, pid: int, request: ChatRequest, priority: Priority = Priority.REQUEST) -> str:
        """One call of the engine for a process: admitted, streamed to subscribers, journaled.

        An engine that dies under it is asked once more. Raises EngineError, ContextFull.
        """
        self.record(pid, "engine.request", {"max_tokens": request.max_tokens, "constraint": _constraint(request)})
        async with self.scheduler.slot(priority):
            try:
                return await self._stream(pid, request)
            except EngineUnavailable as error:
                self.record(pid, "engine.retry", {"error": str(error)})
                return await self._stream(pid, request)

    async def _stream(self, pid: int, request: ChatRequest) -> str:
        started, pieces, usage, finish = time.monotonic(), [], Usage(), "stop"
        async with aclosing(self.engine.stream(request)) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    pieces.append(chunk.text)
                    self.journal.publish(Event(0, pid, time.time(), "engine.delta", {"text": chunk.text}))
                usage, finish = chunk.usage or usage, chunk.finish or finish
        text = "".join(pieces)
        answer = {
            "text": text,
            "finish": finish,
            "tokens": usage.completion_tokens,
            "prompt_tokens": usage.prompt_tokens,
            "cached_tokens": usage.cached_tokens,
            "seconds": round(time.monotonic() - started, 3),
        }
        self.record(pid, "engine.answer", answer)
        return text

    def _observe(self, event: Event) -> None:
        if event.kind == "process.spawned":
            self._processes |= fold([event])
        elif event.pid in self._processes:
            self._processes[event.pid] = advance(self._processes[event.pid], event)

    def _run(self, process: Process) -> None:
        runner = self._runners.get(process.kind)
        if runner is None:
            self.record(process.pid, "process.idle", {})
            return
        task = asyncio.create_task(self._live(process, runner), name=f"process {process.pid}")
        self._tasks[process.pid] = task
        task.add_done_callback(lambda _: self._tasks.pop(process.pid, None))

    async def _live(self, process: Process, runner: Runner) -> None:
        try:
            app = find_app(self.home, process.app)
            async with asyncio.timeout(app.budget.seconds):
                result = await runner(self, process.pid, app)
            self.record(process.pid, "process.done", {"result": result})
        except TimeoutError:
            self._fail(process.pid, "The process ran out of its time; give it more in [budget] seconds of app.toml.")
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
