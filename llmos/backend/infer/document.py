"""An OpenAPI file as JSON, within bounds; and the schemas in it as this project's JSON Schema."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonpointer
import jsonschema
import yaml

from llmos.backend.infer.found import Field
from llmos.backend.infer.words import one_line, word_set
from llmos.contracts import Json
from llmos.errors import UsageError

MAX_BYTES = 4 * 2**20
MAX_NODES = 200_000
MAX_DEPTH = 6
MAX_REFERENCES = 10
MAX_LOOKS = 5_000  # schemas looked into, those behind references as often as they are referred to
KEPT = word_set(
    "enum const minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems"
    " uniqueItems minProperties maxProperties"
)
FORMATS = frozenset({"email", "date", "time", "date-time", "uri", "uuid", "ipv4", "ipv6", "hostname"})


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Plain values alone; a date stays a text, as it is in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_document(path: Path) -> dict[str, Json]:
    """Raises UsageError when the file is no OpenAPI 3 document, or larger than any that is written by hand."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES // 2**20} MiB; leave out of it what no client needs.")
        text = path.read_text("utf-8-sig")
        document = json.loads(text) if path.suffix.lower() == ".json" else yaml.load(text, _Loader)  # noqa: S506
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        first = (str(error).splitlines() or ["too deep"])[0]
        raise UsageError(f"{path} is neither JSON nor YAML that can be read: {first}.") from error
    version = document.get("openapi", document.get("swagger")) if isinstance(document, dict) else None
    if not str(version).startswith("3."):
        raise UsageError(f"{path} must say openapi: 3.x, and says {version}; convert it, or name a front end's folder.")
    _check_size(document, path)
    checked: dict[str, Json] = document
    return checked


def _check_size(document: Json, path: Path) -> None:
    """A YAML alias may stand for as much as it likes, and for itself."""
    waiting, count = [document], 0
    while waiting:
        value = waiting.pop()
        count += 1
        if count > MAX_NODES:
            raise UsageError(f"{path} holds more than {MAX_NODES} values, its aliases written out; shorten it.")
        waiting.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())


class Schemas:
    """The schemas of one document; `notes` tells of what could not be taken over."""

    def __init__(self, document: dict[str, Json]) -> None:
        self._document = document
        self.notes: list[str] = []
        self._looks = 0

    def _may_look(self) -> bool:
        self._looks += 1
        if self._looks == MAX_LOOKS:
            self.notes.append(
                f"Its schemas refer to each other more than {MAX_LOOKS} times; beyond that anything is taken."
            )
        return self._looks < MAX_LOOKS

    def resolved(self, part: Json) -> dict[str, Json]:
        """`part`, or what its `$ref` within this document stands for."""
        for _ in range(MAX_REFERENCES):
            reference = part.get("$ref") if isinstance(part, dict) else None
            if not isinstance(reference, str):
                break
            if not reference.startswith("#/"):
                self.notes.append(f"{reference} lies in another file, which was not read.")
                return {}
            part = jsonpointer.resolve_pointer(self._document, reference[1:], {})
        return part if isinstance(part, dict) and "$ref" not in part else {}

    def merged(self, part: Json, depth: int = 0) -> dict[str, Json]:
        """With `allOf` put together, and the first of `oneOf` and `anyOf`."""
        schema = dict(self.resolved(part))
        if depth > MAX_DEPTH or not self._may_look():
            return schema
        for key in ("oneOf", "anyOf"):
            options = [option for option in _list(schema.pop(key, None)) if self.resolved(option).get("type") != "null"]
            if options:
                schema = _joined(self.merged(options[0], depth + 1), schema)
                if len(options) > 1:
                    self.notes.append(f"Of a choice between {len(options)} schemas ({key}) the first was taken.")
        for option in _list(schema.pop("allOf", None)):
            schema = _joined(schema, self.merged(option, depth + 1))
        return schema

    def members(self, part: Json) -> list[Field]:
        """The members of an object's schema."""
        schema = self.merged(part)
        required = _list(schema.get("required"))
        properties = schema.get("properties")
        return [
            Field(str(name), self.converted(inner, str(name)), name in required)
            for name, inner in (properties.items() if isinstance(properties, dict) else ())
        ]

    def converted(self, part: Json, name: str = "", within: tuple[str, ...] = ()) -> dict[str, Json]:
        """As JSON Schema 2020-12 that is understood here; what is not valid becomes a schema that takes anything.

        A schema `within` itself, such as a pet with a mother, is any object there.
        """
        reference = str(part.get("$ref", "")) if isinstance(part, dict) else ""
        source = self.merged(part)
        if len(within) > MAX_DEPTH or (reference and reference in within) or not self._may_look():
            return {"type": "object"} if "properties" in source else {}
        within = (*within, reference)
        schema = {key: value for key, value in source.items() if key in KEPT}
        self._take_type(schema, source)
        for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if isinstance(schema.get(bound), bool) and schema.pop(bound) and limit in schema:  # OpenAPI 3.0
                schema[bound] = schema.pop(limit)
        if source.get("type") == "array" or "items" in source:
            schema["items"] = self.converted(source.get("items", {}), name, within)
        if isinstance(source.get("properties"), dict):
            schema["properties"] = {
                str(key): self.converted(inner, str(key), within) for key, inner in source["properties"].items()
            }
            schema["required"] = [str(one) for one in _list(source.get("required")) if one in source["properties"]]
        schema |= self._texts(source, name)
        return self._valid(schema, name)

    def _take_type(self, schema: dict[str, Json], source: dict[str, Json]) -> None:
        kind = source.get("type", "object" if "properties" in source else None)
        if kind is not None:
            nullable = source.get("nullable") is True and isinstance(kind, str)
            schema["type"] = [kind, "null"] if nullable else kind
            if nullable and "enum" in schema:
                schema["enum"] = [*schema["enum"], *([] if None in schema["enum"] else [None])]
        if source.get("format") in FORMATS and "enum" not in schema:
            schema["format"] = source["format"]

    def _texts(self, source: dict[str, Json], name: str) -> dict[str, Json]:
        found: dict[str, Json] = {}
        if isinstance(source.get("description"), str):
            found["description"] = one_line(source["description"])
        if isinstance(source.get("pattern"), str):
            try:
                re.compile(source["pattern"])
                found["pattern"] = source["pattern"]
            except re.error:
                self.notes.append(f"The pattern of `{name}` is none here, and was left out.")
        return found

    def _valid(self, schema: dict[str, Json], name: str) -> dict[str, Json]:
        try:
            # what lies within was checked when it was converted
            own = {key: value for key, value in schema.items() if key not in ("properties", "items")}
            jsonschema.Draft202012Validator.check_schema(own)
        except jsonschema.SchemaError as error:
            self.notes.append(
                f"The schema of `{name}` is not valid ({one_line(error.message)}); anything is taken there."
            )
            return {}
        return schema


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _joined(schema: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    joined = {**other, **schema}
    first, second = schema.get("properties"), other.get("properties")
    if isinstance(first, dict) and isinstance(second, dict):
        joined["properties"] = {**second, **first}
    if required := [*_list(schema.get("required")), *_list(other.get("required"))]:
        joined["required"] = list(dict.fromkeys(one for one in required if isinstance(one, str)))
    return joined
