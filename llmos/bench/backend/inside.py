"""The backend of one app in this process: a real kernel's state, journal and handlers, without HTTP around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from llmos.backend.backend import Backend, Handlers
from llmos.backend.compile.workshop import Workshop
from llmos.bench.lent import Lent
from llmos.contracts import ChatRequest, Engine, Json
from llmos.engines.remote import Remote
from llmos.kernel.app import App, find_app
from llmos.kernel.calling import look_up
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.scheduler import Priority
from llmos.state.store import AppState


@dataclass(frozen=True)
class Inside:
    """One app on a kernel of this process."""

    kernel: Kernel
    workshop: Workshop
    app: App
    pid: int

    @property
    def state(self) -> AppState:
        return self.kernel.state(self.app)

    def backend(self, *, compiled: bool) -> Backend:
        """With the app's handlers, or without any."""
        handlers: Handlers | None = self.workshop.bench(self.app).routes if compiled else None
        record, transaction = partial(self.kernel.record, self.pid), self.kernel.journal.transaction
        call = partial(look_up, self.kernel, self.pid, self.app)
        return Backend(self.app, self.state, self.think, record, transaction, handlers, call)

    async def think(self, request: ChatRequest) -> str:
        return await self.kernel.think(self.pid, request, Priority.REQUEST)

    def store(self, value: dict[str, Json]) -> None:
        """Let this be the whole state."""
        if self.state.get("") != value:
            self.state.commit([{"op": "replace", "path": "", "value": value}], cause={"benchmark": True})


@asynccontextmanager
async def inside(home: Path, app: str, engine: Engine) -> AsyncIterator[Inside]:
    """`engine` is lent: it goes on afterwards."""
    kernel = Kernel(home, Lent(engine), DriverHost(shipped_drivers(), home / "logs"), {})
    workshop = Workshop(kernel)
    try:
        yield Inside(kernel, workshop, find_app(home, app), kernel.attach(app).pid)
    finally:
        await workshop.close()
        await kernel.close()


def nobody() -> Engine:
    """An engine that never answers."""
    return Remote("http://127.0.0.1:9", "", "")
