"""The models: which are here, which one thinks, fetching one with its progress, and switching to another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from llmos.contracts import Json
from llmos.shell.link import Link
from llmos.shell.panels.figures import Told, bar, cell, exact, figure, seconds, size
from llmos.shell.panels.panel import Panel
from llmos.shell.panels.rows import Column, Row
from llmos.shell.text import clean, one_line

OVER = ("done", "cancelled", "failed")
PHASES: dict[str, str] = {"fetch": "fetching", "verify": "checking the digest", "wait": "waiting for another pull"}
STATES = {"installed": "○ here", "absent": "· not here", "on the hub": "◌ on the hub"}


class ModelsPanel(Panel):
    title = "Models"
    key = "models"
    empty = "The catalog is empty."
    columns = (
        Column("model", 22),
        Column("state", 15),
        Column("size", 9, 52, at_right=True),
        Column("does", 14, 84),
        Column("what it is", None, 64),
    )
    concerns = ("model.", "engine.switched")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pull", "Pull"),
        Binding("x", "cancel", "Cancel the pull"),
        Binding("s", "switch", "Think with it"),
    ]

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._models: dict[str, dict[str, Json]] = {}

    async def load(self) -> Sequence[Row]:
        self._models = {model["id"]: model for model in await self.link.get("/models")}
        used = [model["id"] for model in self._models.values() if model["in_use"]]
        self.border_subtitle = f"{one_line(used[0], 40)} thinks" if used else ""
        return [_row(model) for model in self._models.values()]

    async def heard(self, event: Json) -> bool:
        if event["kind"] == "model.pull" and event["data"]["phase"] in OVER:
            self.say(_outcome(event["data"]))
        return await super().heard(event)

    async def detail(self, key: str) -> Told:
        return about(self._models[key])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        model = self._models.get(self.rows.key or "")
        if action not in ("pull", "cancel", "switch"):
            return True
        if model is None:
            return False
        if action == "switch":
            return model["state"] in ("installed", "on the hub") and model["task"] == "chat" and not model["in_use"]
        return is_pulled(model) if action == "cancel" else model["pullable"] and not is_pulled(model)

    @work(group="act")
    async def action_pull(self) -> None:
        if model := self.rows.key:
            async with self.telling():
                await self.link.post(f"/models/{model}/pull")
                self.say(f"{model} is being pulled; it goes on when this panel or the shell is closed.")
            await self.reload()

    @work(group="act")
    async def action_cancel(self) -> None:
        if model := self.rows.key:
            async with self.telling():
                await self.link.delete(f"/models/{model}/pull")
                self.say(f"The pull of {model} is about to end …")
            await self.reload()

    @work(group="act")
    async def action_switch(self) -> None:
        if model := self.rows.key:
            self.say(f"{model} is being loaded; until then the other goes on thinking …")
            async with self.telling():
                await self.link.post("/engine", {"model": model})
                self.say(f"● {model} thinks from now on, until the kernel stops; LLMOS_MODEL={model} keeps it.")
            await self.reload()


def is_pulled(model: dict[str, Json]) -> bool:
    return model["pull"] is not None and model["pull"]["phase"] not in OVER


def state_of(model: dict[str, Json]) -> str:
    pull = model["pull"]
    if is_pulled(model):
        return f"↓ {bar(pull['done_bytes'], pull['total_bytes'])}"
    if model["in_use"]:
        return "● thinks"
    if pull is not None and pull["phase"] == "failed" and model["state"] != "installed":
        return "✗ pull failed"
    if model["state"] == "partial":
        return f"◌ {100 * model['stored_bytes'] // model['bytes']} % here"
    return STATES[model["state"]]


def _outcome(pull: dict[str, Json]) -> str:
    """How a pull ended."""
    model = pull["model"]
    if pull["phase"] == "cancelled":
        return f"The pull of {model} was cancelled; what is here of it is kept, and the next pull goes on from there."
    return f"✗ {pull['error']}" if pull["error"] else f"✓ {model} is here."


def _row(model: dict[str, Json]) -> Row:
    return Row(
        model["id"],
        (
            cell(model["id"], "bold" if model["in_use"] else ""),
            cell(state_of(model)),
            figure(size(model["bytes"]) if model["bytes"] else ""),
            cell(model["task"]),
            cell(model["title"], "dim"),
        ),
    )


def about(model: dict[str, Json]) -> Told:
    needs = f"a GPU with {size(model['gpu_bytes'])}" if model["gpu_bytes"] else ""
    here = size(model["stored_bytes"]) if model["stored_bytes"] else "nothing"
    told = [
        ("model", f"{one_line(model['id'], 60)}  {one_line(model['title'], 120)}"),
        ("state", state_of(model).strip()),
        *(_pull(model["pull"]) if model["pull"] else ()),
        ("does", f"{model['task']} ({', '.join(model['modalities'])})"),
        ("licence", one_line(model["licence"], 80)),
        ("context", f"{exact(model['context_tokens'])} tokens" if model["context_tokens"] else ""),
        ("size", f"{size(model['bytes'])}, {here} of it here" if model["bytes"] else ""),
        ("needs", needs),
        ("lies at", one_line(model["path"], 200)),
        ("default", "taken when none is named" if model["is_default"] else ""),
    ]
    return Told(told)


def _pull(pull: dict[str, Json]) -> list[tuple[str, str]]:
    left, speed = pull["seconds_left"], pull["bytes_per_second"]
    going = pull["phase"] not in OVER
    return [
        ("pull is", PHASES.get(pull["phase"], str(pull["phase"]))),
        ("from", one_line(pull["source"], 120)),
        ("so far", f"{bar(pull['done_bytes'], pull['total_bytes'], 20)}  {size(pull['done_bytes'])}"),
        ("speed", f"{size(speed)} a second" if going and speed else ""),
        ("left", seconds(left) if going and left is not None else ""),
        ("note", clean(pull["note"])),
        ("error", clean(pull["error"])),
    ]
