"""Requests that nobody sent and states that nobody stored, made from a schema: where two handlers may differ."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass

from llmos.backend.asked import Asked
from llmos.backend.request import Reader
from llmos.backend.routes import Match, Route, is_parameter, sends
from llmos.backend.shape import Shape
from llmos.contracts import Json

NUM_DOCUMENTS = 4
WORDS = ("plum", "Plum", "tea", "a", "Zoë", "x y", "42", "true")
NOW = "2026-03-04T05:06:07Z"
BASE = "http://localhost"
CHANCE_OF_AN_UNKNOWN_ID = 0.15

State = dict[str, dict[str, Json]]


@dataclass(frozen=True)
class Case:
    state: State
    asked: Asked


def cases(route: Route, shapes: dict[str, Shape], reader: Reader, seed: int) -> Iterator[Case]:
    """Without end, and the same for the same seed. Bodies fit the schema: what does not never reaches a handler."""
    chance = random.Random(seed)
    while True:
        state = {name: documents(shape, shapes, chance) for name, shape in shapes.items()}
        asked = _asked(route, shapes, reader, state, chance)
        if not asked.problems:
            yield Case(state, asked)


def documents(shape: Shape, shapes: dict[str, Shape], chance: random.Random) -> dict[str, Json]:
    keys = [str(key) for key in range(1, 1 + chance.randint(0, NUM_DOCUMENTS))]
    return {key: _document(shape, key, shapes, chance) for key in keys}


def _document(shape: Shape, key: str, shapes: dict[str, Shape], chance: random.Random) -> dict[str, Json]:
    numeric = shape.fields.get("id", {}).get("type") in ("integer", "number")
    members: dict[str, Json] = {}
    for name, part in shape.fields.items():
        if name == "id":
            members[name] = int(key) if numeric else key
        elif name == "url" and shape.has_url:
            continue
        elif name in shape.required or chance.random() < 0.7:
            members[name] = _value(name, part, shape, shapes, chance)
    return shape.filled(members)


def _asked(route: Route, shapes: dict[str, Shape], reader: Reader, state: State, chance: random.Random) -> Asked:
    found: dict[str, str] = {}
    for before, segment in zip(["", *route.segments], route.segments, strict=False):
        if is_parameter(segment):
            found[segment[1:-1]] = _key(state.get(before, {}), chance)
    path = "/" + "/".join(found[part[1:-1]] if is_parameter(part) else part for part in route.segments)
    shape = reader.shape(route)
    body = _body(shape, shapes, chance, partial=route.method == "PATCH") if shape and sends(route.method) else {}
    query = {name: _query(name, shapes, chance) for name in route.query if chance.random() < 0.6}
    problems = shape.problems(body, partial=route.method == "PATCH") if shape and sends(route.method) else []
    return Asked(path, Match(route, found), query, body, tuple(problems), NOW, BASE)


def _body(shape: Shape, shapes: dict[str, Shape], chance: random.Random, *, partial: bool) -> dict[str, Json]:
    fields = {name: part for name, part in shape.fields.items() if name not in shape.own}
    kept = [name for name in fields if (name in shape.required and not partial) or chance.random() < 0.6]
    return {name: _value(name, fields[name], shape, shapes, chance) for name in kept}


def _query(name: str, shapes: dict[str, Shape], chance: random.Random) -> str:
    for shape in shapes.values():
        if name in shape.fields:
            value = _value(name, shape.fields[name], shape, shapes, chance)
            return str(value).lower() if isinstance(value, bool) else str(value)
    return chance.choice(["1", "2", *WORDS])


def _key(documents: dict[str, Json], chance: random.Random) -> str:
    known = list(documents)
    return "99" if not known or chance.random() < CHANCE_OF_AN_UNKNOWN_ID else chance.choice(known)


def _value(name: str, part: dict[str, Json], shape: Shape, shapes: dict[str, Shape], chance: random.Random) -> Json:
    if "const" in part or part.get("enum"):
        return part["const"] if "const" in part else chance.choice(part["enum"])
    kind = part.get("type")
    if isinstance(kind, list):
        kind = chance.choice(kind)
    match kind:
        case "boolean":
            return chance.random() < 0.5
        case "integer" | "number":
            return _number(name, part, shapes, chance)
        case "array":
            items = shape.source.resolved(part.get("items", {}))
            return [_value(name, items, shape, shapes, chance) for _ in range(chance.randint(0, 3))]
        case "object":
            inner = {of: shape.source.resolved(it) for of, it in part.get("properties", {}).items()}
            return {of: _value(of, it, shape, shapes, chance) for of, it in inner.items()}
        case "null":
            return None
    return _text(part, chance)


def _number(name: str, part: dict[str, Json], shapes: dict[str, Shape], chance: random.Random) -> int:
    """Small, so that values meet: an amount is sometimes a balance, and a number that names a document often does."""
    least, most = int(part.get("minimum", part.get("exclusiveMinimum", -1) + 1)), int(part.get("maximum", 10**9))
    if any(name.removesuffix("_id") in (shape, shape[:-1], shape[:-2]) for shape in shapes):
        return chance.randint(1, NUM_DOCUMENTS + 1)
    return min(most, max(least, chance.choice([least, 1, 2, 3, 5, 10, 100])))


def _text(part: dict[str, Json], chance: random.Random) -> str:
    match part.get("format"):
        case "date-time":
            return f"2026-01-0{chance.randint(1, 9)}T00:00:00Z"
        case "date":
            return f"2026-01-0{chance.randint(1, 9)}"
        case "time":
            return f"0{chance.randint(0, 9)}:30:00Z"
        case "email":
            return f"{chance.choice('abc')}@example.net"
        case "uri":
            return f"https://example.net/{chance.choice('abc')}"
    text = chance.choice(WORDS)
    text += "".join(chance.choices(string.ascii_lowercase, k=max(0, int(part.get("minLength", 0)) - len(text))))
    return text[: int(part.get("maxLength", len(text)))]
