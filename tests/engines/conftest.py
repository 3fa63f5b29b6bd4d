"""The real engine on a small model, started once for the whole run."""

import pytest
import pytest_asyncio

from llmos import models
from llmos.engines.llamacpp import LlamaCpp
from llmos.engines.remote import Remote
from llmos.engines.transformers.engine import Transformers
from tests.engines.device import DEVICE


def model_file(model_id):
    model = models.find(model_id)
    return models.installed(model) or models.pull(model)


@pytest.fixture(scope="session")
def small_model():
    return model_file("smollm2-135m")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def llamacpp(small_model, tmp_path_factory):
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    engine = LlamaCpp(small_model, context_tokens=4096, slots=2, log=log)
    yield engine
    await engine.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def remote(llamacpp):
    url, key = await llamacpp.address()
    engine = Remote(url, key=key)
    yield engine
    await engine.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def transformers_engine(small_model, tmp_path_factory):
    log = tmp_path_factory.mktemp("engine") / "engine.log"
    engine = Transformers(small_model, context_tokens=4096, slots=2, device=DEVICE, log=log)
    yield engine
    await engine.close()
