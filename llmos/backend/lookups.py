"""What a rule needs to know from existing software: results of a driver's tools, there before anybody thinks.

`[lookups.NAME]` of app.toml names a route, a tool and where its arguments lie. The result is shown to the model as
`/NAME`, and given to a handler as `NAME`; the tool must change nothing, as the request may be asked again.
Covered: a tool that the app was not granted, or that may change something, is not called; an answer that was made with
what was looked up is not committed when the stored values it was looked up for have changed meanwhile.
Not covered: software whose answers change by themselves, and what it says that is not true.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import jsonpointer

from llmos.backend.asked import Asked
from llmos.backend.problem import HttpError
from llmos.backend.references import RESERVED
from llmos.backend.routes import Rules, is_parameter
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.contracts import Json
from llmos.errors import AppError, CallInterrupted, Conflict, Denied, DriverUnavailable, StateError, ToolFailed
from llmos.kernel.app import App, LookupSettings
from llmos.kernel.capabilities import tool_names
from llmos.state.pointer import join_pointer, split_pointer
from llmos.state.store import AppState

RETRY_AFTER_S = "5"
OF_THE_REQUEST = ("body", "query", "now", "user")

CallTool = Callable[[str, dict[str, Json]], Awaitable[Json]]
Arguments = dict[str, Json]


class Lookups:
    """Those of one app."""

    def __init__(
        self, app: App, rules: Rules, shapes: Mapping[str, Shape], state: AppState, call: CallTool | None = None
    ) -> None:
        """Raises AppError when app.toml says what cannot be."""
        self._settings = app.lookups
        self._shapes = shapes
        self._state = state
        self._call = call
        for name, lookup in app.lookups.items():
            _check(app, rules, shapes, name, lookup)

    async def made(self, asked: Asked) -> Asked:
        """`asked` with what its route looks up; once for the same arguments.

        Raises HttpError: a driver that does not answer, a tool that fails.
        """
        wanted = self.wanted(asked, self._state)
        if wanted == asked.looked_up:
            return asked
        return replace(asked, found=await self.results(wanted), looked_up=wanted)

    def check(self, asked: Asked) -> None:
        """Raises Conflict when something else would be looked up by now. Call it in the transaction of the commit."""
        if asked.looked_up and self.wanted(asked, self._state) != asked.looked_up:
            raise Conflict("What was looked up is no longer what is stored.")

    def wanted(self, asked: Asked, state: AppState) -> dict[str, Arguments]:
        """The arguments of each lookup of the route, as they lie in the request and the state."""
        if not asked.route.lookups:
            return {}
        scope = Scoped(state, self._shapes, asked.user)
        return {
            name: {
                argument: _read(pointer, asked, scope) for argument, pointer in self._settings[name].arguments.items()
            }
            for name in asked.route.lookups
        }

    async def results(self, wanted: dict[str, Arguments]) -> dict[str, Json]:
        """Raises HttpError."""
        return {name: await self._result(self._settings[name].tool, given) for name, given in wanted.items()}

    async def _result(self, tool: str, arguments: Arguments) -> Json:
        if self._call is None:
            raise HttpError(503, f"There are no drivers here, and the answer needs {tool}.")
        try:
            return await self._call(tool, {name: value for name, value in arguments.items() if value is not None})
        except ToolFailed as error:
            raise HttpError(502, f"{tool} could not be asked, and nothing was changed: {error}") from error
        except Denied as error:
            raise HttpError(500, str(error)) from error
        except (DriverUnavailable, CallInterrupted) as error:
            raise HttpError(503, str(error), {"Retry-After": RETRY_AFTER_S}) from error


def _read(pointer: str, asked: Asked, scope: Scoped) -> Json:
    """The value at a pointer into the request or the state; None where there is none."""
    first, *rest = split_pointer(pointer)
    request: dict[str, Json] = {"body": asked.body, "query": asked.query, "now": asked.now, "user": asked.user}
    parameters = asked.match.parameters
    place = [first, *(parameters.get(part[1:-1], part) if is_parameter(part) else part for part in rest)]
    try:
        if first in request:
            return jsonpointer.resolve_pointer(request, join_pointer(place))
        return scope.get(join_pointer(place))
    except (StateError, jsonpointer.JsonPointerException):
        return None


def _check(app: App, rules: Rules, shapes: Mapping[str, Shape], name: str, lookup: LookupSettings) -> None:
    where = f"app.toml: [lookups.{name}]"
    if name in RESERVED or name in shapes or not name.isidentifier():
        raise AppError(f"{where} needs another name: letters and underscores, and no name of the request or the state.")
    if lookup.route not in {route.name for route in rules.routes}:
        raise AppError(f"{where} is for {lookup.route}, which prompt.md has no rule for.")
    if lookup.tool not in tool_names(app):
        raise AppError(f"{where} asks {lookup.tool}; grant it under [capabilities] tools.")
    for pointer in lookup.arguments.values():
        if not pointer.startswith("/"):
            raise AppError(f"{where}: {pointer!r} is not a JSON Pointer; write it like /body/field.")
        if split_pointer(pointer)[0] not in {*OF_THE_REQUEST, *shapes}:
            raise AppError(f"{where} reads {pointer}, which is neither of the request nor a collection.")
