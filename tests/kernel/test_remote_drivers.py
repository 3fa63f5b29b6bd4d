"""A driver at a URL, on Streamable HTTP: the same host, the same limits."""

import asyncio
import socket

import pytest
import uvicorn
from mcp.server import MCPServer
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from llmos.errors import AppError, CallInterrupted, DriverUnavailable, ToolFailed
from llmos.kernel.drivers import DriverHost, DriverManifest, Limits, load_driver


def application(seen):
    server = MCPServer("remote")

    @server.tool()
    def shout(text: str) -> str:
        """Say it louder."""
        return text.upper()

    @server.tool()
    def recite(mb: int) -> str:
        """Say much."""
        return "x" * (mb * 2**20)

    inner = server.streamable_http_app()

    async def app(scope, receive, send):
        if scope["type"] == "http":
            request = Request(scope)
            seen.append(request.headers.get("authorization"))
            if "/no" in request.url.path:
                await PlainTextResponse("go away", 403)(scope, receive, send)
                return
        await inner(scope, receive, send)

    return app


class Server:
    """One that can be stopped and started again at its port."""

    def __init__(self):
        self.seen = []
        self.port = 0

    async def start(self):
        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(application(self.seen), log_config=None, timeout_graceful_shutdown=0)
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server._serve(sockets=[listening]))

    async def stop(self):
        self._server.should_exit = True
        await self._serving


@pytest.fixture
async def remote(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOUT_TOKEN", "open sesame")
    hosts, server = [], Server()
    await server.start()

    def host(path="/mcp", **settings):
        url, headers = f"http://127.0.0.1:{server.port}{path}", {"Authorization": "Bearer $SHOUT_TOKEN"}
        manifest = DriverManifest(name="far", url=url, headers=headers, **settings)
        hosts.append(DriverHost({"far": manifest}, tmp_path))
        return hosts[-1]

    host.server = server
    yield host
    for started in hosts:
        await started.close()
    await server.stop()


async def test_a_server_that_was_started_again_is_connected_to_again(remote):
    host = remote()
    await host.call("far.shout", {"text": "plum"})
    await remote.server.stop()
    with pytest.raises(CallInterrupted, match="ended the connection"):
        await host.call("far.shout", {"text": "plum"})
    await remote.server.start()
    assert await host.call("far.shout", {"text": "plum"}) == {"result": "PLUM"}


async def test_a_server_that_forgot_the_session_is_connected_to_again(remote, monkeypatch):
    monkeypatch.setattr("llmos.kernel.drivers.driver.MODE", "legacy")
    host = remote()
    await host.call("far.shout", {"text": "plum"})
    await remote.server.stop()
    await remote.server.start()
    assert await host.call("far.shout", {"text": "plum"}) == {"result": "PLUM"}


async def test_a_tool_at_a_url_is_called_with_the_manifests_headers(remote):
    host = remote()
    assert await host.call("far.shout", {"text": "plum"}) == {"result": "PLUM"}
    assert set(remote.server.seen) == {"Bearer open sesame"}
    assert (host.health("far").state, host.health("far").walls) == ("running", "runs elsewhere")


async def test_more_than_the_limit_from_a_url_is_cut_off_and_the_next_call_works(remote):
    host = remote(limits=Limits(result_mb=2, seconds=20))
    with pytest.raises((CallInterrupted, ToolFailed), match="more than 2 MB"):
        await host.call("far.recite", {"mb": 3})
    assert await host.call("far.shout", {"text": "plum"}) == {"result": "PLUM"}


async def test_a_url_that_refuses_is_a_driver_that_did_not_start(remote):
    with pytest.raises(DriverUnavailable, match="The driver far did not start"):
        await remote("/no").tools("far")


async def test_a_url_that_nobody_serves_is_a_driver_that_did_not_start(tmp_path):
    host = DriverHost({"far": DriverManifest(name="far", url="http://127.0.0.1:9/mcp")}, tmp_path)
    with pytest.raises(DriverUnavailable, match="The driver far did not start"):
        await host.tools("far")


async def test_a_header_that_the_environment_does_not_fill_is_named(remote, monkeypatch):
    host = remote()
    monkeypatch.delenv("SHOUT_TOKEN")
    with pytest.raises(DriverUnavailable, match="SHOUT_TOKEN"):
        await host.tools("far")


@pytest.mark.parametrize(
    "text", ['name = "x"', 'name = "x"\ncommand = ["a"]\nurl = "http://b"', 'name = "X Y"\nurl = "http://b"']
)
def test_a_manifest_names_one_way_to_its_server_and_a_name_that_can_be_granted(tmp_path, text):
    (tmp_path / "driver.toml").write_text(text)
    with pytest.raises(AppError, match="is not a driver manifest"):
        load_driver(tmp_path)
