"""What the model is told of a run: short, with what it printed, its value, or its error and how to mend it."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent

from drivers.python import walls
from drivers.python.piped import TOO_SLOW
from drivers.python.session import Outcome

MAX_CHARS = 8_000
MAX_ERROR_CHARS = 800
PNG = b"\x89PNG\r\n\x1a\n"
NOTHING = "It ran and printed nothing; print the answer, or end with an expression."
FASTER = "It was stopped; run it again with loops in place of functions that call themselves."
LESS = "It was stopped; do less at once."
LOST = "Its variables are gone, its files remain; the next run starts anew."
EMPTIED = "Its variables and its files are gone; the next run starts anew."
MODULES = {"math", "random", "datetime", "json", "re", "statistics", "itertools", "collections", "fractions", "decimal"}
MODULES |= {"os", "sys", "time", "csv", "numpy", "pandas", "string", "functools", "calendar", "pathlib"}
SHORT = {"np": "import numpy as np", "pd": "import pandas as pd", "plt": "import matplotlib.pyplot as plt"}
# the error's kind, a pattern of its message, and what helps
HINTS = (
    ("ModuleNotFoundError", "", "Use the standard library, numpy, pandas or matplotlib; nothing can be installed."),
    ("PermissionError", "", "Only files in the current folder can be used, and there is no network."),
    ("OSError", "File too large", f"A file may have {walls.FILE_MB} MB at most."),
    ("BlockingIOError|RuntimeError", "start new thread|temporarily", "Too many processes; start fewer."),
    ("MemoryError", "", f"A program has {walls.MEMORY_MB} MB; work on less at once."),
    ("RecursionError", "", "Use a loop instead of recursion."),
    ("IndentationError|SyntaxError", "", "Send the whole corrected code again."),
    ("EOFError", "", "There is nobody to type anything; write the values into the code."),
    ("gaierror|URLError|ConnectionError", "", "There is no network."),
)


def of_run(outcome: Outcome) -> CallToolResult:
    """The answer to `run`."""
    told, printed = outcome.told, outcome.printed.text(MAX_CHARS)
    if outcome.stopped or outcome.lost or "error" in told:
        return refusal(_joined(printed[-2000:], _trouble(outcome)))
    shown = _joined(printed, _shown(told, printed))
    structure = {"text": shown, "engine": "CPython", "charts": _charts(told)}
    return CallToolResult(content=[_text(shown), *_figures(told)], structured_content=structure)


def of_shell(outcome: Outcome) -> CallToolResult:
    """The answer to `shell`: what it printed, and its exit code unless that is 0."""
    printed = outcome.printed.text(MAX_CHARS)
    if outcome.stopped:
        return refusal(_joined(printed[-2000:], f"{outcome.stopped}{' ' + EMPTIED if outcome.emptied else ''}"))
    if outcome.exit_code:
        killed = "It was killed, most likely for its memory." if outcome.exit_code < 0 else ""
        return refusal(_joined(printed[-4000:], killed or f"It ended with exit code {outcome.exit_code}."))
    return CallToolResult(content=[_text(printed or "It ran and printed nothing.")])


def refusal(text: str) -> CallToolResult:
    return CallToolResult(content=[_text(text)], is_error=True)


def error_line(kind: str, message: str, line: int, source: str, help_: str) -> str:
    """An error as the model is told it: what, where, and how to mend it."""
    where = f" (line {line}: {source})" if line else ""
    return f"{kind}: {message}".rstrip(": ")[:MAX_ERROR_CHARS] + where + (f" {help_}" if help_ else "")


def hint(kind: str, message: str) -> str:
    if kind == "NameError" and (found := re.match(r"name '(\w+)' is not defined", message)):
        name = found[1]
        known = SHORT.get(name) or (f"import {name}" if name in MODULES else "")
        return f"Write {known} first." if known else "Define it first; variables of earlier runs are kept."
    return next((told for kinds, said, told in HINTS if re.fullmatch(kinds, kind) and re.search(said, message)), "")


def _trouble(outcome: Outcome) -> str:
    rest = EMPTIED if outcome.emptied else LOST if outcome.lost else "Its variables are kept."
    if outcome.stopped:
        return f"{outcome.stopped} {FASTER if outcome.stopped == TOO_SLOW else LESS} {rest}"
    told = outcome.told
    if "error" in told:
        kind, message, source = (_text_of(told, key) for key in ("error", "message", "source"))
        line = told["line"] if isinstance(told.get("line"), int) else 0
        said = error_line(kind, message, line, source, hint(kind, message))
        return f"{said} {rest}" if outcome.lost else said
    if (outcome.exit_code or 0) < 0:
        return f"It was killed, most likely for using more than {2 * walls.MEMORY_MB} MB of memory. {rest}"
    return f"The interpreter ended with exit code {outcome.exit_code or 0}. {rest}"


def _text_of(told: dict[str, Any], key: str) -> str:
    return value if isinstance(value := told.get(key), str) else ""


def _list_of(told: dict[str, Any], key: str) -> list[Any]:
    return value if isinstance(value := told.get(key), list) else []


def _shown(told: dict[str, Any], printed: str) -> str:
    if isinstance(told.get("value"), str) and not _figures(told):
        value: str = told["value"]
        return value if len(value) <= MAX_CHARS else f"{value[:MAX_CHARS]}\n[... print less to see the rest ...]"
    drawn = [
        f"{number} {what}"
        for what, number in (("figures", len(_figures(told))), ("charts", len(_charts(told))))
        if number
    ]
    if drawn:
        return f"[drew {', '.join(drawn)}]"
    if printed.strip():
        return ""
    pairs = [pair for pair in _list_of(told, "assigned") if isinstance(pair, list) and len(pair) == 2]
    return "\n".join(f"{name} = {value}" for name, value in pairs)[:MAX_CHARS] or NOTHING


def _figures(told: dict[str, Any]) -> list[ContentBlock]:
    """Only what is a PNG is passed on as one."""
    found: list[ContentBlock] = []
    for data in _list_of(told, "figures")[:4]:
        try:
            if isinstance(data, str) and base64.b64decode(data, validate=True).startswith(PNG):
                found.append(ImageContent(type="image", data=data, mime_type="image/png"))
        except binascii.Error:
            continue
    return found


def _charts(told: dict[str, Any]) -> list[Any]:
    return _list_of(told, "charts")[:8]


def _joined(*parts: str) -> str:
    return "\n".join(part.strip("\n") for part in parts if part.strip())


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)
