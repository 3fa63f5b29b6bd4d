import httpx2
import pytest
from starlette.responses import PlainTextResponse

from llmos.http.guard import LOOPBACK, Guard

OPEN = Guard(PlainTextResponse("in"), hosts=LOOPBACK, token=None)
LOCKED = Guard(PlainTextResponse("in"), hosts=None, token="s3cret")


async def ask(guard, **headers):
    transport = httpx2.ASGITransport(app=guard)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420") as client:
        return await client.post("/", headers=headers)


@pytest.mark.parametrize("host", ["127.0.0.1:8420", "localhost:8420", "[::1]:8420", "127.0.0.1"])
async def test_its_own_names_are_served(host):
    assert (await ask(OPEN, host=host)).text == "in"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8420", "", "user@evil.example", "[", "::1"])
async def test_another_host_name_is_refused_so_that_dns_rebinding_finds_nothing(host):
    answer = await ask(OPEN, host=host)
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "https://127.0.0.1", ""])
async def test_a_page_of_another_site_cannot_send_requests(origin):
    assert (await ask(OPEN, origin=origin)).status_code == 403


async def test_a_page_of_another_site_cannot_load_from_here_but_may_link_here():
    loading = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert (await ask(OPEN, **loading)).status_code == 403
    assert (await ask(OPEN, **{**loading, "sec-fetch-mode": "navigate"})).text == "in"


async def test_its_own_page_can():
    assert (await ask(OPEN, origin="http://127.0.0.1:8420")).text == "in"


@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer ", "Bearer wrong", "s3cret", "Bearer s3cret ", "Basic s3cret", "Bearer é"]
)
async def test_without_the_token_nothing_is_served(sent):
    headers = {} if sent is None else {"authorization": sent.encode()}
    answer = await ask(LOCKED, **headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_with_the_token_it_is():
    assert (await ask(LOCKED, authorization="Bearer s3cret", host="llmos.example")).text == "in"


@pytest.mark.parametrize("host", ["[", "[::1", "@", ":8420"])
async def test_a_host_that_is_none_is_refused_where_any_is_served(host):
    assert (await ask(LOCKED, authorization="Bearer s3cret", host=host)).status_code == 421
