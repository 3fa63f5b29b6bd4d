"""Who makes a call, for what a driver says and asks while it is at work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from llmos.contracts import ChatRequest, Json
from llmos.kernel.drivers.folders import NONE, Folders


class Caller(Protocol):
    """Hears a driver's progress and answers its questions. A process is one; who calls by hand is none."""

    def progress(self, tool: str, done: float, total: float | None, text: str) -> None: ...

    def roots(self) -> Sequence[Path]:
        """The folders within which this call was allowed."""
        ...

    def folders(self, driver: str) -> Folders:
        """The folders that whoever calls may use with this driver, in any call."""
        ...

    def told(self, driver: str) -> dict[str, Json]:
        """What the driver is told of whoever calls, as `_meta` of the request: the app, the process, its grants."""
        ...

    async def choose(self, tool: str, text: str, choices: Sequence[str]) -> str:
        """A person's choice."""
        ...

    async def sample(self, request: ChatRequest) -> str:
        """What the engine writes, at the caller's expense; nothing where it cannot see the pictures in question."""
        ...


class Silence:
    """A caller that listens to nothing and answers nothing."""

    process = None

    def progress(self, tool: str, done: float, total: float | None, text: str) -> None: ...

    def roots(self) -> Sequence[Path]:
        return ()

    def folders(self, driver: str) -> Folders:
        return NONE

    def told(self, driver: str) -> dict[str, Json]:
        return {}

    async def choose(self, tool: str, text: str, choices: Sequence[str]) -> str:
        return ""

    async def sample(self, request: ChatRequest) -> str:
        return ""


def choices_of(schema: Json) -> dict[str, dict[str, Json]] | None:
    """A form that one choice fills in: what each choice fills in; None where a person would have to write.

    Fields with defaults are filled in with these. What is left must be one field with few values, or nothing: then the
    choice is to accept.
    """
    properties = schema.get("properties") or {}
    defaults = {name: field["default"] for name, field in properties.items() if "default" in field}
    left = [name for name in schema.get("required") or () if name not in defaults]
    if not left and len(properties) == 1 and not defaults:
        left = [*properties]
    if not left:
        return {"accept": defaults}
    values = _values(properties.get(left[0], {}))
    if len(left) > 1 or not values:
        return None
    return {label: {**defaults, left[0]: value} for label, value in values.items()}


def _values(field: Json) -> dict[str, Json]:
    if field.get("type") == "boolean":
        return {"yes": True, "no": False}
    if "oneOf" in field:
        return {str(one["const"]): one["const"] for one in field["oneOf"]}
    return {str(value): value for value in field.get("enum", ())}
