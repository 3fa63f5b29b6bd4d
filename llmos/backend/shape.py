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
_TOGETHER = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas")
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
        self.files = schema.file_fields(self.schema)
        self.required = tuple(self.schema.get("required", ()))
        self.closed = self.schema.get("additionalProperties") is False
        self._validators: dict[str, Any] = {
            name: schema.validator.evolve(schema=part) for name, part in self.fields.items()
        }
        rules = {word: self.schema[word] for word in _TOGETHER if word in self.schema}
        # a rule about what the app sets itself cannot be asked of what a client sends
        is_for_clients = rules and not _strings(rules) & (self.own | {"$ref"})
        self._whole: Any = schema.validator.evolve(schema=rules) if is_for_clients else None

    def coerced(self, body: dict[str, Json]) -> dict[str, Json]:
        """A form sends text: numbers and truths are read from it, and what was left empty was not sent."""
        values = {name: self._coerce(name, value) for name, value in body.items()}
        return {name: value for name, value in values.items() if value != "" or self._takes_empty(name)}

    def typed(self, body: dict[str, Json]) -> dict[str, Json]:
        """JSON has types of its own: only 5.0 is read, as the integer that it is."""
        return {name: _whole(value, self.fields.get(name, {}).get("type")) for name, value in body.items()}

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
            if problem := self._problem(name, value):
                found.append(problem)
        return found or ([] if partial else self.whole_problems(self.filled(self.settable(body))))

    def whole_problems(self, document: dict[str, Json]) -> list[Problem]:
        """What is wrong with the fields together, where each of them fits."""
        error = self._whole and jsonschema.exceptions.best_match(self._whole.iter_errors(document))
        return [Problem("body", f"does not fit: {error.message[-_MESSAGE_LENGTH:]}")] if error else []

    def _problem(self, name: str, value: Json) -> Problem | None:
        if _is_beyond(value):
            return Problem(name, "does not fit into 64 bits")
        if name not in self.fields:
            return None
        part = self.fields[name]
        error = jsonschema.exceptions.best_match(self._validators[name].iter_errors(value))
        if error is None:
            return None
        if name in self.files:
            return Problem(name, _wrong_file(value, error))
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


def _wrong_file(value: Json, error: jsonschema.ValidationError) -> str:
    """What does not fit of a file, or of one of several."""
    member = str(error.path[-1]) if error.path else ""
    bound: Json = error.validator_value
    if error.validator == "enum" and member == "type":
        return f"must be of type {', '.join(map(str, bound))}, and is {error.instance}"
    if error.validator == "maximum" and member == "size":
        return f"is larger than {bound} bytes"
    if member in ("type", "size", "name"):
        return f"does not fit: its {member}: {error.message[-_MESSAGE_LENGTH:]}"
    if isinstance(value, list) and error.validator in ("maxItems", "minItems"):
        return f"does not fit: {error.validator} is {bound}"
    return "must be a file; send the form as multipart/form-data"


def _is_beyond(value: Json) -> bool:
    """Whether some integer in it is larger than others can count with."""
    if isinstance(value, int):
        return abs(value) > MAX_INTEGER
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_is_beyond(part) for part in inner)


def _strings(value: Json) -> set[str]:
    """Every text and name in it."""
    if isinstance(value, str):
        return {value}
    parts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_strings, parts))


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
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 20:
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return value
    return number if abs(number) < float("inf") else value
