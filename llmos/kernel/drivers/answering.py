"""What a driver may ask back while a call is under way: roots, a person's choice, the engine's words."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from mcp import types as mcp_types
from mcp.client import ClientRequestContext

from llmos.contracts import Attachment, ChatRequest, Message, Role
from llmos.errors import LlmosError
from llmos.kernel.drivers.caller import Caller, choices_of
from llmos.kernel.drivers.manifest import DriverManifest

DECLINE = "decline"
_current: ContextVar[CallUnderWay | None] = ContextVar("the call that this task serves", default=None)


@dataclass(eq=False)
class CallUnderWay:
    """`limit` is the call's time, which stands still while a person thinks."""

    tool: str
    caller: Caller
    limit: asyncio.Timeout
    sampling_tokens: int = 0

    @contextmanager
    def paused(self) -> Iterator[None]:
        due, loop = self.limit.when(), asyncio.get_running_loop()
        left = None if due is None else due - loop.time()
        self.limit.reschedule(None)
        try:
            yield
        finally:
            if left is not None and not self.limit.expired():
                self.limit.reschedule(loop.time() + left)


@dataclass
class Answering:
    """The callbacks of one driver's client. A driver that asks outside a call, or during two, is told no."""

    manifest: DriverManifest
    calls: list[CallUnderWay] = field(default_factory=list)

    @contextmanager
    def during(self, call: CallUnderWay) -> Iterator[None]:
        self.calls.append(call)
        token = _current.set(call)
        try:
            yield
        finally:
            _current.reset(token)
            self.calls.remove(call)

    async def roots(self, context: ClientRequestContext) -> mcp_types.ListRootsResult | mcp_types.ErrorData:
        call = self._asking()
        folders = call.caller.roots() if call else ()
        return mcp_types.ListRootsResult(roots=[mcp_types.Root(uri=path.as_uri()) for path in folders])

    async def elicit(
        self, context: ClientRequestContext, params: mcp_types.ElicitRequestParams
    ) -> mcp_types.ElicitResult | mcp_types.ErrorData:
        """A form that one choice fills in becomes a question to a person; any other form is declined."""
        call = self._asking()
        form = choices_of(params.requested_schema) if isinstance(params, mcp_types.ElicitRequestFormParams) else None
        if call is None or form is None:
            return mcp_types.ElicitResult(action=DECLINE)
        with call.paused():
            choice = await call.caller.choose(call.tool, params.message, [*form, DECLINE])
        if choice not in form:
            return mcp_types.ElicitResult(action=DECLINE)
        return mcp_types.ElicitResult(action="accept", content=form[choice])

    async def sample(
        self, context: ClientRequestContext, params: mcp_types.CreateMessageRequestParams
    ) -> mcp_types.CreateMessageResult | mcp_types.ErrorData:
        """Text for text and pictures, within the driver's own budget."""
        call = self._asking()
        if call is None:
            return _refused("This driver asked for text outside a call.")
        room = min(params.max_tokens, self.manifest.limits.sampling_tokens - call.sampling_tokens)
        if room <= 0:
            return _refused("The driver's [limits] sampling_tokens are spent.")
        call.sampling_tokens += room
        try:
            request = _request(params, room, f"driver {self.manifest.name}")
            with call.paused():
                text = await call.caller.sample(request)
        except binascii.Error:
            return _refused("A picture in the request is not valid base64.")
        except LlmosError as error:
            return _refused(str(error))
        content = mcp_types.TextContent(type="text", text=text)
        return mcp_types.CreateMessageResult(role="assistant", content=content, model="llmos")

    def _asking(self) -> CallUnderWay | None:
        return _current.get() or (self.calls[0] if len(self.calls) == 1 else None)


def _refused(why: str) -> mcp_types.ErrorData:
    return mcp_types.ErrorData(code=mcp_types.INVALID_REQUEST, message=why)


def _request(params: mcp_types.CreateMessageRequestParams, max_tokens: int, source: str) -> ChatRequest:
    said = [Message("system", params.system_prompt, source=source)] if params.system_prompt else []
    for message in params.messages:
        role: Role = "assistant" if message.role == "assistant" else "user"
        parts = [part.text for part in message.content_as_list if isinstance(part, mcp_types.TextContent)]
        shown = [part for part in message.content_as_list if isinstance(part, mcp_types.ImageContent)]
        said.append(Message(role, "\n".join(parts), tuple(map(_picture, shown)), source))
    stop = tuple(params.stop_sequences or ())
    return ChatRequest(tuple(said), max_tokens=max_tokens, temperature=params.temperature or 0.0, stop=stop)


def _picture(part: mcp_types.ImageContent) -> Attachment:
    return Attachment(base64.b64decode(part.data, validate=True), part.mime_type)
