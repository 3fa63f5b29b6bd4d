import socket

import httpx2
import pytest
from starlette.responses import PlainTextResponse

from llmos.errors import KernelBusy, KernelError
from llmos.http.listener import Listener


async def test_it_answers_until_it_is_closed():
    listener = Listener(PlainTextResponse("hello"), "127.0.0.1", 0)
    async with httpx2.AsyncClient(trust_env=False) as client:
        assert (await client.get(listener.url)).text == "hello"
        await listener.close()
        with pytest.raises(httpx2.ConnectError):
            await client.get(listener.url)


async def test_who_comes_before_the_server_has_started_waits_and_is_not_refused():
    listener = Listener(PlainTextResponse("hello"), "127.0.0.1", 0)
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5):  # the loop has not run since
        pass
    await listener.close()


async def test_an_answer_is_sent_at_once_and_not_when_the_client_confirms_its_first_piece():
    listener = Listener(PlainTextResponse("hello"), "127.0.0.1", 0)
    async with httpx2.AsyncClient(trust_env=False) as client:
        await client.get(listener.url)
        [connection] = listener._server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    await listener.close()


async def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(KernelBusy, match=r"is taken.*--port"):
        Listener(PlainTextResponse(""), "127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize(("host", "port"), [("203.0.113.7", 0), ("no such host", 0), ("127.0.0.1", 70000)])
async def test_an_impossible_address_is_a_sentence(host, port):
    with pytest.raises(KernelError, match="choose"):
        Listener(PlainTextResponse(""), host, port)
