"""Clients that are slow, endless, many or mistaken about HTTP itself: bounded, answered, and in nobody's way."""

import asyncio
import json
import resource

import pytest

from llmos.http import connections
from tests.http.compiled import state_of
from tests.http.wire import connect, is_closed, is_problem, read_answer, request, send

POST = "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def impatient(monkeypatch):
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "LINGER_SECONDS"):
        monkeypatch.setattr(connections, name, 0.3)


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_request_that_never_ends_is_given_up(victim, impatient):
    body = POST.format(path=victim.path) + "Content-Length: 50\r\n\r\n" + '{"title": "x"'
    chunks = POST.format(path=victim.path) + "Transfer-Encoding: chunked\r\n\r\n5\r\n"
    for begun in ("", "GET", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", body, chunks):
        reader, writer = await connect(victim.site)
        writer.write(begun.encode())
        answer = await asyncio.wait_for(read_answer(reader), 5)
        assert (answer.status, is_problem(answer)) == (408, True), begun
        assert await is_closed(reader, 5)
    await victim.is_as_it_was()


async def test_a_byte_now_and_then_wins_no_time(victim, impatient):
    reader, writer = await connect(victim.site)
    answer = asyncio.create_task(read_answer(reader))
    for byte in request("GET", victim.path, X_Slow="x" * 500):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.02)
        if answer.done():
            break
    assert (await answer).status == 408


async def test_a_stream_of_events_may_be_silent_for_longer(victim, impatient):
    reader, writer = await connect(victim.site)
    writer.write(request("GET", "/events"))
    assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
    assert not await is_closed(reader, 1.5)
    writer.close()


async def test_a_body_without_an_end_is_refused_and_cut_off(victim, impatient):
    reader, writer = await connect(victim.site)
    writer.write((POST.format(path=victim.path) + "Transfer-Encoding: chunked\r\n\r\n").encode())

    async def flood():
        while True:
            writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            await writer.drain()

    flooding = asyncio.create_task(flood())
    assert (await asyncio.wait_for(read_answer(reader), 10)).status == 413
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(flooding, 10)
    await victim.is_as_it_was()


async def test_a_length_that_lies_changes_nothing(victim):
    body = json.dumps(victim.document).encode()
    head = POST.format(path=victim.path)
    for length, status in {"-1": 400, "1e3": 400, "0x10": 400, "9" * 30: 400, "": 400, "5": 400, "+5": 400}.items():
        answer = await send(victim.site, f"{head}Content-Length: {length}\r\n\r\n".encode() + body)
        await victim.refused(answer, status, about=length)
    both = f"{head}Content-Length: 5\r\nContent-Length: 6\r\n\r\n".encode() + body
    await victim.refused(await send(victim.site, both), 400)
    reader, writer = await connect(victim.site)
    writer.write(f"{head}Content-Length: 5000\r\n\r\n".encode() + body)
    writer.write_eof()  # and is gone
    assert await is_closed(reader, 5)
    writer.close()
    await victim.is_as_it_was()


async def test_what_is_not_http_is_told_so(victim):
    for sent in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.0\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Header: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\0b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ):
        await victim.refused(await send(victim.site, sent), 400, 421, 501, about=sent)


async def test_a_request_hidden_in_another_is_not_read(victim):
    hidden = request("DELETE", f"{victim.path}/1")
    head = POST.format(path=victim.path)
    smuggled = (
        f"{head}Content-Length: {len(hidden) + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode() + hidden
    )
    reader, writer = await connect(victim.site)
    writer.write(smuggled)
    assert (await read_answer(reader)).status == 400
    assert await is_closed(reader, 2)
    writer.close()
    await victim.is_as_it_was()


async def test_requests_sent_at_once_are_answered_in_their_order(victim):
    reader, writer = await connect(victim.site)
    targets = [victim.path, f"{victim.path}/1", "/health", f"{victim.path}/9"] * 5
    writer.write(b"".join(request("GET", target) for target in targets))
    assert [(await read_answer(reader)).status for _ in targets] == [200, 200, 200, 404] * 5
    writer.write(request("GET", "/health", Upgrade="websocket", Connection="Upgrade"))
    assert (await read_answer(reader)).status == 200
    writer.close()


@pytest.mark.parametrize("victim", ["bank"], indirect=True)
async def test_a_thousand_connections_keep_nobody_out(victim, many_files):
    opened = [await connect(victim.site) for _ in range(1000)]
    body = json.dumps(victim.document).encode()
    made = await send(victim.site, request("POST", victim.path, body, Content_Type="application/json"))
    assert made.status == 201
    closed = await asyncio.gather(*[is_closed(reader, 1) for reader, _ in opened])
    assert 1000 - connections.MAX_CONNECTIONS <= sum(closed) <= 1010 - connections.MAX_CONNECTIONS
    for _, writer in opened:
        writer.close()
    assert len((await state_of(victim.world, "bank"))["accounts"]) == 2


@pytest.mark.parametrize("victim", ["todo"], indirect=True)
async def test_when_all_are_busy_a_new_one_is_told_to_come_back(victim, monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 5)
    busy = [await connect(victim.site) for _ in range(5)]
    for reader, writer in busy:
        writer.write(request("GET", "/events"))
        await reader.readuntil(b"\r\n\r\n")
    answer = await send(victim.site, request("GET", "/health"))
    assert (answer.status, is_problem(answer), answer.headers["retry-after"]) == (503, True, "5")
    for _, writer in busy:
        writer.close()
