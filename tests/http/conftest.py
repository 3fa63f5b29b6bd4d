"""The kernel's API and a served site over real sockets, on a scripted engine."""

import json

import httpx2
import openai
import pytest

from llmos.backend.sites import write_site
from llmos.http.control import control_api
from llmos.http.guard import LOOPBACK, Guard
from llmos.http.listener import Listener
from llmos.http.sites import Sites
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat
from llmos.testing import ScriptedEngine


class Script(ScriptedEngine):
    """Answers that a test may add to while the kernel runs."""

    def __init__(self):
        self.answers = []
        self.follow = None  # where a test sets it, it is asked instead
        super().__init__(lambda request: self.follow(request) if self.follow else self._next())

    def say(self, *answers):
        self.answers += [answer if isinstance(answer, str) else json.dumps(answer) for answer in answers]

    def _next(self):
        return self.answers.pop(0)


class World:
    """One state folder; `boot` starts its next kernel."""

    def __init__(self, home):
        self.home = home
        self.script = Script()
        self.stopped = False
        self.kernel = None

    async def boot(self):
        await self.shutdown()
        drivers = DriverHost(shipped_drivers(), self.home / "logs")
        self.kernel = Kernel(self.home, self.script, drivers, {"chat": run_chat, "page": write_site})
        self.kernel.start()
        self.sites = Sites(self.kernel)
        await self.sites.reopen()
        api = Guard(control_api(self.kernel, self.sites, self._stop), hosts=LOOPBACK, token="t")
        self.control = Listener(api, "127.0.0.1", 0)
        headers = {"Authorization": "Bearer t"}
        self.api = httpx2.AsyncClient(base_url=f"{self.control.url}/v0", headers=headers, trust_env=False, timeout=60)

    async def serve(self, app="guestbook"):
        opened = (await self.api.post("/sites", json={"app": app, "port": 0})).json()
        return httpx2.AsyncClient(base_url=opened["url"], trust_env=False, timeout=60)

    async def shutdown(self):
        if self.kernel is not None:
            await self.api.aclose()
            await self.sites.shutdown()
            await self.control.close()
            await self.kernel.close()
            self.kernel = None

    def _stop(self):
        self.stopped = True


@pytest.fixture
async def world(tmp_path):
    world = World(tmp_path)
    await world.boot()
    yield world
    await world.shutdown()


@pytest.fixture
def signed():
    """What a model that follows the guestbook's rule answers to a POST."""

    def answer(key):
        document = {"ref": "/body", "with": {"id": key, "created": {"ref": "/now"}}}
        added = {"op": "add", "path": f"/entries/{key}", "value": document}
        return {"status": 201, "patch": [added], "body": {"ref": f"/entries/{key}"}}

    return answer


@pytest.fixture
async def url(world):
    """Where /v1 is served."""
    return (await world.api.post("/sites", json={"app": "/v1", "port": 0})).json()["url"]


@pytest.fixture
async def client(url):
    async with openai.AsyncOpenAI(base_url=f"{url}v1", api_key="none", max_retries=0) as client:
        yield client


@pytest.fixture
async def ask(client):
    """Ask for a response of the scripted engine."""

    async def ask(asked="Hello", **options):
        return await client.responses.create(model="scripted", input=asked, **options)

    return ask


@pytest.fixture(params=["todo", "notes", "bank"])
async def victim(world, request):
    from tests.http.victims import victim_of  # other tests of this folder need no handlers

    return await victim_of(world, request.param)
