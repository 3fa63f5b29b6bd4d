"""Values made from a schema: small and few, so that an amount sometimes is a balance, and an id a stored document's.

Not every value fits, for a schema may say more than is followed here (`pattern`, `not`): whoever takes one checks it.
"""

from __future__ import annotations

import math
import random
import string
import uuid

from llmos.contracts import Json
from llmos.state.schema import StateSchema

WORDS = ("plum", "Plum", "tea", "a", "Zoë", "x y", "42", "true")
NUMBERS = (0, 1, 2, 3, 5, 10, 100)
MAX_ITEMS = 3
MAX_DEPTH = 6  # of a value: a schema may lead into itself
CHANCE_OF_AN_OPTION = 0.7


class Values:
    """Makes values. `num_ids` are the documents that a number which names one chooses from."""

    def __init__(self, schema: StateSchema, chance: random.Random, num_ids: int) -> None:
        self._schema = schema
        self._chance = chance
        self._num_ids = num_ids

    def of(self, name: str, part: Json, depth: int = 0) -> Json:
        """A value of a field called `name` whose schema is `part`."""
        part = self._chosen(part if isinstance(part, dict) else {})
        if "const" in part:
            return part["const"]
        if part.get("enum"):
            return self._chance.choice(part["enum"])
        match self._kind(part, depth):
            case "boolean":
                return self._chance.random() < 0.5
            case "integer" | "number" as kind:
                return self._number(name, part, kind)
            case "array":
                return self._array(name, part, depth)
            case "object":
                return self._object(part, depth)
            case "null":
                return None
        return self._text(part)

    def _chosen(self, part: dict[str, Json]) -> dict[str, Json]:
        """`part` without references and choices: one of each is taken."""
        for _ in range(MAX_DEPTH):
            part = dict(self._schema.resolved(part))
            choice = next((word for word in ("anyOf", "oneOf", "allOf") if part.get(word)), None)
            if choice is None:
                break
            rest = {word: value for word, value in part.items() if word != choice}
            options = part[choice] if choice == "allOf" else [self._chance.choice(part[choice])]
            for option in options:
                rest |= self._schema.resolved(option) if isinstance(option, dict) else {}
            part = rest
        return part

    def _kind(self, part: dict[str, Json], depth: int) -> str:
        kinds = part.get("type", "object" if "properties" in part else "array" if "items" in part else "string")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        flat = [kind for kind in kinds if kind not in ("array", "object")]
        return str(self._chance.choice(flat if flat and depth >= MAX_DEPTH else kinds))

    def _number(self, name: str, part: dict[str, Json], kind: str) -> float:
        least, most = _bounds(part, kind)
        step = part.get("multipleOf")
        if step is None and self._names_a_document(name):
            return min(most, max(least, self._chance.randint(1, self._num_ids + 1)))
        start = least if math.isfinite(least) else most if math.isfinite(most) else 0
        near = [number for number in (*NUMBERS, start, start + 1) if least <= number <= most]
        chosen = self._chance.choice(near or [start])
        if step is not None:
            chosen = math.ceil(chosen / step) * step
        return int(chosen) if chosen == int(chosen) else chosen

    def _names_a_document(self, name: str) -> bool:
        stem = name.removesuffix("_id").removesuffix("Id")
        return any(stem in (of, of[:-1], of[:-2]) for of in self._schema.collections)

    def _array(self, name: str, part: dict[str, Json], depth: int) -> Json:
        least = int(part.get("minItems", 0))
        most = max(least, min(int(part.get("maxItems", MAX_ITEMS)), least + MAX_ITEMS))
        length = least if depth >= MAX_DEPTH else self._chance.randint(least, most)
        if depth > 2 * MAX_DEPTH:
            return []
        items = [self.of(name, part.get("items", {}), depth + 1) for _ in range(length)]
        return _without_twins(items) if part.get("uniqueItems") else items

    def _object(self, part: dict[str, Json], depth: int) -> dict[str, Json]:
        if depth > 2 * MAX_DEPTH:
            return {}
        required = part.get("required", ())
        made: dict[str, Json] = {}
        for name, inner in part.get("properties", {}).items():
            if name in required or (depth < MAX_DEPTH and self._chance.random() < CHANCE_OF_AN_OPTION):
                made[name] = self.of(name, inner, depth + 1)
        return made

    def _text(self, part: dict[str, Json]) -> str:
        day, letter = self._chance.randint(1, 9), self._chance.choice("abc")
        texts = {
            "date-time": f"2026-01-0{day}T00:00:00Z",
            "date": f"2026-01-0{day}",
            "time": f"0{day}:30:00Z",
            "duration": f"P{day}D",
            "email": f"{letter}@example.net",
            "idn-email": f"{letter}@example.net",
            "uri": f"https://example.net/{letter}",
            "uri-reference": f"/{letter}",
            "iri": f"https://example.net/{letter}",
            "hostname": f"{letter}.example.net",
            "ipv4": f"192.0.2.{day}",
            "ipv6": f"2001:db8::{day}",
            "uuid": str(uuid.UUID(int=day, version=4)),
            "regex": f"{letter}+",
            "media-type": "image/png",
            "sha256": f"{day}{letter}" * 32,
            "json-pointer": f"/{letter}",
        }
        if part.get("format") in texts:
            return texts[part["format"]]
        text = self._chance.choice(WORDS)
        text += "".join(
            self._chance.choices(string.ascii_lowercase, k=max(0, int(part.get("minLength", 0)) - len(text)))
        )
        return text[: int(part.get("maxLength", len(text)))]


def _bounds(part: dict[str, Json], kind: str) -> tuple[float, float]:
    """The least and the greatest number."""
    least, most = part.get("minimum", -math.inf), part.get("maximum", math.inf)
    over, under = part.get("exclusiveMinimum", -math.inf), part.get("exclusiveMaximum", math.inf)
    if kind == "integer":
        least, most = max(-_floor(-least), _floor(over) + 1), min(_floor(most), -_floor(-under) - 1)
    elif math.isfinite(over) or math.isfinite(under):
        gap = min((min(most, under) - max(least, over)) / 2, 0.5)
        least, most = max(least, over + gap), min(most, under - gap)
    return least if math.isfinite(least) or most < 0 else 0, most


def _floor(number: float) -> float:
    return math.floor(number) if math.isfinite(number) else number


def _without_twins(items: list[Json]) -> list[Json]:
    return [item for number, item in enumerate(items) if item not in items[:number]]
