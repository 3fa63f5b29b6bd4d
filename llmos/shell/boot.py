"""The first minute: a model is offered where there is none, and the kernel starts behind the prompt."""

from __future__ import annotations

import os
from typing import ClassVar

from rich.filesize import decimal
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import ProgressBar, Static

from llmos import models
from llmos.contracts import Event
from llmos.engines.choose import gpu_bytes
from llmos.kernel.pulls import Pulls, PullState
from llmos.shell.conversation.blocks.block import card
from llmos.shell.text import one_line


def missing_model() -> models.Model | None:
    """The model that the kernel would think with and that is not here; None where nothing is to be fetched.

    Raises ModelError when LLMOS_MODEL names none, UsageError.
    """
    if os.environ.get("LLMOS_ENGINE_URL"):
        return None
    model = models.default_model(gpu_bytes())
    return None if models.installed(model) else model


class PullCard(Vertical, can_focus=True):
    """Offers to fetch a model, shows how far it is, and can be stopped and gone on with."""

    DEFAULT_CSS = (
        card("PullCard", "$accent", "ansi_bright_blue")
        + """
    PullCard { height: auto; margin: 0 0 1 0;
        .title { text-style: bold; }
        .told { color: $text-muted; }
        ProgressBar { width: 1fr; display: none; }
        Bar { width: 1fr; }
    }
    PullCard.runs ProgressBar { display: block; }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pull", "Fetch it"),
        Binding("x", "stop", "Stop"),
    ]

    class Done(Message):
        """The model is here."""

    def __init__(self, model: models.Model) -> None:
        super().__init__()
        self._model = model
        self._pulls = Pulls(self._heard)
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
        self.add_class("runs")
        self.refresh_bindings()
        self._pulls.start(self._model)

    def action_stop(self) -> None:
        self._pulls.cancel(self._model.id)

    def _heard(self, event: Event) -> None:
        pull = PullState(**event.data)
        match pull.phase:
            case "cancelled":
                self._pause("stopped; enter goes on from here")
            case "failed":
                self._pause(f"✗ {one_line(pull.error, 600)} · enter tries again")
            case "done":
                self.post_message(self.Done())
            case _:
                self._show(pull)

    async def on_unmount(self) -> None:
        await self._pulls.close()

    def _pause(self, told: str) -> None:
        self._runs = False
        self.refresh_bindings()
        self._tell(told)

    def _show(self, pull: PullState) -> None:
        if not self.is_mounted:
            return
        self.query_one(ProgressBar).update(total=pull.total_bytes, progress=pull.done_bytes)
        of = f"{decimal(pull.done_bytes)} of {decimal(pull.total_bytes)}"
        left = pull.seconds_left
        rest = f" · {left // 60:.0f}:{left % 60:02.0f} left" if left is not None and pull.phase == "fetch" else ""
        phase = {"wait": "another pull fetches it", "verify": "checks its SHA-256"}.get(pull.phase, "")
        note = one_line(pull.note, 200)
        self._tell(" · ".join(filter(None, [note, phase, of + rest, "x stops; what came stays"])))

    def _tell(self, text: str) -> None:
        self.query_one("#state", Static).update(Content(text))
