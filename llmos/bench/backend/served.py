"""One shipped app, served by a kernel that is a process and a folder of its own; its handlers are the model's."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from llmos.contracts import Json
from llmos.errors import LlmosError
from llmos.http.client import KernelClient, connect, running, stop, wait_released

NOWHERE = "http://127.0.0.1:9"  # discards what it is sent, where it is served at all


@dataclass(frozen=True)
class Compiled:
    """What became of each route, in how many seconds, and how many candidates the model wrote for it."""

    seconds: float
    standings: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> list[str]:
        return [route for route, standing in self.standings.items() if standing != "live"]


class Served:
    """Within it the app is served at `url`, and is again at the same place after a kill."""

    def __init__(self, home: Path, app: str) -> None:
        self.home, self.app = home, app
        self.url = ""

    def __enter__(self) -> "Served":
        site = self.kernel().post("/sites", {"app": self.app, "host": "127.0.0.1", "port": 0})
        self.url = str(site["url"]).rstrip("/")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if running(self.home):
            stop(self.home)

    @property
    def place(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 80)

    def kernel(self) -> KernelClient:
        return connect(self.home)

    def compile(self, routes: tuple[str, ...] = ()) -> Compiled:
        """Let the model write handlers for these routes, or for all."""
        kernel, began = self.kernel(), time.monotonic()
        names = routes or tuple(row["route"] for row in kernel.get(f"/backend/{self.app}/routes"))
        entries = [kernel.post(f"/backend/{self.app}/compile", {"route": name}) for name in names]
        written = {entry["route"]: int(entry["evidence"]["written"]) for entry in entries}
        standings = {entry["route"]: str(entry["standing"]) for entry in entries}
        return Compiled(time.monotonic() - began, standings, written)

    def uses(self) -> dict[str, int]:
        """How many requests handlers answered, and the model, since the site was opened."""
        rows = self.kernel().get(f"/backend/{self.app}/routes")
        return {name: sum(int(row[name]) for row in rows) for name in ("hits", "interpreted", "stumbles")}

    def state(self) -> Json:
        return self.kernel().get(f"/state/{self.app}")["value"]

    def kill(self) -> None:
        """As a power cut would: nothing is told to the kernel first."""
        os.kill(self.kernel().pid, signal.SIGKILL)
        wait_released(self.home)

    def start_again(self) -> None:
        """Start the kernel; it opens its sites by itself."""
        if not self.kernel().get("/status")["sites"]:
            raise LlmosError(f"The kernel of {self.home} did not open its site again; look into logs/kernel.log there.")

    def import_state(self, text: str) -> None:
        self.kernel().post(f"/state/{self.app}/import", {"text": text, "replace": True})


def compiled_home(home: Path, app: str, routes: tuple[str, ...] = ()) -> Compiled:
    """Make `home` a state folder with handlers of the app, and no kernel running. Raises LlmosError without them."""
    with Served(home, app) as served:
        compiled = served.compile(routes)
    if compiled.failed:
        raise LlmosError(f"The model did not compile {', '.join(compiled.failed)} of {app}; run the benchmark again.")
    return compiled


@contextmanager
def without_model() -> Iterator[None]:
    """Kernels that are started within have no engine, so that what they answer is answered by handlers."""
    before = os.environ.get("LLMOS_ENGINE_URL")
    os.environ["LLMOS_ENGINE_URL"] = NOWHERE
    try:
        yield
    finally:
        if before is None:
            del os.environ["LLMOS_ENGINE_URL"]
        else:
            os.environ["LLMOS_ENGINE_URL"] = before
