"""Values that fit a schema, for examples; always the same ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema

from llmos.backend.infer.found import Field
from llmos.contracts import Json
from llmos.state.files import is_file, with_files

TIME = "2026-01-02T03:04:05Z"
FORMATS = {
    "email": "ada@example.org",
    "date": "2026-03-14",
    "time": "09:30:00Z",
    "date-time": TIME,
    "uri": "https://example.org",
    "url": "https://example.org",
    "uuid": "6f1c2a9e-3b7d-4c58-9a10-2d4e6f8a0b1c",
    "ipv4": "192.0.2.7",
    "media-type": "text/plain",
    "sha256": "5e" * 32,
}
WORDS = {"name": "Ada", "title": "Milk", "email": "ada@example.org", "phone": "+49 30 1234567", "url": FORMATS["uri"]}
MAX_DEPTH = 6


def sample(found: Field, wanted: Json = None) -> Json:
    """`wanted` where it fits, else a value made from the schema. Raises ValueError when none is found."""
    for value in _candidates(found, wanted):
        if _fits(found.schema, value):
            return value
    raise ValueError(f"no value was found that fits {found.schema}")


def varied(found: Field, value: Json) -> Json:
    """Another value that fits, or the same where none is found."""
    choices = [choice for choice in found.schema.get("enum", ()) if choice != value]
    other: Json = f"Another {found.name}" if isinstance(value, str) else value
    if isinstance(value, bool):
        other = not value
    elif isinstance(value, int | float):
        other = value + 1
    other = choices[0] if choices else other
    return other if _fits(found.schema, other) else value


def _fits(schema: dict[str, Json], value: Json) -> bool:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return bool(jsonschema.Draft202012Validator(schema, format_checker=checker).is_valid(value))


def _candidates(found: Field, wanted: Json) -> Iterator[Json]:
    if wanted is not None:
        yield wanted
    yield from (found.schema[key] for key in ("example", "default") if key in found.schema)
    yield from found.schema.get("examples", ()) if isinstance(found.schema.get("examples"), list) else ()
    if found.schema.get("type") == "string" and found.name.lower() in WORDS:
        yield WORDS[found.name.lower()]
    yield made(found.schema, found.name)
    yield from ("A1", "a", "1", "2026", "ABC-123", "abc123", "00000", "#0a0b0c", "en", "EUR", "12:30")


def made(schema: dict[str, Json], name: str = "", depth: int = 0) -> Json:
    """From the schema alone; not every schema is that simple."""
    schema = with_files(schema) if is_file(schema) and "required" not in schema else schema
    for key in ("enum", "const"):
        if schema.get(key):
            return schema[key][0] if key == "enum" else schema[key]
    for key in ("anyOf", "oneOf"):
        if schema.get(key) and depth < MAX_DEPTH:
            return made(schema[key][0], name, depth + 1)
    kind = schema.get("type")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if kind in ("integer", "number"):
        return _number(schema)
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    if kind == "array":
        items = [made(schema.get("items") or {}, name, depth + 1)] if depth < MAX_DEPTH else []
        return items * max(1, min(schema.get("minItems", 1), 20))
    if kind == "object":
        members = schema.get("properties", {}) if depth < MAX_DEPTH else {}
        return {inner: made(part, inner, depth + 1) for inner, part in members.items()}
    return _text(schema, name)


def _number(schema: dict[str, Json]) -> Json:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None and (above := schema.get("exclusiveMinimum")) is not None:
        low = above + 1
    if high is None and (below := schema.get("exclusiveMaximum")) is not None:
        high = below - 1
    value: Any = 3
    if low is not None and low > value:
        value = low
    if high is not None and high < value:
        value = high
    if step := schema.get("multipleOf"):
        value = -(-value // step) * step
    return value


def _text(schema: dict[str, Json], name: str) -> str:
    if (form := schema.get("format")) in FORMATS:
        return FORMATS[form]
    text = f"Some {name}" if name else "Some text"
    text += "." * max(0, min(schema.get("minLength", 0), 4000) - len(text))
    longest: int = schema.get("maxLength", len(text))
    return str(text[:longest])
