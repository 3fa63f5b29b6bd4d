import pytest
from starlette.requests import Request

from llmos.backend.problem import HttpError
from llmos.http.limits import MAX_CLIENTS, Limiter, client_of
from tests.http.served import install, serve_with_token

LIST = {"status": 200, "body": {"ref": "/entries"}}


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def asked(host, token=None):
    headers = [] if token is None else [(b"authorization", token.encode())]
    return Request({"type": "http", "client": (host, 1), "headers": headers})


def spend(limiter, client, times):
    for _ in range(times):
        limiter.check(client)


def test_a_minutes_requests_may_come_at_once_and_then_one_by_one(clock):
    limiter = Limiter(60, clock)
    spend(limiter, "a", 60)
    with pytest.raises(HttpError) as refused:
        limiter.check("a")
    assert (refused.value.status, refused.value.headers) == (429, {"Retry-After": "1"})
    clock.now += 1
    limiter.check("a")
    with pytest.raises(HttpError):
        limiter.check("a")


def test_whoever_waits_as_long_as_told_is_let_in(clock):
    limiter = Limiter(7, clock)
    spend(limiter, "a", 7)
    with pytest.raises(HttpError) as refused:
        limiter.check("a")
    clock.now += int(refused.value.headers["Retry-After"])
    limiter.check("a")


def test_asking_again_too_early_does_not_lengthen_the_wait(clock):
    limiter = Limiter(60, clock)
    spend(limiter, "a", 60)
    for _ in range(20):
        clock.now += 0.04
        with pytest.raises(HttpError):
            limiter.check("a")
    clock.now += 0.21
    limiter.check("a")


def test_a_bucket_never_holds_more_than_a_minutes_requests(clock):
    limiter = Limiter(3, clock)
    limiter.check("a")
    clock.now += 86_400
    spend(limiter, "a", 3)
    with pytest.raises(HttpError):
        limiter.check("a")


def test_one_client_does_not_spend_anothers(clock):
    limiter = Limiter(1, clock)
    limiter.check("a")
    limiter.check("b")


def test_zero_is_no_limit_and_remembers_nobody(clock):
    limiter = Limiter(0, clock)
    spend(limiter, "a", 1000)
    assert len(limiter) == 0


def test_however_many_clients_come_the_memory_is_bounded(clock):
    limiter = Limiter(1, clock)
    for number in range(MAX_CLIENTS + 500):
        limiter.check(str(number))
    assert len(limiter) == MAX_CLIENTS
    with pytest.raises(HttpError):
        limiter.check(str(MAX_CLIENTS))  # who came lately is still known


def test_a_subscribers_whole_network_is_one_client():
    one, other = asked("2001:db8:1:2::1"), asked("2001:db8:1:2:ffff::9")
    assert client_of(one, by_token=False) == client_of(other, by_token=False)
    assert client_of(asked("2001:db8:1:3::1"), by_token=False) != client_of(one, by_token=False)


def test_a_token_that_nobody_checked_makes_no_new_client():
    assert client_of(asked("10.0.0.1", "Bearer a"), by_token=False) == client_of(asked("10.0.0.1"), by_token=False)
    assert client_of(asked("10.0.0.1", "Bearer a"), by_token=True) != client_of(asked("10.0.0.1"), by_token=True)


async def test_too_many_requests_are_refused_before_the_model_is_asked(world):
    install(world.home, "[http]\nrequests_per_minute = 2\n")
    site = await world.serve()
    world.script.say(LIST)
    assert [(await site.get("/entries")).status_code for _ in range(2)] == [200, 200]
    refused = await site.get("/entries", headers={"Authorization": "Bearer made-up"})
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert 0 < int(refused.headers["retry-after"]) <= 30
    assert len(world.script.requests) == 1


async def test_files_and_what_the_site_says_of_itself_are_not_limited(world):
    install(world.home, "[http]\nrequests_per_minute = 1\n")
    site = await world.serve()
    for path in ("/", "/guestbook.css", "/health", "/docs", "/openapi.json", "/metrics") * 2:
        assert (await site.get(path)).status_code == 200


async def test_beyond_loopback_the_limit_is_the_tokens(world):
    install(world.home, "[http]\nrequests_per_minute = 1\n")
    site, token = await serve_with_token(world)
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await site.get("/nothing", headers=bearer)).status_code == 404
    assert (await site.get("/nothing", headers=bearer | {"X-Forwarded-For": "10.9.8.7"})).status_code == 429


async def test_behind_a_proxy_on_this_machine_a_client_is_the_address_that_it_tells(world):
    install(world.home, "[http]\nrequests_per_minute = 1\n")
    site = await world.serve()
    for address, status in (("10.0.0.1", 404), ("10.0.0.2", 404), ("10.0.0.1", 429)):
        assert (await site.get("/nothing", headers={"X-Forwarded-For": address})).status_code == status


async def test_a_refusal_for_too_many_requests_can_be_read_from_another_site(world):
    install(world.home, '[http]\nrequests_per_minute = 1\ncors = ["https://shop.example"]\n')
    site = await world.serve()
    cross = {"Origin": "https://shop.example"}
    await site.get("/nothing", headers=cross)
    refused = await site.get("/nothing", headers=cross)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (429, "https://shop.example")
