"""The first minute: a model is offered where there is none, and the kernel starts behind the prompt."""

from __future__ import annotations

import asyncio
import os
import threading
from typing import ClassVar

from rich.filesize import decimal
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ProgressBar, Static

from llmos import models
from llmos.engines.choose import gpu_bytes
from llmos.errors import LlmosError
from llmos.shell.text import one_line


def missing_model() -> models.Model | None:
    """The model that the kernel would think with and that is not here; None where nothing is to be fetched.

    Raises ModelError when LLMOS_MODEL names none, UsageError.
    """
    if os.environ.get("LLMOS_ENGINE_URL"):
        return None
    model = models.default_model(gpu_bytes())
    return None if models.installed(model) else model


class Stopped(Exception):
    """The person stopped the pull; what came stays, and the next pull goes on with it."""


class PullCard(Vertical, can_focus=True):
    """Offers to fetch a model, shows how far it is, and can be stopped and gone on with."""

    DEFAULT_CSS = """
    PullCard { height: auto; border: round $accent; padding: 0 1; margin: 0 0 1 0;
        &:focus { border: round $accent; background: $accent 8%; }
        &:ansi { border: round ansi_bright_blue; }
        &:ansi:focus { border: heavy ansi_bright_blue; background: transparent; }
        .title { text-style: bold; }
        .told { color: $text-muted; }
        ProgressBar { width: 1fr; display: none; }
        Bar { width: 1fr; }
    }
    PullCard.runs ProgressBar { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pull", "Fetch it"),
        Binding("x", "stop", "Stop"),
    ]

    class Done(Message):
        """The model is here."""

    def __init__(self, model: models.Model) -> None:
        super().__init__()
        self._model = model
        self._stop = threading.Event()
        self._runs = False

    def compose(self) -> ComposeResult:
        size = decimal(self._model.bytes)
        yield Static("llmos thinks with a model, and none is here yet", classes="title")
        yield Static(Content(self._model.title))
        yield Static(
            Content(f"It is {size}, {self._model.licence}, checked by its SHA-256, and then works without a network."),
            classes="told",
        )
        yield ProgressBar(total=self._model.bytes, show_eta=False)
        yield Static(id="state", classes="told")

    def on_mount(self) -> None:
        self._tell("enter fetches it now · you can write meanwhile; it is sent when the model is here")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._runs if action == "stop" else not self._runs

    def action_pull(self) -> None:
        self._runs = True
        self._stop.clear()
        self.add_class("runs")
        self.refresh_bindings()
        self._fetch()

    def action_stop(self) -> None:
        self._stop.set()
        self._tell("stops …")

    @work(exclusive=True)
    async def _fetch(self) -> None:
        loop = asyncio.get_running_loop()

        def report(progress: models.Progress) -> None:
            if self._stop.is_set():
                raise Stopped
            loop.call_soon_threadsafe(self._show, progress)

        try:
            await asyncio.to_thread(models.pull, self._model, progress=report)
        except Stopped:
            self._pause("stopped; enter goes on from here")
        except LlmosError as error:
            self._pause(f"✗ {one_line(str(error), 600)} · enter tries again")
        else:
            self.post_message(self.Done())

    def _pause(self, told: str) -> None:
        self._runs = False
        self.refresh_bindings()
        self._tell(told)

    def _show(self, progress: models.Progress) -> None:
        if not self.is_mounted or not self._runs:
            return
        self.query_one(ProgressBar).update(total=progress.total_bytes, progress=progress.done_bytes)
        of = f"{decimal(progress.done_bytes)} of {decimal(progress.total_bytes)}"
        left = progress.seconds_left
        rest = f" · {left // 60:.0f}:{left % 60:02.0f} left" if left is not None and progress.phase == "fetch" else ""
        phase = {"wait": "another process fetches it", "verify": "checks its SHA-256"}.get(progress.phase, "")
        note = one_line(progress.note, 200)
        self._tell(" · ".join(filter(None, [note, phase, of + rest, "x stops; what came stays"])))

    def _tell(self, text: str) -> None:
        self.query_one("#state", Static).update(Content(text))
