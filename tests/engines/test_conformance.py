"""Every engine of llmos owes the same."""

from contextlib import aclosing

import pytest

from llmos.testing import RecordingEngine, ReplayEngine, ScriptedEngine
from llmos.testing.conformance import DAYS, EngineConformance

session_loop = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.model
@session_loop
class TestLlamaCpp(EngineConformance):
    @pytest.fixture
    def engine(self, llamacpp):
        return llamacpp


@pytest.mark.model
@session_loop
class TestRemote(EngineConformance):
    @pytest.fixture
    def engine(self, remote):
        return remote


class RecordedThenReplayed:
    """Every answer goes over the disk: the recorder writes it, and the replay alone is heard."""

    def __init__(self, engine, folder):
        self.recording, self.replay = RecordingEngine(engine, folder), ReplayEngine(folder)

    async def info(self):
        await self.recording.info()
        return await self.replay.info()

    async def stream(self, request):
        async with aclosing(self.recording.stream(request)) as recorded:
            async for _ in recorded:
                pass
        async with aclosing(self.replay.stream(request)) as replayed:
            async for chunk in replayed:
                yield chunk

    async def count_tokens(self, text):
        await self.recording.count_tokens(text)
        return await self.replay.count_tokens(text)

    async def healthy(self):
        return await self.replay.healthy()


def speak(request):
    """A model so small that it fits this page: the least that a constraint admits."""
    if request.grammar:
        return "yes"
    if request.messages[-1].role == "assistant":
        return f" {DAYS[1]}"
    return instance(request.schema) if request.schema else "Once upon a time there was a ship. " * 4


def instance(schema):
    properties = schema["properties"]
    if "say" in properties:
        said = properties["say"]
        words = [f'"{said["items"]["enum"][0]}"'] * said["minItems"]
        return f'{{"say": [{", ".join(words)}]}}'
    return '{"status": 404, "name": "sea"}'


class TestScripted(EngineConformance):
    caches_prompts = False

    @pytest.fixture
    def engine(self):
        return ScriptedEngine(speak)


class TestReplay(EngineConformance):
    caches_prompts = False

    @pytest.fixture
    def engine(self, tmp_path):
        return RecordedThenReplayed(ScriptedEngine(speak), tmp_path)
