"""The documents of one collection as a request meets them: what a client may send, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jsonschema

from llmos.contracts import Json
from llmos.state.pointer import join_pointer
from llmos.state.schema import StateSchema

_TRUE = frozenset({"true", "on", "yes", "1"})
_FALSE = frozenset({"false", "off", "no", "0"})
_MESSAGE_LENGTH = 120
MAX_INTEGER = 2**63 - 1  # what a database, and a client in another language, count with


@dataclass(frozen=True)
class Problem:
    """Why a field does not fit; `text` reads on from the name."""

    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.name} {self.text}"


class Shape:
    """One collection's document schema. Its own fields (id, creation time, readOnly) are never a client's to set."""

    def __init__(self, collection: str, schema: StateSchema, part: Json = None) -> None:
        """`part` is the schema of something else than the collection's documents, such as one request's body."""
        self.collection = collection
        self.source = schema
        self.schema: dict[str, Json] = schema.resolved(schema.collections[collection] if part is None else part)
        self.fields: dict[str, dict[str, Json]] = {
            name: _field(schema, part) for name, part in self.schema.get("properties", {}).items()
        }
        self.own = frozenset(name for name, part in self.fields.items() if _is_own(name, part))
        self.required = tuple(self.schema.get("required", ()))
        self.closed = self.schema.get("additionalProperties") is False
        self._validators: dict[str, Any] = {
            name: schema.validator.evolve(schema=part) for name, part in self.fields.items()
        }

    def coerced(self, body: dict[str, Json]) -> dict[str, Json]:
        """A form sends text: numbers and truths are read from it, and what was left empty was not sent."""
        values = {name: self._coerce(name, value) for name, value in body.items()}
        return {name: value for name, value in values.items() if value != "" or self._takes_empty(name)}

    def settable(self, body: dict[str, Json]) -> dict[str, Json]:
        """The members that may become a document's."""
        return {
            name: value
            for name, value in body.items()
            if name not in self.own and (name in self.fields or not self.closed)
        }

    def filled(self, members: dict[str, Json]) -> dict[str, Json]:
        """With the defaults of what is not there, in the schema's order."""
        whole = self.defaults | members
        return {name: whole[name] for name in self.fields if name in whole} | whole

    @property
    def defaults(self) -> dict[str, Json]:
        return {name: part["default"] for name, part in self.fields.items() if "default" in part}

    @property
    def derived(self) -> frozenset[str]:
        """Fields that are never stored."""
        return frozenset({"url"} if self.has_url else ())

    @property
    def has_url(self) -> bool:
        """Whether a document says where it is read: made when it is told, and never stored."""
        part = self.fields.get("url", {})
        return part.get("readOnly") is True and part.get("format") in ("uri", "uri-reference")

    @property
    def is_private(self) -> bool:
        """Whether each document is one user's, who is set as its `user`."""
        return self.fields.get("user", {}).get("readOnly") is True

    def outward(self, key: str, document: Json, base: str) -> Json:
        """A stored document as clients see it; `base` is the address they called, such as http://127.0.0.1:8420."""
        if not self.has_url or not isinstance(document, dict):
            return document
        return self.filled({**document, "url": base + quote(join_pointer([self.collection, key]))})

    def problems(self, body: dict[str, Json], *, partial: bool) -> list[Problem]:
        """Why `body` could not become a document, or with `partial` be set on one."""
        given = body.keys() | self.own | self.defaults.keys()
        missing = [name for name in self.required if name not in given]
        found = [] if partial else [Problem(name, "is missing") for name in missing]
        for name, value in self.settable(body).items():
            if name in self.fields and (problem := self._problem(name, value)):
                found.append(problem)
        return found

    def _problem(self, name: str, value: Json) -> Problem | None:
        part = self.fields[name]
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            return Problem(name, "does not fit into 64 bits")
        error = jsonschema.exceptions.best_match(self._validators[name].iter_errors(value))
        if error is None:
            return None
        if value == "":
            return Problem(name, "is empty")
        if "enum" in part:
            return Problem(name, f"must be one of {', '.join(map(str, part['enum']))}")
        if error.validator == "format":
            return Problem(name, f"is not a valid {error.validator_value}")
        if error.validator == "type":
            within = f" at {error.json_path.removeprefix('$').lstrip('.')}" if error.path else ""
            return Problem(name, f"must be of type {error.validator_value}{within}")
        message: str = error.message
        return Problem(name, f"does not fit: {message[-_MESSAGE_LENGTH:]}")

    def _coerce(self, name: str, value: Json) -> Json:
        kind = self.fields.get(name, {}).get("type")
        if kind == "array":
            items = value if isinstance(value, list) else [] if value == "" else [value]
            return [_from_text(item, self.fields[name].get("items", {}).get("type")) for item in items]
        return _whole(_from_text(value, kind), kind)

    def _takes_empty(self, name: str) -> bool:
        """Whether "" is worth telling: the field takes it, or must be given a value and so has a problem."""
        must = name in self.required and name not in self.defaults
        return name not in self.fields or must or self._problem(name, "") is None


def _field(schema: StateSchema, part: dict[str, Json]) -> dict[str, Json]:
    """A field's schema; readOnly counts beside a reference as well."""
    resolved: dict[str, Json] = schema.resolved(part)
    return resolved | {"readOnly": True} if part.get("readOnly") is True else resolved


def _is_own(name: str, part: dict[str, Json]) -> bool:
    stamp = part.get("format") == "date-time" and name.startswith(("created", "updated"))
    return name == "id" or stamp or part.get("readOnly") is True


def _from_text(value: Json, kind: Json) -> Json:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if kind == "boolean" and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    if kind in ("integer", "number"):
        return _number(text, value)
    return value


def _whole(value: Json, kind: Json) -> Json:
    """5.0 is an integer to JSON Schema; kept as it is, sums of it and of others would not be exact."""
    return int(value) if kind == "integer" and isinstance(value, float) and value.is_integer() else value


def _number(text: str, value: str) -> Json:
    if text.removeprefix("-").isascii() and text.removeprefix("-").isdigit() and len(text) < 20:
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return value
    return number if abs(number) < float("inf") else value
