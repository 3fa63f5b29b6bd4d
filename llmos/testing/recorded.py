"""Real answers kept in a folder, one readable JSON file each, and given again without the engine."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path

from llmos.contracts import ChatRequest, Chunk, Engine, EngineInfo, Json, Message, TokenLogprob, Usage
from llmos.errors import EngineError


class RecordingEngine:
    """Asks `engine` and writes every whole answer to `folder`; one that failed or was given up is not kept."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    async def info(self) -> EngineInfo:
        info = await self._engine.info()
        _write(self._folder / "engine.json", {**asdict(info), "modalities": sorted(info.modalities)})
        return info

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        canonical = canonical_request(request, (await self.info()).model)
        pieces: list[Chunk] = []
        async with aclosing(self._engine.stream(request)) as chunks:
            async for chunk in chunks:
                pieces.append(chunk)
                if chunk.finish:
                    _write(self._folder / _name(canonical), {**canonical, "answer": _recorded(pieces)})
                yield chunk

    async def count_tokens(self, text: str) -> int:
        tokens = await self._engine.count_tokens(text)
        _write(self._folder / "tokens.json", {**_read_counts(self._folder), _digest(text): tokens})
        return tokens

    async def healthy(self) -> bool:
        return await self._engine.healthy()

    async def close(self) -> None:
        await self._engine.close()


class ReplayEngine:
    """Answers from what a RecordingEngine wrote to `folder`. Raises EngineError for what was never asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def info(self) -> EngineInfo:
        said = self._read("engine.json", "what the engine is")
        return EngineInfo(**{**said, "modalities": frozenset(said["modalities"])})

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Chunk, None]:
        canonical = canonical_request(request, (await self.info()).model)
        last = request.messages[-1].text if request.messages else ""
        answer = self._read(_name(canonical), f"the answer to {last[-80:]!r}")["answer"]
        for chunk in _replayed(answer):
            yield chunk
        yield Chunk(finish=answer["finish"], usage=Usage(**answer["usage"]))

    async def count_tokens(self, text: str) -> int:
        counts = _read_counts(self._folder)
        if _digest(text) not in counts:
            raise self._missing(f"the tokens of {text[:80]!r}", "tokens.json")
        return counts[_digest(text)]

    async def healthy(self) -> bool:
        return (self._folder / "engine.json").is_file()

    async def close(self) -> None:
        """Nothing to free."""

    def _read(self, name: str, what: str) -> Json:
        try:
            return json.loads((self._folder / name).read_text("utf-8"))
        except FileNotFoundError:
            raise self._missing(what, name) from None

    def _missing(self, what: str, name: str) -> EngineError:
        return EngineError(
            f"{self._folder / name} does not record {what}; "
            "run the test once with RecordingEngine(engine, folder) in place of ReplayEngine(folder)."
        )


def canonical_request(request: ChatRequest, model: str) -> dict[str, Json]:
    """All that the answer depends on, as JSON; images stand as their digests."""
    # left out where they are not used, so that what was recorded before there were such keeps its name
    rare = {"top_p": request.top_p if request.top_p < 1 else None, "logprobs": request.logprobs}
    return {
        "model": model,
        "messages": [_canonical_message(message) for message in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "seed": request.seed,
        "schema": request.schema,
        "grammar": request.grammar and request.grammar.splitlines(),
        "stop": list(request.stop),
        **{name: value for name, value in rare.items() if value is not None},
    }


def _canonical_message(message: Message) -> dict[str, Json]:
    images = [
        {"media_type": image.media_type, "sha256": hashlib.sha256(image.data).hexdigest()} for image in message.images
    ]
    return {"role": message.role, "text": message.text.splitlines(keepends=True), "images": images}


def _recorded(chunks: list[Chunk]) -> dict[str, Json]:
    last = chunks[-1]
    tokens = [asdict(token) for chunk in chunks for token in chunk.logprobs]
    return {
        "text": "".join(chunk.text for chunk in chunks).splitlines(keepends=True),
        "finish": last.finish,
        "usage": asdict(last.usage or Usage()),
        **({"logprobs": tokens} if tokens else {}),
    }


def _replayed(answer: Json) -> Iterator[Chunk]:
    """The text word by word; where the tokens were told, token by token."""
    for told in answer.get("logprobs", ()):
        alternatives = tuple((text, logprob) for text, logprob in told["alternatives"])
        yield Chunk(told["token"], logprobs=(TokenLogprob(told["token"], told["logprob"], alternatives),))
    if "logprobs" not in answer:
        for word in re.findall(r"\s*\S+|\s+", "".join(answer["text"])):
            yield Chunk(word)


def _name(canonical: dict[str, Json]) -> str:
    return f"{_digest(json.dumps(canonical))}.json"  # the order of a schema's keys is part of the request


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _read_counts(folder: Path) -> dict[str, int]:
    try:
        counts: dict[str, int] = json.loads((folder / "tokens.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return counts


def _write(path: Path, value: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")
