"""The backend that is proposed: its collections, its routes, and what could not be expressed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from llmos.backend.infer.found import Field
from llmos.backend.infer.words import singular, spoken
from llmos.contracts import Json

Kind = Literal["create", "list", "read", "replace", "change", "delete", "act", "plain"]
ORDER: tuple[Kind, ...] = ("create", "list", "read", "replace", "change", "delete", "act", "plain")
STATES_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
LONG_TEXTS = frozenset({"text", "body", "content", "description", "message", "notes", "note", "comment", "bio"})
DOCUMENT = "{id}"


@dataclass
class Collection:
    """`fields` are what a client may set; `stamps` the times that the app sets; `samples` values known to fit.

    `is_open` when documents may have members that nobody told of.
    """

    name: str
    fields: dict[str, Field] = field(default_factory=dict)
    stamps: list[str] = field(default_factory=list)
    id_schema: dict[str, Json] = field(default_factory=lambda: {"type": "integer"})
    samples: dict[str, Json] = field(default_factory=dict)
    is_open: bool = False

    @property
    def one(self) -> str:
        return spoken(singular(self.name))

    @property
    def many(self) -> str:
        return spoken(self.name)

    @property
    def required(self) -> list[str]:
        return [found.name for found in self.fields.values() if found.required]

    def schema(self) -> dict[str, Json]:
        """Of one document."""
        stamp = {"type": "string", "format": "date-time", "readOnly": True}
        properties = {"id": {**self.id_schema, "readOnly": True}, **{name: dict(stamp) for name in self.stamps}}
        properties |= {found.name: bounded(found) for found in self.fields.values()}
        required = ["id", *self.stamps, *self.required]
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": self.is_open}


@dataclass(frozen=True)
class Route:
    """One rule to be. `conditions` are further refusals, each a status and when it is answered."""

    method: str
    path: str
    kind: Kind
    collection: str = ""
    success: int = 200
    invalid: int = 422
    summary: str = ""
    answers: tuple[str, ...] = ()
    conditions: tuple[tuple[int, str], ...] = ()


@dataclass
class Draft:
    title: str
    summary: str = ""
    collections: dict[str, Collection] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def ordered(self) -> list[Route]:
        """Collection by collection, plain routes last."""
        names = list(self.collections)
        return sorted(
            self.routes,
            key=lambda r: (names.index(r.collection) if r.collection else len(names), ORDER.index(r.kind), r.path),
        )

    def state_schema(self) -> dict[str, Json]:
        collections = {
            name: {"type": "object", "additionalProperties": collection.schema()}
            for name, collection in self.collections.items()
        }
        return {"$schema": STATES_SCHEMA, "type": "object", "properties": collections}


def bounded(found: Field) -> dict[str, Json]:
    """The field's schema with bounds for a text that has none: a required one is not empty, none is endless."""
    schema = dict(found.schema)
    if schema.get("type") != "string" or "enum" in schema or schema.get("format") in ("date-time", "date", "time"):
        return schema
    schema.setdefault("maxLength", max(4000 if found.name.lower() in LONG_TEXTS else 400, schema.get("minLength", 0)))
    if found.required:
        schema.setdefault("minLength", 1)
    return schema


def is_stamp(name: str) -> bool:
    """Whether the app sets it, as llmos.backend.shape says."""
    return name.startswith(("created", "updated"))
