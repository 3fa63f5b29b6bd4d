"""An engine elsewhere: any server that speaks the OpenAI chat-completions protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from llmos.contracts import ChatRequest, Chunk, EngineInfo, Json, Modality
from llmos.engines import wire
from llmos.engines.client import ChatClient
from llmos.engines.props import context_tokens_of, modalities_of
from llmos.errors import EngineError, EngineUnavailable

ASSUMED_CONTEXT_TOKENS = 8192


class Remote:
    """`context_tokens` and `modalities` are for servers that do not tell; else the server's word counts.

    The model may be left unnamed where the server has one.
    """

    def __init__(
        self,
        url: str,
        model: str = "",
        key: str = "",
        *,
        context_tokens: int | None = None,
        modalities: frozenset[Modality] | None = None,
    ) -> None:
        self._modalities = modalities
        self._client = ChatClient(url, key, model)
        self._context_tokens = context_tokens
        self._info: EngineInfo | None = None

    async def info(self) -> EngineInfo:
        if self._info is None:
            card = await self._model_card()
            self._client.model = card["id"]
            self._info = await self._llamacpp_info(card["id"]) or self._card_info(card)
        return self._info

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        info = await self.info()
        if request.grammar is not None and not info.grammars:
            raise EngineError(
                f"The engine at {self._client.root} takes no GBNF grammar; "
                "send a JSON schema, or use llama.cpp as the engine."
            )
        async with aclosing(self._client.stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def count_tokens(self, text: str) -> int:
        if not (await self.info()).grammars:
            return wire.estimate_tokens(text)
        answer = await self._client.post(f"{self._client.root}/tokenize", {"content": text})
        return len(answer["tokens"])

    async def healthy(self) -> bool:
        try:
            await self._model_card()
        except EngineError:
            return False
        return True

    async def close(self) -> None:
        await self._client.close()

    async def _model_card(self) -> Json:
        listing = await self._client.get(f"{self._client.api}/models")
        cards: list[Json] = listing.get("data", []) if isinstance(listing, dict) else []
        if not cards:
            raise EngineError(f"{self._client.api} lists no models; check LLMOS_ENGINE_URL.")
        wanted = self._client.model
        for card in cards:
            if wanted in ("", card["id"]):
                return card
        raise EngineError(
            f"The engine at {self._client.root} has no model {wanted!r}; "
            f"set LLMOS_ENGINE_MODEL to one of {', '.join(card['id'] for card in cards[:10])}."
        )

    async def _llamacpp_info(self, model: str) -> EngineInfo | None:
        """What `/props` says; None for a server that has no such page."""
        try:
            props = await self._client.get(f"{self._client.root}/props")
            window = context_tokens_of(props)
        except EngineUnavailable:
            raise
        except (EngineError, KeyError, TypeError):
            return None
        return EngineInfo(model, window, modalities_of(props), grammars=True)

    def _card_info(self, card: Json) -> EngineInfo:
        told = card.get("max_model_len") or card.get("context_length")  # vLLM, SGLang; OpenRouter
        return EngineInfo(
            model=card["id"],
            context_tokens=told or self._context_tokens or ASSUMED_CONTEXT_TOKENS,
            modalities=self._modalities or frozenset({"text"}),
        )
