"""What a tool is called with and what it gave, written out for a person so that no value can pass for another."""

from __future__ import annotations

import json
import textwrap

from llmos.contracts import Json
from llmos.shell.text import clean, one_line

MAX_RESULT_CHARS = 20_000
WIDTH = 72


def written(arguments: Json, width: int = WIDTH) -> str:
    """Each argument on its line; one that needs several stands behind a bar, which it cannot itself draw."""
    values = named_values(arguments)
    return "\n".join(f"{name}: {_barred(value, width)}" if name else _barred(value, width) for name, value in values)


def named_values(arguments: Json) -> list[tuple[str, str]]:
    """Each argument's name and value, safe to show; what has no names has one value."""
    if not isinstance(arguments, dict):
        return [] if arguments is None else [("", _value(arguments))]
    return [(one_line(key, 80), _value(value)) for key, value in arguments.items()]


def in_short(arguments: Json, max_chars: int = 100) -> str:
    """On one line; a single argument that is a text without its name."""
    if isinstance(arguments, dict) and [type(value) for value in arguments.values()] == [str]:
        [arguments] = arguments.values()
    told = arguments if isinstance(arguments, str) else _json(arguments) if arguments else ""
    return one_line(told, max_chars)


def result_text(result: Json) -> str:
    """A result as it is read: words as words, all else as JSON. Not made safe."""
    if isinstance(result, dict) and set(result) <= {"text", "engine", "charts"} and isinstance(result.get("text"), str):
        return str(result["text"])
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, indent=2)


def result_shown(text: str) -> str:
    """Without the line ends after it, which are there for a terminal."""
    return clean(text.rstrip("\r\n"), max_line_chars=1_000, max_chars=MAX_RESULT_CHARS)


def _value(value: Json) -> str:
    return clean(value if isinstance(value, str) else _json(value), max_chars=MAX_RESULT_CHARS)


def _barred(value: str, width: int) -> str:
    if "\n" not in value and len(value) <= width:
        return value
    lines = [part for line in value.split("\n") for part in textwrap.wrap(line, width, drop_whitespace=False) or [""]]
    return "\n" + "\n".join(f"  │ {line}" for line in lines)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
