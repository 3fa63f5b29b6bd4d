"""/v1 on a small real engine: what a script cannot show, as the engine's own grammar, tokens and template decide it."""

import json

import openai
import pytest

from llmos import models
from llmos.engines.llamacpp import LlamaCpp
from llmos.http.listener import Listener
from llmos.http.openai.api import openai_api
from llmos.kernel.drivers import DriverHost
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat
from tests.http.test_openai_responses import NUMBER, WEATHER

pytestmark = pytest.mark.model


@pytest.fixture
async def client(tmp_path):
    small = models.find("smollm2-135m")
    engine = LlamaCpp(models.installed(small) or models.pull(small), context_tokens=2048, log=tmp_path / "engine.log")
    kernel = Kernel(tmp_path, engine, DriverHost({}, tmp_path / "logs"), {"chat": run_chat})
    kernel.start()
    listener = Listener(openai_api(kernel), "127.0.0.1", 0)
    async with openai.AsyncOpenAI(base_url=f"{listener.url}/v1", api_key="none", max_retries=0) as client:
        yield client
    await listener.close()
    await kernel.close()


async def test_responses_stream_call_obey_a_schema_and_go_on(client):
    async def ask(asked, **options):
        return await client.responses.create(model="llmos", input=asked, max_output_tokens=64, **options)

    *_, last = [event async for event in await ask("Count from 1 to 5.", stream=True)]
    assert last.response.output_text
    told = await ask("Say hello.", top_logprobs=2, previous_response_id=last.response.id)
    [part] = told.output[0].content
    assert "".join(token.token for token in part.logprobs) == part.text
    assert all(len(token.top_logprobs) == 2 for token in part.logprobs)
    number = await ask("A number?", text={"format": {"type": "json_schema", "name": "n", "schema": NUMBER}})
    assert isinstance(json.loads(number.output_text)["n"], int)
    called = await ask("The weather in Lima?", tools=[WEATHER], tool_choice="required")
    assert called.output[0].name == "get_weather"
