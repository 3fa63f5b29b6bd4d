"""Who makes a call, for what a driver says and asks while it is at work."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from llmos.contracts import ChatRequest, Json


class Caller(Protocol):
    """Hears a driver's progress and answers its questions. A process is one; who calls by hand is none."""

    def progress(self, tool: str, done: float, total: float | None, text: str) -> None: ...

    def roots(self, driver: str) -> Sequence[Path]:
        """The folders that whoever calls may use with this driver."""
        ...

    async def choose(self, tool: str, text: str, choices: Sequence[str]) -> str:
        """A person's choice."""
        ...

    async def sample(self, request: ChatRequest) -> str:
        """What the engine writes, at the caller's expense."""
        ...


class Silence:
    """A caller that listens to nothing and answers nothing."""

    def progress(self, tool: str, done: float, total: float | None, text: str) -> None: ...

    def roots(self, driver: str) -> Sequence[Path]:
        return ()

    async def choose(self, tool: str, text: str, choices: Sequence[str]) -> str:
        return ""

    async def sample(self, request: ChatRequest) -> str:
        return ""


def choices_of(schema: Json) -> tuple[str, dict[str, Json]] | None:
    """A form that one choice fills in: its field and the value behind each choice; None for any other form.

    A form without required fields is a question of consent, whose field is "".
    """
    properties = schema.get("properties") or {}
    wanted = schema.get("required") or []
    if not properties or (not wanted and len(properties) > 1):
        return "", {"accept": None}
    fields = wanted or list(properties)
    if len(fields) != 1:
        return None
    with suppress(KeyError, TypeError):
        return fields[0], _values(properties[fields[0]])
    return None


def _values(field: Json) -> dict[str, Json]:
    """Raises KeyError where the field takes any text."""
    if field.get("type") == "boolean":
        return {"yes": True, "no": False}
    if "oneOf" in field:
        return {str(one["const"]): one["const"] for one in field["oneOf"]}
    return {str(value): value for value in field["enum"]}
