"""JSON Schemas as TypeScript types. What TypeScript cannot say (bounds, formats, patterns) is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import jsonpointer

from llmos.backend.openapi_schemas import PREFIX
from llmos.contracts import Json

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_COMPOSING = frozenset({"$ref", "const", "enum", "anyOf", "oneOf", "allOf"})
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


class Types:
    """Writes the types of one OpenAPI document, whose components keep their names."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._following: list[str] = []

    def declaration(self, name: str, schema: Json) -> str:
        told = _told(schema)
        if isinstance(schema, dict) and schema.get("properties") and not schema.keys() & _COMPOSING:
            members = [f"{_told(part, '  ')}  {member};" for member, part in self._members(schema)]
            return "\n".join([f"{told}export interface {name} {{", *members, "}\n"])
        return f"{told}export type {name} = {self.of(schema)};\n"

    def of(self, schema: Json) -> str:
        """Every part that the schema has narrows the type: they are joined with `&`."""
        if not isinstance(schema, dict):
            return "never" if schema is False else "unknown"
        parts = [part for part in self._parts(schema) if part != "unknown"]
        parts = list(dict.fromkeys(parts))
        return parts[0] if len(parts) == 1 else " & ".join(map(_enclosed, parts)) or "unknown"

    def _parts(self, schema: dict[str, Json]) -> list[str]:
        parts = [self._reference(schema["$ref"])] if "$ref" in schema else []
        if "const" in schema:
            return [*parts, literal(schema["const"])]
        if "enum" in schema:
            return [*parts, _union(list(map(literal, schema["enum"])))]
        parts += [_union(list(map(self.of, schema[word]))) for word in ("anyOf", "oneOf") if word in schema]
        parts += list(map(self.of, schema.get("allOf", ())))
        kinds = schema.get("type", _implied(schema))
        kinds = kinds if isinstance(kinds, list) else [kinds] if kinds else []
        return [*parts, _union([self._kind(kind, schema) for kind in kinds])] if kinds else parts

    def _kind(self, kind: str, schema: dict[str, Json]) -> str:
        if kind == "array":
            items = [self.of(part) for part in schema.get("prefixItems", ())]
            if "items" in schema or not items:
                items.append(self.of(schema.get("items", True)))
            return f"Array<{_union(items)}>"
        if kind == "string" and schema.get("format") == "binary":
            return "Blob"
        return self._object(schema) if kind == "object" else _PLAIN[kind]

    def _object(self, schema: dict[str, Json]) -> str:
        members = [member for member, _ in self._members(schema)]
        if schema.get("properties") or schema.get("required"):
            return "{ " + "; ".join(members) + " }"
        more = schema.get("additionalProperties", True)
        return "Record<string, never>" if more is False else f"Record<string, {self.of(more)}>"

    def _members(self, schema: dict[str, Json]) -> Iterator[tuple[str, Json]]:
        """Each member as TypeScript writes it, and its schema."""
        required, properties = schema.get("required", ()), schema.get("properties", {})
        for name, part in properties.items():
            yield self._member(name, part, name in required), part
        for name in required:
            if name not in properties:
                yield f"{quoted(name)}: unknown", {}
        if schema.get("additionalProperties", False) is not False:
            yield "[member: string]: unknown", {}

    def _member(self, name: str, part: Json, required: bool) -> str:
        readonly = "readonly " if isinstance(part, dict) and part.get("readOnly") is True else ""
        return f"{readonly}{quoted(name)}{'' if required else '?'}: {self.of(part)}"

    def _reference(self, target: str) -> str:
        name = target.removeprefix(PREFIX)
        if target.startswith(PREFIX) and "/" not in name:
            return name
        part = jsonpointer.resolve_pointer(self._document, target[1:], None) if target.startswith("#/") else None
        if part is None or target in self._following:
            return "unknown"
        self._following.append(target)
        written = self.of(part)
        self._following.pop()
        return written


def quoted(name: str) -> str:
    """A member's name, as it is where TypeScript takes it so."""
    return name if _NAME.fullmatch(name) else literal(name)


def literal(value: Json) -> str:
    """JSON is a TypeScript literal type as it is."""
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def comment(text: str, indent: str = "") -> str:
    """A documentation comment; nothing in the text can end it early."""
    lines = text.replace("*/", "*\\/").splitlines()
    if not lines:
        return ""
    return "\n".join([f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */", ""])


def _told(schema: Json, indent: str = "") -> str:
    return comment(str(schema.get("description", "")), indent) if isinstance(schema, dict) else ""


def _implied(schema: dict[str, Json]) -> str | None:
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema or "prefixItems" in schema else None


def _union(parts: list[str]) -> str:
    distinct = list(dict.fromkeys(parts))
    if "unknown" in distinct:
        return "unknown"
    return distinct[0] if len(distinct) == 1 else " | ".join(map(_enclosed, distinct)) or "never"


def _enclosed(part: str) -> str:
    is_composed = re.search(r" [|&] ", part) and not (part.startswith("{") and part.endswith("}"))
    return f"({part})" if is_composed else part
