"""The schemas of an app's state as components of its OpenAPI document: what is stored, and what a client may send."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from llmos.backend.shape import MAX_INTEGER, Shape
from llmos.contracts import Json
from llmos.state.pointer import join_pointer, split_pointer
from llmos.state.schema import StateSchema

PREFIX = "#/components/schemas/"
PROBLEM: Json = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence that says what to do."},
        "errors": {
            "type": "array",
            "description": "The fields that do not fit.",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["name", "detail"],
            },
        },
    },
    "required": ["type", "title", "status"],
}

# names that mean something else in a document or in the languages that clients are written in
# fmt: off
_TAKEN = frozenset([
    "AbortSignal", "Array", "Blob", "Boolean", "Client", "Date", "Error", "FieldError", "FormData",
    "Function", "Headers", "JSON", "Map", "Number", "Object", "Options",
    "Partial", "Problem", "ProblemDocument", "Promise", "Query", "Record", "Request", "RequestInit",
    "Response", "Set", "State", "String", "Symbol", "URL", "URLSearchParams",
])
# fmt: on
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})
_DATA = frozenset({"const", "enum", "default", "examples"})


def _as_nothing(part: Json) -> Json | None:
    """JSON brings no bytes; where the schema lets nothing be there, that can be said."""
    kinds = part.get("type")
    return {"type": "null"} if isinstance(kinds, list) and "null" in kinds else None


def _as_bytes(part: Json) -> Json | None:
    """A file as a form sends it."""
    one = {"type": "string", "format": "binary"}
    if part.get("type") != "array":
        return one
    return {"type": "array", "items": one, **{word: part[word] for word in ("minItems", "maxItems") if word in part}}


class Components:
    """`schemas` grows by what is asked for; `Entry` is a document of `entries`, `EntryInput` what a client sends."""

    def __init__(self, schema: StateSchema, shapes: dict[str, Shape]) -> None:
        self.schemas: dict[str, Json] = {}
        self._source = schema
        self._shapes = shapes
        self._taken = taken = set(_TAKEN)
        self._names = {name: _free(_called(shape), taken) for name, shape in shapes.items()}
        self._definitions = self._shared() | {
            name: _free(pascal(name) or "Definition", taken)
            for name in schema.source.get("$defs", {})
            if name not in self._shared()
        }
        self._write()

    def document(self, collection: str) -> Json:
        return {"$ref": PREFIX + self._names[collection]}

    def documents(self, collection: str) -> Json:
        """The collection as it is stored: documents by id."""
        return {"type": "object", "additionalProperties": self.document(collection)}

    def sent(self, shape: Shape, *, partial: bool) -> Json:
        """What a client may send for a document, or with `partial` for changes of one; as JSON, so without files."""
        if shape.collection not in self._names:  # what one route takes, which is no document
            method, _, path = shape.collection.partition(" ")
            self._names[shape.collection] = _free(pascal(f"{method.lower()} {path}"), self._taken)
        name = f"{self._names[shape.collection]}{'Changes' if partial else 'Input'}"
        if name not in self.schemas:
            self.schemas[name] = self._settable(shape, partial=partial)
        return {"$ref": PREFIX + name}

    def form(self, shape: Shape, *, partial: bool) -> dict[str, Json]:
        """What a client may send as a form: a field that may be left out may be empty, as if it were not sent."""
        schema = self._settable(shape, partial=partial, files=_as_bytes)
        must = set(shape.required) - shape.defaults.keys()
        fields = {
            name: part if name in must or name in shape.files else {"anyOf": [part, {"const": ""}]}
            for name, part in schema["properties"].items()
        }
        return {**schema, "properties": fields}

    def value(self, name: str) -> Json:
        """A plain value of the state."""
        return self._moved(self._source.values[name])

    def _shared(self) -> dict[str, str]:
        """Definitions that are whole documents of a collection: one component serves both."""
        found: dict[str, str] = {}
        for name, part in self._source.collections.items():
            parts = split_pointer(part["$ref"][1:]) if part.get("$ref", "").startswith("#/$defs/") else ()
            if len(parts) == 2 and len(part) == 1:
                found.setdefault(parts[1], self._names[name])
        return found

    def _write(self) -> None:
        for name, shape in self._shapes.items():
            self.schemas[self._names[name]] = self._stored(shape)
        for name, part in self._source.source.get("$defs", {}).items():
            self.schemas.setdefault(self._definitions[name], self._moved(part))

    def _stored(self, shape: Shape) -> Json:
        document = self._moved(shape.schema)
        for name in shape.own & document.get("properties", {}).keys():
            document["properties"][name]["readOnly"] = True
        return document

    def _settable(
        self, shape: Shape, *, partial: bool, files: Callable[[Json], Json | None] = _as_nothing
    ) -> dict[str, Json]:
        fields = {name: part for name, part in shape.schema.get("properties", {}).items() if name not in shape.own}
        made = {
            name: files(shape.fields[name]) if name in shape.files else _bounded(self._moved(part))
            for name, part in fields.items()
        }
        parts = {name: part for name, part in made.items() if part is not None}
        settable: dict[str, Json] = {"type": "object", "properties": parts}
        required = [name for name in shape.required if name not in shape.own | shape.defaults.keys()]
        if required and not partial:
            settable["required"] = required
        # what a closed schema does not know is left out of a request, which is not refused for it
        if shape.schema.get("additionalProperties", False) is not False:
            settable["additionalProperties"] = self._moved(shape.schema["additionalProperties"])
        return settable

    def _moved(self, part: Json) -> Json:
        """`part` with its references leading to where the schemas now are."""
        if isinstance(part, list):
            return [self._moved(item) for item in part]
        if not isinstance(part, dict):
            return part
        return {name: self._member(name, value) for name, value in part.items() if name not in ("$schema", "$id")}

    def _member(self, name: str, value: Json) -> Json:
        if name == "$ref" and isinstance(value, str):
            return self._reference(value)
        if name in _NAMED and isinstance(value, dict):
            return {key: self._moved(inner) for key, inner in value.items()}
        return value if name in _DATA else self._moved(value)

    def _reference(self, target: str) -> str:
        if target != "#" and not target.startswith("#/"):
            return target
        parts = split_pointer(target[1:])
        if parts[:1] == ("$defs",) and len(parts) > 1 and parts[1] in self._definitions:
            return f"{PREFIX}{self._definitions[parts[1]]}{join_pointer(parts[2:])}"
        if "State" not in self.schemas:
            self.schemas["State"] = {}  # before it is filled: it may refer to itself
            self.schemas["State"] = self._moved({k: v for k, v in self._source.source.items() if k != "$defs"})
        return f"{PREFIX}State{target[1:]}"


def _bounded(part: Json) -> Json:
    """Every integer without bounds has those of 64 bits."""
    if not isinstance(part, dict):
        return part
    part = {word: _bounded_within(word, value) for word, value in part.items()}
    if part.get("type") != "integer":
        return part
    lowest = {} if "exclusiveMinimum" in part else {"minimum": -MAX_INTEGER}
    highest = {} if "exclusiveMaximum" in part else {"maximum": MAX_INTEGER}
    return {**lowest, **highest, **part}


def _bounded_within(word: str, value: Json) -> Json:
    if word in ("properties", "patternProperties") and isinstance(value, dict):
        return {name: _bounded(part) for name, part in value.items()}
    if word in ("items", "additionalProperties"):
        return _bounded(value)
    return [_bounded(part) for part in value] if word in ("anyOf", "oneOf", "allOf", "prefixItems") else value


def pascal(text: str) -> str:
    """The words of a text as one name of ASCII letters and digits; empty when it has none."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", plain))
    return f"N{name}" if name[:1].isdigit() else name


def _called(shape: Shape) -> str:
    title = shape.schema.get("title")
    named = pascal(title) if isinstance(title, str) else ""
    return named or pascal(_singular(shape.collection)) or "Document"


def _singular(plural: str) -> str:
    if plural.endswith("ies") and len(plural) > 4:
        return f"{plural[:-3]}y"
    if plural.endswith(("sses", "xes", "ches", "shes")):
        return plural[:-2]
    if plural.endswith("s") and not plural.endswith(("ss", "us", "is", "news")) and len(plural) > 2:
        return plural[:-1]
    return plural


def _free(name: str, taken: set[str]) -> str:
    """`name`, or one like it that nothing else has; it takes those of its input and changes with it."""
    for candidate in _candidates(name):
        names = {candidate, f"{candidate}Input", f"{candidate}Changes"}
        if not names & taken:
            taken |= names
            return candidate
    raise AssertionError("candidates never end")


def _candidates(name: str) -> Iterable[str]:
    yield name
    yield f"{name}Document"
    number = 2
    while True:
        yield f"{name}{number}"
        number += 1
