"""The one client of OpenAI-compatible chat servers; every engine of llmos is reached through it."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from urllib.parse import urlsplit

import httpx2

from llmos.contracts import ChatRequest, Chunk, Json, TokenLogprob
from llmos.engines import sse, wire
from llmos.errors import EngineError, EngineUnavailable

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 600.0  # a long prompt on a slow machine says nothing for minutes

KEEPALIVE_SECONDS = 2.0  # below the 5 seconds after which servers hang up, perhaps on a request under way


class ChatClient:
    """`url` is the server's root or the base of its API (`.../v1`); `model` is its name for the model."""

    def __init__(self, url: str, key: str = "", model: str = "") -> None:
        base = url.rstrip("/")
        self.api = base if urlsplit(base).path else f"{base}/v1"
        self.root = self.api.removesuffix("/v1")
        self.model = model
        self._http = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx2.Limits(max_connections=None, keepalive_expiry=KEEPALIVE_SECONDS),
        )

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        """Closing the generator closes the connection, by which the server frees the slot."""
        body = wire.chat_body(request, self.model)
        try:
            async with self._http.stream("POST", f"{self.api}/chat/completions", json=body) as response:
                await self._check(response)
                async for chunk in self._chunks(response.aiter_bytes(), request):
                    yield chunk
        except httpx2.TransportError as error:
            raise self._unavailable(error) from error

    async def get(self, url: str) -> Json:
        return await self._call("GET", url)

    async def post(self, url: str, body: Json) -> Json:
        return await self._call("POST", url, body)

    async def close(self) -> None:
        await self._http.aclose()

    async def _call(self, method: str, url: str, body: Json = None) -> Json:
        try:
            response = await self._http.request(method, url, json=body)
        except httpx2.TransportError as error:
            raise self._unavailable(error) from error
        payload = _json_or_text(response.content)
        if response.is_error:
            raise wire.error_of(response.status_code, payload, self.root)
        return payload

    async def _check(self, response: httpx2.Response) -> None:
        if response.is_error:
            page = _json_or_text(await response.aread())
            raise wire.error_of(response.status_code, page, self.root)
        kind = response.headers.get("content-type", "")
        if not kind.startswith("text/event-stream"):
            raise EngineError(
                f"{self.root} answered with {kind or 'nothing'} instead of a stream; "
                "give the address of an OpenAI-compatible server."
            )

    async def _chunks(self, body: AsyncIterator[bytes], request: ChatRequest) -> AsyncIterator[Chunk]:
        finish, usage = None, None
        pieces: list[str] = []
        async for data in sse.data_events(body):
            if data == "[DONE]":
                finish = finish or "stop"
                break
            event = self._event(data)
            text, said, logprobs = _choice(event, request.logprobs or 0)
            finish = said or finish
            if event.get("usage"):
                usage = wire.usage_of(event["usage"])
            if text or logprobs:
                pieces.append(text)
                yield Chunk(text, logprobs=logprobs)
        if finish is None:
            raise EngineUnavailable(f"The engine at {self.root} broke off in mid-answer; ask again.")
        yield Chunk(finish=finish, usage=usage or wire.estimate_usage(request, pieces))

    def _event(self, data: str) -> dict[str, Json]:
        try:
            event = json.loads(data)
        except ValueError as error:
            raise EngineError(f"The engine at {self.root} sent {data[:80]!r}, which is not JSON; ask again.") from error
        if not isinstance(event, dict) or "error" in event:
            raise wire.error_of(_code(event), event, self.root)
        return event

    def _unavailable(self, error: httpx2.TransportError) -> EngineUnavailable:
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol):
            return EngineUnavailable(f"No engine answers at {self.root}; start it or check LLMOS_ENGINE_URL.")
        if isinstance(error, httpx2.TimeoutException):
            return EngineUnavailable(
                f"The engine at {self.root} said nothing for {SILENCE_SECONDS:.0f} seconds; ask again."
            )
        return EngineUnavailable(f"The engine at {self.root} died in mid-answer; ask again.")


def _choice(event: Json, most: int) -> tuple[str, str | None, tuple[TokenLogprob, ...]]:
    for choice in event.get("choices") or ():
        text = (choice.get("delta") or {}).get("content") or ""
        return _whole_characters(text), choice.get("finish_reason"), wire.logprobs_of(choice, most)
    return "", None, ()


def _whole_characters(text: str) -> str:
    """Lone surrogates, which JSON can spell but UTF-8 cannot, become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _code(event: Json) -> int:
    detail = event.get("error") if isinstance(event, dict) else None
    code = detail.get("code") if isinstance(detail, dict) else None
    return code if isinstance(code, int) else 500


def _json_or_text(content: bytes) -> Json:
    try:
        return json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")
