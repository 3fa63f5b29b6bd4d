"""What a tool is called with and what it gave, written out for a person so that no value can pass for another."""

from __future__ import annotations

import json

from llmos.contracts import Json
from llmos.shell.text import clean, one_line

MAX_RESULT_CHARS = 20_000


def written(arguments: Json) -> str:
    """Each argument on its line; a text of several lines stands behind a bar that it cannot itself draw."""
    if not isinstance(arguments, dict):
        return _value(arguments)
    return "\n".join(f"{one_line(key, 80)}: {_value(value)}" for key, value in arguments.items())


def in_short(arguments: Json, max_chars: int = 100) -> str:
    """On one line; a single argument without its name."""
    if isinstance(arguments, dict) and len(arguments) == 1:
        [arguments] = arguments.values()
    told = arguments if isinstance(arguments, str) else _json(arguments) if arguments else ""
    return one_line(told, max_chars)


def result_text(result: Json) -> str:
    """A result as it is read: words as words, all else as JSON. Not made safe."""
    if isinstance(result, dict) and set(result) <= {"text", "engine", "charts"} and isinstance(result.get("text"), str):
        return str(result["text"])
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, indent=2)


def result_shown(text: str) -> str:
    return clean(text, max_line_chars=1_000, max_chars=MAX_RESULT_CHARS)


def _value(value: Json) -> str:
    if not isinstance(value, str):
        return clean(_json(value), max_chars=MAX_RESULT_CHARS)
    told = clean(value, max_chars=MAX_RESULT_CHARS)
    if "\n" not in told:
        return told
    return "\n" + "\n".join(f"  │ {line}" for line in told.split("\n"))


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
