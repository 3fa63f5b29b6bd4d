"""Runs handlers in a process of pydantic-monty: a Python of its own, without files, network, clock or modules.

Covered: time and memory of one call, what a handler may reach, what it may return, a crash of the interpreter (another
is started). Not covered: what a handler does with the functions it is given, which `View` and the commit check.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import pydantic_monty

from llmos.backend.compile.source import Handler
from llmos.backend.compile.view import Function
from llmos.contracts import Json
from llmos.errors import HandlerError, StateError

SECONDS = 0.25
MEMORY_BYTES = 128 * 2**20
MAX_CALLS = 5_000  # after which the interpreter is started anew, so that nothing adds up
MAX_CALLS_OUT = 20_000  # of the functions, by one interpreter; it is started anew at half of that
_POLICY: pydantic_monty.OSPolicy = {
    "datetime": datetime(1970, 1, 1, tzinfo=UTC),
    "sleep": "zero",
    "random_start": {"seed": 0},
}
_PRELUDE = "import json as _json"

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
        self._num_calls_out = 0

    def call(
        self, handler: Handler, arguments: Mapping[str, Json], functions: Mapping[str, Function]
    ) -> tuple[int, Json]:
        """The status and body that the handler returns.

        Raises HandlerError, and whatever else than that one of the functions raised.
        """
        watch = _Watch()
        try:
            try:
                returned = json.loads(self._run(handler, arguments, watch.over(functions)))
            except pydantic_monty.MontyCrashedError:
                if watch.num_calls:
                    raise
                # it had died since its last call, most likely; nothing was done yet, so it may be done again
                self.close()
                returned = json.loads(self._run(handler, arguments, watch.over(functions)))
        except pydantic_monty.MontyRuntimeError as error:
            # RuntimeError: the limit of calls out; in all of these what is left of its heap is not to be trusted
            if isinstance(error.exception(), TimeoutError | MemoryError | RuntimeError):
                self.close()
            slow = isinstance(error.exception(), TimeoutError)
            told = f"It took longer than {SECONDS} s." if slow else error.display("type-msg")[:300]
            raise watch.failure or HandlerError(told) from error
        except (pydantic_monty.MontyError, ValueError, RecursionError) as error:
            self.close()
            raise watch.failure or HandlerError(f"The sandbox ended: {str(error)[:200]}") from error
        finally:
            self._num_calls_out += watch.num_calls
        if watch.failure:
            raise watch.failure
        return _status_and_body(returned)

    def check_types(self, handler: Handler) -> None:
        """Raises HandlerError with what the type checker says."""
        with pydantic_monty.Monty() as pool, pool.checkout(type_check=True, type_check_stubs=STUBS) as session:
            try:
                session.feed_run(handler.source)
            except pydantic_monty.MontyError as error:
                raise HandlerError(f"The handler does not type-check: {str(error)[:300]}") from error

    def close(self) -> None:
        """The next call starts another interpreter."""
        self._stack.close()
        self._stack, self._session = ExitStack(), None
        self._loaded.clear()
        self._num_calls = self._num_calls_out = 0

    def _run(self, handler: Handler, arguments: Mapping[str, Json], functions: Mapping[str, Function]) -> str:
        """What the handler returns, as JSON: the interpreter itself says what has no such form."""
        session = self._ready()
        name = f"handle_{handler.digest[:24]}"
        if name not in self._loaded:
            session.feed_run(handler.source.replace("def handle(", f"def {name}(", 1), print_callback=_unheard)
            self._loaded.add(name)
        # every call has its arguments under the same name, so that none sees those of an earlier one
        code = f"_json.dumps({name}(**_arguments), allow_nan=False)"
        inputs = {"_arguments": dict(arguments)}
        return str(session.feed_run(code, inputs=inputs, external_lookup=dict(functions), print_callback=_unheard))

    def _ready(self) -> pydantic_monty.MontySession:
        if self._num_calls >= MAX_CALLS or self._num_calls_out >= MAX_CALLS_OUT // 2:
            self.close()
        self._num_calls += 1
        if self._session is None:
            pool = self._stack.enter_context(pydantic_monty.Monty(max_processes=1))
            limits = pydantic_monty.ResourceLimits(
                max_feed_duration_secs=SECONDS, max_memory=MEMORY_BYTES, max_suspensions=MAX_CALLS_OUT
            )
            self._session = self._stack.enter_context(pool.checkout(limits=limits, os_policy=_POLICY))
            self._session.feed_run(_PRELUDE)
        return self._session


@dataclass
class _Watch:
    """What one call does with the functions. `failure` is an error that no handler may hide by catching it."""

    num_calls: int = 0
    failure: Exception | None = None

    def over(self, functions: Mapping[str, Function]) -> dict[str, Function]:
        return {name: self._watched(function) for name, function in functions.items()}

    def _watched(self, function: Function) -> Function:
        def call(*args: Json, **named: Json) -> Json:
            self.num_calls += 1
            try:
                return function(*args, **named)
            except (StateError, sqlite3.Error) as error:
                self.failure = error
                raise

        return call


def _unheard(stream: str, text: str) -> None:
    """What a handler prints is nobody's to read."""


def _status_and_body(returned: Json) -> tuple[int, Json]:
    match returned:
        case int(status) if not isinstance(status, bool):
            return status, None
        case [int(status), body] if not isinstance(status, bool):
            return status, body
    raise HandlerError(f"The handler returned {str(returned)[:100]} in place of a status and a body.")
