"""Runs handlers in a process of pydantic-monty: a Python of its own, without files, network, clock or modules.

Covered: time and memory of one call, what a handler may reach, a crash of the interpreter (the next call starts
another). Not covered: what a handler does with the functions it is given, which `View` and the commit check.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

import pydantic_monty

from llmos.backend.compile.source import Handler
from llmos.backend.compile.view import Function
from llmos.contracts import Json
from llmos.errors import HandlerError

SECONDS = 0.25
MEMORY_BYTES = 128 * 2**20
MAX_CALLS = 5_000  # after which the interpreter is started anew, so that nothing adds up
MAX_CALLS_OUT = 1_000_000  # in all of these together

# `get` says Any: one who has seen that a document is there may get it again, and whether it is there the trial shows
STUBS = """
from typing import Any
Document = dict[str, Any]
def get(collection: str, id: Any) -> Any: ...
def get_all(collection: str) -> list[Document]: ...
def find(collection: str, field: str, value: Any) -> list[Document]: ...
def count(collection: str) -> int: ...
def value(name: str) -> Any: ...
def now() -> str: ...
def add(collection: str, fields: Document) -> Document: ...
def put(collection: str, id: Any, fields: Document) -> Document: ...
def update(collection: str, id: Any, fields: Document) -> Document: ...
def remove(collection: str, id: Any) -> None: ...
def remove_all(collection: str) -> None: ...
def set_value(name: str, value: Any) -> None: ...
"""


class Sandbox:
    """One interpreter process for all handlers of an app, started with the first call."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._session: pydantic_monty.MontySession | None = None
        self._loaded: set[str] = set()
        self._num_calls = 0

    def call(
        self, handler: Handler, arguments: Mapping[str, Json], functions: Mapping[str, Function]
    ) -> tuple[int, Json]:
        """The status and body that the handler returns. Raises HandlerError."""
        name = f"handle_{handler.digest[:24]}"
        try:
            session = self._ready(handler, name)
            code = f"{name}({', '.join(handler.parameters)})"
            returned = session.feed_run(code, inputs=dict(arguments), external_lookup=dict(functions))
        except pydantic_monty.MontyRuntimeError as error:
            if isinstance(error.exception(), TimeoutError | MemoryError | RecursionError):
                self.close()  # stopped in the middle: what is left of its heap is not to be trusted
            raise HandlerError(error.display("type-msg")[:300]) from error
        except pydantic_monty.MontyError as error:
            self.close()
            raise HandlerError(f"The sandbox ended: {str(error)[:200]}") from error
        return _status_and_body(returned)

    def check_types(self, handler: Handler) -> None:
        """Raises HandlerError with what the type checker says."""
        with pydantic_monty.Monty() as pool, pool.checkout(type_check=True, type_check_stubs=STUBS) as session:
            try:
                session.feed_run(handler.source)
            except pydantic_monty.MontyError as error:
                raise HandlerError(f"The handler does not type-check: {str(error)[:300]}") from error

    def close(self) -> None:
        self._stack.close()
        self._stack, self._session = ExitStack(), None
        self._loaded.clear()

    def _ready(self, handler: Handler, name: str) -> pydantic_monty.MontySession:
        self._num_calls += 1
        if self._num_calls % MAX_CALLS == 0:
            self.close()
        if self._session is None:
            pool = self._stack.enter_context(pydantic_monty.Monty(max_processes=1))
            limits = pydantic_monty.ResourceLimits(
                max_feed_duration_secs=SECONDS, max_memory=MEMORY_BYTES, max_suspensions=MAX_CALLS_OUT
            )
            self._session = self._stack.enter_context(pool.checkout(limits=limits))
        if name not in self._loaded:
            self._session.feed_run(handler.source.replace("def handle(", f"def {name}(", 1))
            self._loaded.add(name)
        return self._session


def _status_and_body(returned: Json) -> tuple[int, Json]:
    if isinstance(returned, int) and not isinstance(returned, bool):
        return returned, None
    match returned:
        case (int(status), body) if not isinstance(status, bool):
            return status, _plain(body)
    raise HandlerError(f"The handler returned {str(returned)[:100]} in place of a status and a body.")


def _plain(value: Json) -> Json:
    """`value` as JSON has it. Raises HandlerError where it has no such thing."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and abs(value) < float("inf"):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    raise HandlerError(f"The handler's body holds {type(value).__name__}, which JSON does not have.")
