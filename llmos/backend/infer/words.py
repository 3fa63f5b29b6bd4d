"""English for what was found: one todo of many, and what a field's schema says."""

from __future__ import annotations

import re
from collections.abc import Iterable

from llmos.contracts import Json

SPEAKABLE = re.compile(r"[^\W\d][\w$]*(?:[ .-][^\W\d][\w$]*)*|[$@][\w$]+")  # a field's name in a rule
MAX_CHOICES = 20
ODD = {"people": "person", "children": "child", "men": "man", "women": "woman", "data": "data", "news": "news"}
SAME = ("ss", "us", "is")
FORMATS = {"email": "an e-mail address", "date": "a date", "time": "a time of day", "uri": "an address"}
FORMATS |= {"date-time": "a date and time", "uuid": "a UUID"}
KINDS = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "object": "an object"}


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def one_line(text: object, longest: int = 200) -> str:
    """Without line breaks, control characters and Markdown's headings, short enough for a rule."""
    words = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split()).lstrip("#> ")
    return words if len(words) <= longest else words[:longest].rsplit(" ", 1)[0] + " ..."


def singular(name: str) -> str:
    """`entry` of `entries`; the name itself where it is no plural."""
    lower = name.lower()
    if lower in ODD:
        return ODD[lower]
    if lower.endswith("ies") and len(lower) > 4:
        return name[:-3] + "y"
    if lower.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return name[:-2]
    return name[:-1] if lower.endswith("s") and not lower.endswith(SAME) and len(lower) > 2 else name


def is_plural(name: str) -> bool:
    return singular(name) != name or name.lower() in ODD


def spoken(name: str) -> str:
    """`todo item` of `todo-item`, `todoItem` and `todo_item`."""
    return re.sub(r"[-_.~]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)).lower().strip() or name


def with_article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' and not noun.startswith(('uni', 'use', 'eu')) else 'a'} {noun}"


def listed(parts: Iterable[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, end = list(parts)
    return f"{', '.join(first)} {last} {end}" if first else end


def described(schema: dict[str, Json]) -> str:
    """What a value is, in a few words."""
    kind = schema.get("type")
    if choices := schema.get("enum"):
        said = [f"“{one_line(choice, 60)}”" if isinstance(choice, str) else str(choice) for choice in choices]
        return f"one of {', '.join(said[:MAX_CHOICES])}{' and others' if len(said) > MAX_CHOICES else ''}"
    if kind == "array":
        inner = schema.get("items") or {}
        return f"a list, each {described(inner)}" if inner else "a list"
    if kind in ("integer", "number"):
        return KINDS[str(kind)] + _bounds(schema.get("minimum"), schema.get("maximum"))
    if isinstance(kind, list):
        return listed([described({**schema, "type": one}) if one != "null" else "null" for one in kind], "or")
    if kind == "string" or (kind is None and "format" in schema):
        return FORMATS.get(str(schema.get("format")), "text")
    return KINDS.get(str(kind), "anything")


def _bounds(low: Json, high: Json) -> str:
    if low is not None and high is not None:
        return f", {low} to {high}"
    return f", {low} or more" if low is not None else f", at most {high}" if high is not None else ""
