"""Models that are being fetched, each in a thread of its own: seen, heard and cancelled from any shell."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from llmos.contracts import Event, Json
from llmos.errors import LlmosError, UsageError
from llmos.models import pull
from llmos.models.catalog import Model
from llmos.models.progress import Progress

GOODBYE_SECONDS = 3.0


class _Cancelled(Exception):
    """Ends a pull from within its progress; what was fetched stays for the next one."""


@dataclass(frozen=True)
class PullState:
    """How far a pull is, or how it ended. Bytes, and bytes a second; `error` is a sentence."""

    model: str
    phase: str = "begin"
    source: str = ""
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_second: float = 0.0
    seconds_left: float | None = None
    note: str = ""
    error: str = ""

    @property
    def over(self) -> bool:
        return self.phase in ("done", "cancelled", "failed")


class Pulls:
    """`publish` hears of each step as an event that is shown and not recorded."""

    def __init__(self, publish: Callable[[Event], None], fetch: Callable[..., object] = pull) -> None:
        self._publish = publish
        self._fetch = fetch
        self._states: dict[str, PullState] = {}
        self._cancels: dict[str, threading.Event] = {}
        self._threads: dict[str, threading.Thread] = {}

    def of(self, model: str) -> PullState | None:
        return self._states.get(model)

    def start(self, model: Model) -> PullState:
        """Fetch a model in the background; one that is being fetched goes on."""
        state = self._states.get(model.id)
        if state is not None and not state.over:
            return state
        loop, cancelled = asyncio.get_running_loop(), threading.Event()
        self._tell(PullState(model.id, total_bytes=model.bytes))
        thread = threading.Thread(target=self._run, args=(model, cancelled, loop), name=f"pull {model.id}", daemon=True)
        self._cancels[model.id], self._threads[model.id] = cancelled, thread
        thread.start()
        return self._states[model.id]

    def cancel(self, model: str) -> PullState:
        """Over at once, though its thread ends with its next step; a pull that is begun meanwhile waits for that.

        Raises UsageError when it is not being fetched.
        """
        state = self._states.get(model)
        if state is None or state.over:
            raise UsageError(f"{model} is not being pulled; `llmos pull {model}` fetches it.")
        self._cancels[model].set()
        self._tell(replace(state, phase="cancelled"))
        return self._states[model]

    async def close(self) -> None:
        """Let every pull end; each goes on with the next kernel's when somebody asks for it."""
        for cancelled in self._cancels.values():
            cancelled.set()
        await asyncio.gather(
            *(asyncio.to_thread(thread.join, GOODBYE_SECONDS) for thread in self._threads.values() if thread.is_alive())
        )

    def _run(self, model: Model, cancelled: threading.Event, loop: asyncio.AbstractEventLoop) -> None:
        def tell(**change: Json) -> None:
            if cancelled.is_set():
                return
            with suppress(RuntimeError):  # the kernel has ended, and nobody listens any more
                loop.call_soon_threadsafe(self._change, model.id, change)

        def report(progress: Progress) -> None:
            if cancelled.is_set() and progress.phase != "done":
                raise _Cancelled
            told = asdict(progress) | {"seconds_left": progress.seconds_left}
            tell(**{name: value for name, value in told.items() if name != "note" or value})

        try:
            self._fetch(model, progress=report)
        except _Cancelled:
            pass
        except LlmosError as error:
            tell(phase="failed", error=str(error))
        except OSError as error:
            tell(phase="failed", error=f"{model.id} cannot be stored: {error.strerror}.")
        except BaseException:
            tell(phase="failed", error="llmos itself failed; its log is logs/kernel.log in the state folder.")
            raise
        else:
            tell(phase="done")

    def _change(self, model: str, change: dict[str, Json]) -> None:
        self._tell(replace(self._states[model], **change))

    def _tell(self, state: PullState) -> None:
        self._states[state.model] = state
        self._publish(Event(0, 0, time.time(), "model.pull", asdict(state)))
