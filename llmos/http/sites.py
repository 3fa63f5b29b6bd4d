"""Which apps this kernel serves, and where. A site that was open when the kernel ended opens again with the next."""

import logging
import secrets
from dataclasses import dataclass
from functools import partial

from starlette.types import ASGIApp

from llmos.backend.backend import Backend
from llmos.backend.compile.workshop import Workshop
from llmos.backend.interpret import Think
from llmos.contracts import ChatRequest
from llmos.errors import LlmosError, UsageError
from llmos.http.door import Door
from llmos.http.guard import LOOPBACK, Guard
from llmos.http.listener import Listener
from llmos.http.meter import Meter, Metered, RequestLog
from llmos.http.openai.api import openai_api
from llmos.http.site import site
from llmos.kernel.app import App, find_app
from llmos.kernel.calling import look_up
from llmos.kernel.kernel import Kernel
from llmos.kernel.process import Process
from llmos.kernel.scheduler import Priority
from llmos.kernel.state_tools import plant_seed

log = logging.getLogger(__name__)

API = "/v1"  # among the sites; no app can have this name


@dataclass(frozen=True)
class OpenSite:
    """`token` is empty for a site on loopback."""

    app: str
    pid: int
    listener: Listener
    token: str

    def describe(self) -> dict[str, str | int]:
        return {"app": self.app, "pid": self.pid, "url": self.listener.url + "/", "token": self.token}


class Sites:
    """Opens and closes sites; each has a listener of its own, which gives it an origin of its own."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.workshop = Workshop(kernel)
        self._log = RequestLog(kernel.home / "logs" / "requests.log")
        self._open: dict[str, OpenSite] = {}

    def list(self) -> list[dict[str, str | int]]:
        return [opened.describe() for opened in self._open.values()]

    async def open(self, app_name: str, host: str = "127.0.0.1", port: int = 8420) -> OpenSite:
        """Serve an app. Raises UsageError (not a backend), KernelBusy (port taken), AppError (no such app)."""
        app = find_app(self._kernel.home, app_name)
        if app.kind != "backend":
            raise UsageError(
                f"{app_name} is not a backend, so it cannot be served; run it with `llmos run {app_name}`."
            )
        if self._stands_at(app_name, host, port):
            await self.close(app_name)
        self._kernel.forget(app_name)
        pid = self._kernel.attach(app_name).pid
        plant_seed(self._kernel, app, pid)
        token = "" if host in LOOPBACK else secrets.token_urlsafe(24)
        opened = OpenSite(app_name, pid, Listener(self._front(app, pid, token), host, port), token)
        await self.close(app_name)  # only now: a port that is taken must not cost the site its old place
        self._kernel.record(pid, "site.opened", {"host": host, "port": opened.listener.port})
        self._open[app_name] = opened
        return opened

    async def close(self, app_name: str) -> None:
        if opened := self._open.pop(app_name, None):
            self._kernel.record(opened.pid, "site.closed", {})
            await opened.listener.close()

    def _stands_at(self, app_name: str, host: str, port: int) -> bool:
        opened = self._open.get(app_name)
        return opened is not None and (opened.listener.host, opened.listener.port) == (host, port)

    async def open_api(self, host: str = "127.0.0.1", port: int = 8420) -> OpenSite:
        """Serve /v1 to OpenAI clients. Beyond loopback they need the token, as their API key."""
        await self.close(API)
        token = "" if host in LOOPBACK else secrets.token_urlsafe(24)
        guarded = Guard(openai_api(self._kernel), hosts=None if token else LOOPBACK, token=token or None)
        opened = OpenSite(API, self._kernel.service("api"), Listener(guarded, host, port), token)
        self._kernel.record(opened.pid, "site.opened", {"host": host, "port": opened.listener.port})
        self._open[API] = opened
        return opened

    async def reopen(self) -> None:
        """Open what the journal says was open."""
        for process in self._kernel.living():
            if process.kind not in ("backend", "service"):
                continue
            last = self._kernel.journal.last(process.pid, ("site.opened", "site.closed"))
            if last is not None and last.kind == "site.opened":
                await self._reopen(process, last.data["host"], last.data["port"])

    async def shutdown(self) -> None:
        """Close the listeners, remembering that the sites were open."""
        for opened in self._open.values():
            await opened.listener.close()
        await self.workshop.close()
        self._log.close()

    def _front(self, app: App, pid: int, token: str) -> ASGIApp:
        """What a request meets, from the outside in: it is counted, let in or not, and answered."""
        meter = Meter(app, lambda: self._kernel.state(app).version, self._log)
        door = Door(self._kernel.db, app)
        inner = site(self._kernel, app, pid, self._backend(app, pid), meter, door, by_token=bool(token))
        hosts = None if token else LOOPBACK
        guard = Guard(inner, hosts=hosts, token=token or None, origins=app.http.cors, admits=door.admits)
        return Metered(guard, meter)

    async def _reopen(self, process: Process, host: str, port: int) -> None:
        try:
            await (self.open_api(host, port) if process.kind == "service" else self.open(process.app, host, port))
        except LlmosError as error:
            log.error("site %s was not opened again: %s", process.app, error)

    def _backend(self, app: App, pid: int) -> Backend:
        kernel = self._kernel
        record = partial(kernel.record, pid)
        routes = self.workshop.bench(app).routes
        transaction, think = kernel.journal.transaction, self._thinker(pid)
        call = partial(look_up, kernel, pid, app)
        return Backend(app, kernel.state(app), think, record, transaction, routes, call, kernel.blobs)

    def _thinker(self, pid: int) -> Think:
        async def think(request: ChatRequest) -> str:
            return await self._kernel.think(pid, request, Priority.REQUEST)

        return think
