import pytest

from llmos.errors import AppError
from llmos.kernel.app import load_app
from tests.http.served import install, serve_with_token

FRIEND = "https://shop.example"
NAMED = f'[http]\ncors = ["{FRIEND}", "http://localhost:5173"]\n'
ANY = '[http]\ncors = ["*"]\n'
LIST = {"status": 200, "body": {"ref": "/entries"}}


@pytest.fixture
async def named(world):
    install(world.home, NAMED)
    return await world.serve()


@pytest.fixture
async def anyone(world):
    install(world.home, ANY)
    return await world.serve()


def preflight(site, path="/entries", origin=FRIEND, method="POST", **headers):
    asked = {"Origin": origin, "Access-Control-Request-Method": method, **headers}
    return site.options(path, headers=asked)


async def test_a_preflight_is_answered_without_the_model(world, named):
    wanted = {"Access-Control-Request-Headers": "content-type, idempotency-key, authorization, if-match"}
    answer = await preflight(named, **wanted)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == FRIEND
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Origin" in answer.headers["vary"]
    assert world.script.requests == []


async def test_a_page_of_a_named_origin_may_send_and_read(world, named, signed):
    world.script.say(signed(1))
    cross = {"Origin": FRIEND, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    answer = await named.post("/entries", json={"name": "Ada"}, headers=cross)
    assert answer.status_code == 201
    assert answer.headers["access-control-allow-origin"] == FRIEND
    assert answer.headers["access-control-expose-headers"] == "ETag, Link, Location, Retry-After"
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "https://evilshop.example",
        "https://evil.example/https://shop.example",
        "https://shop.example@evil.example",
        "https://shop.example/",
        "HTTPS://SHOP.EXAMPLE",
        "https://shop.example, https://evil.example",
        "*",
        "http://localhost:51730",
    ],
)
async def test_any_other_origin_stays_refused(world, named, origin):
    sent = await named.post("/entries", json={"name": "Ada"}, headers={"Origin": origin})
    asked = await preflight(named, origin=origin)
    for answer in (sent, asked):
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    assert world.script.requests == []


async def test_without_the_section_no_origin_is_let_in(world):
    site = await world.serve()
    assert (await preflight(site)).status_code == 403
    assert (await site.get("/health", headers={"Origin": FRIEND})).status_code == 403


async def test_a_load_that_names_no_origin_stays_refused(named):
    loading = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert (await named.get("/entries", headers=loading)).status_code == 403


@pytest.mark.parametrize("origin", ["https://anything.example", "null"])
async def test_a_star_is_any_origin(world, anyone, origin):
    world.script.say(LIST)
    assert (await preflight(anyone, origin=origin)).headers["access-control-allow-origin"] == "*"
    answer = await anyone.get("/entries", headers={"Origin": origin})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_star_still_refuses_another_host_name_and_loads_without_an_origin(anyone):
    assert (await anyone.get("/health", headers={"Host": "evil.example"})).status_code == 421
    rebound = {"Host": "evil.example", "Origin": "http://evil.example", "Access-Control-Request-Method": "GET"}
    answer = await anyone.options("/entries", headers=rebound)
    assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (421, False)
    loading = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert (await anyone.get("/entries", headers=loading)).status_code == 403


async def test_errors_can_be_read_by_the_page(named):
    for path, status in (("/nothing", 404), ("/entries/1/2", 404)):
        answer = await named.get(path, headers={"Origin": FRIEND})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, FRIEND)
    refused = await named.get("/entries", headers={"Origin": FRIEND, "Host": "evil.example"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (421, FRIEND)


async def test_a_preflight_for_what_is_not_served_lets_the_request_find_out(named):
    assert (await preflight(named, path="/nothing")).status_code == 200
    assert (await named.delete("/nothing", headers={"Origin": FRIEND})).status_code == 404


@pytest.mark.parametrize(("method", "header"), [("TRACE", None), ("FOO", None), ("post", None), ("POST", "x-other")])
async def test_a_preflight_for_an_unknown_method_or_header_says_no(named, method, header):
    wanted = {} if header is None else {"Access-Control-Request-Headers": header}
    assert (await preflight(named, method=method, **wanted)).status_code == 400


async def test_the_own_page_goes_on_as_before(world, named, signed):
    world.script.say(signed(1))
    own = str(named.base_url).rstrip("/")
    answer = await named.post("/entries", json={"name": "Ada"}, headers={"Origin": own})
    assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (201, False)


async def test_an_answer_says_that_it_depends_on_the_origin_even_without_one(named):
    assert "Origin" in (await named.get("/health")).headers["vary"]


async def test_with_a_token_the_preflight_needs_none_but_the_request_does(world):
    install(world.home, NAMED)
    site, token = await serve_with_token(world)
    assert (await preflight(site)).status_code == 200
    assert (await preflight(site, origin="https://evil.example")).status_code == 403
    without = await site.get("/health", headers={"Origin": FRIEND})
    assert (without.status_code, without.headers["access-control-allow-origin"]) == (401, FRIEND)
    bearer = {"Origin": FRIEND, "Authorization": f"Bearer {token}"}
    assert (await site.get("/health", headers=bearer)).status_code == 200
    # an OPTIONS that is no preflight is a request like any other
    assert (await site.options("/entries", headers={"Origin": FRIEND})).status_code == 401
    assert (await site.options("/entries", headers={"Access-Control-Request-Method": "GET"})).status_code == 401


@pytest.mark.parametrize(
    "origin", ["null", "shop.example", "https://shop.example/", "https://*.example", "", "https://a b"]
)
def test_what_no_browser_would_send_cannot_be_named(tmp_path, origin):
    folder = install(tmp_path, f'[http]\ncors = ["{origin}"]\n')
    with pytest.raises(AppError, match="is not an origin; write it like"):
        load_app(folder)


def test_a_port_that_browsers_leave_out_cannot_be_named(tmp_path):
    with pytest.raises(AppError, match="leave it out as well"):
        load_app(install(tmp_path, '[http]\ncors = ["https://shop.example:443"]\n'))
