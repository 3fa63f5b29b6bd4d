"""Python where there is no sandbox for the real one: pydantic-monty, a Python of its own without files, network, clock.

A session has its variables, what it prints and its last value, as with the real one; there are no classes to inherit
from, no generators, and few modules. Which of the two runs is decided by the machine, never by the code, so that a
session's variables are always in one place.
"""

from __future__ import annotations

import ast
import threading
from contextlib import ExitStack
from typing import Any, Literal

from mcp.types import CallToolResult, TextContent

from drivers.python.answers import MAX_CHARS, NOTHING, error_line, hint, refusal
from drivers.python.interpreter import charting, depends_on_arguments_only

SECONDS = 10.0
MEMORY_BYTES = 256 * 2**20
MAX_PRINTED_CHARS = 2**20
REMEMBERING = """
_results_{name} = {{}}
def {name}({given}):
    if ({key},) not in _results_{name}:
        _results_{name}[({key},)] = _plain_{name}({given})
    return _results_{name}[({key},)]
"""
GONE = "Its variables are gone; do less at once."


class TooLoud(Exception):
    """It printed too much."""


class SmallPython:
    """One session of it. One call at a time."""

    def __init__(self, why: str) -> None:
        """`why` the real Python cannot be run here, in words."""
        self._why = why
        self._stack = ExitStack()
        self._session: Any = None
        self._calling = threading.Lock()

    def run(self, code: str) -> CallToolResult:
        import pydantic_monty

        printed: list[str] = []
        drawn: list[Any] = []
        with self._calling:
            try:
                helpers = {"chart": charting(drawn)}
                value = self._ready().feed_run(
                    remembering(code), print_callback=_heard(printed), external_lookup=helpers
                )
            except pydantic_monty.MontyRuntimeError as error:
                return self._failed(error, printed)
            except pydantic_monty.MontySyntaxError as error:
                return refusal(error_line("SyntaxError", str(error)[:200], 0, "", f"in the code. {self._limits()}"))
            except pydantic_monty.MontyError as error:
                self.close()
                return refusal(_joined(printed, f"It failed: {str(error)[:200]}. {GONE}"))
        return _told(printed, value, drawn)

    def close(self) -> None:
        self._stack.close()
        self._stack, self._session = ExitStack(), None

    def _ready(self) -> Any:  # noqa: ANN401 - a MontySession, which loads with the first call
        import pydantic_monty

        if self._session is None:
            pool = self._stack.enter_context(pydantic_monty.Monty(max_processes=1))
            limits = pydantic_monty.ResourceLimits(max_feed_duration_secs=SECONDS, max_memory=MEMORY_BYTES)
            self._session = self._stack.enter_context(pool.checkout(limits=limits))
        return self._session

    def _failed(self, error: Any, printed: list[str]) -> CallToolResult:  # noqa: ANN401 - a MontyRuntimeError
        raised = error.exception()
        kind, message = type(raised).__name__, str(raised)
        frames = [frame for frame in error.traceback() if frame.source_line]
        line, source = (frames[-1].line, frames[-1].source_line.strip()) if frames else (0, "")
        help_ = (
            self._limits() if isinstance(raised, ImportError | NotImplementedError | OSError) else hint(kind, message)
        )
        if isinstance(raised, TimeoutError | MemoryError | TooLoud):
            self.close()  # what is left of its heap is not to be trusted
            help_ = GONE
        return refusal(_joined(printed, error_line(kind, message, line, source, help_)))

    def _limits(self) -> str:
        return f"Only a small Python runs here, as {self._why}."


def remembering(code: str) -> str:
    """The code, whose functions remember results as those of the real interpreter do; there are no decorators here."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return code  # which the small Python will say itself
    body: list[ast.stmt] = []
    for node in tree.body:
        body.append(node)
        if isinstance(node, ast.FunctionDef) and depends_on_arguments_only(node):
            names = [argument.arg for argument in node.args.args]
            given, key = ", ".join(names), ", ".join(f"{name}, str(type({name}))" for name in names)
            filled = REMEMBERING.format(name=node.name, given=given, key=key)
            node.name = f"_plain_{node.name}"
            body += ast.parse(filled).body
    return code if len(body) == len(tree.body) else ast.unparse(ast.Module(body, []))


def _heard(printed: list[str]) -> Any:  # noqa: ANN401 - a print callback
    size = 0

    def hear(stream: Literal["stdout", "stderr"], text: str) -> None:
        nonlocal size
        size += len(text)
        if size > MAX_PRINTED_CHARS:
            raise TooLoud("it printed too much")
        printed.append(text)

    return hear


def _told(printed: list[str], value: Any, drawn: list[Any]) -> CallToolResult:  # noqa: ANN401 - any value
    shown = _joined(printed, "" if value is None else repr(value)[:MAX_CHARS])
    shown = shown or (f"[drew {len(drawn)} charts]" if drawn else NOTHING)
    structure = {"text": shown, "engine": "small Python", "charts": drawn}
    return CallToolResult(content=[TextContent(type="text", text=shown)], structured_content=structure)


def _joined(printed: list[str], rest: str) -> str:
    text = "".join(printed).strip("\n")[:MAX_CHARS]
    return "\n".join(part for part in (text, rest) if part.strip())
