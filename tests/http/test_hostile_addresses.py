"""Paths, ids, methods, hosts and conditions that are not what a rule has in mind, as they are on the wire."""

import json

from tests.http import wire
from tests.http.compiled import state_of
from tests.http.wire import request, send

IDS = [
    *("-1", "0", "01", "001", "+1", "1.0", "1e0", "0x1", "1_0", "9" * 30, "9" * 400, "-", "--", "~0", "~1", "1~01"),
    *("__proto__", "constructor", "null", "undefined", "NaN", "true", "%D9%A1", "%EF%BC%91", "1%20", "%201", "1%3F"),
    *("1%23", "1%5C", "1;v=1", "*", "%252e", "%ff", "%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7", "1%2C2", "'", "%22"),
    *("1%00", "%001", "1%0A", "%09", "1%0d%0aX:y", "%E2%80%A8", "1%7F", "%2e%2e", "..", ".", "%2e", "1%2F", "%2F", "2"),
]
PATHS = [
    *("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/%00", "/x%0a"),
    *("/index.html%00", "/..%5c..%5cwindows", "/web/../app.toml", "/../app.toml", "/../prompt.md", "/.git/config"),
    *("/docs/../app.toml", "/docs/..%2fdescribed.py", "/health/", "/openapi.json/", "/events/x", "/health%00"),
    *("/" + "a" * 600, "/" + "a/" * 300, "http://evil.example/x", "*"),
]


async def test_an_id_that_nothing_has_is_not_found(victim):
    for id in IDS:
        for method in ("GET", "DELETE", "PATCH"):
            answer = await send(victim.site, request(method, f"{victim.path}/{id}"))
            # an account is neither changed nor removed: 405
            await victim.refused(answer, 400, 404, 405, about=(method, id))
            assert method != "GET" or answer.status != 405


async def test_an_id_that_was_forgotten_is_not_everything(victim):
    for target in (f"{victim.path}/", f"{victim.path}//", f"/{victim.path}", f"{victim.path}/%09", f"{victim.path}/."):
        for method in ("DELETE", "PATCH", "PUT"):
            answer = await send(victim.site, request(method, target, b"{}"))
            await victim.refused(answer, 400, 404, 405, about=(method, target))


async def test_a_path_that_leads_out_of_the_app_leads_nowhere(victim):
    for target in PATHS:
        answer = await send(victim.site, request("GET", target))
        await victim.refused(answer, 400, 404, 414, about=target)


async def test_an_address_that_is_too_long_is_refused(victim):
    answer = await send(victim.site, request("GET", f"{victim.path}?q={'x' * 10_000}"))
    assert answer.status in (200, 414)  # a query that no rule asks for may be long
    for sent in (request("GET", f"/{'x' * 70_000}"), request("GET", victim.path, X_Long="x" * 1_000_000)):
        await victim.refused(await send(victim.site, sent), 400, 414, 431, about=sent[:20])


async def test_a_method_that_nothing_takes_is_refused(victim):
    for method in ("TRACE", "CONNECT", "PROPFIND", "get", "delete", "Post", "FOO", "M" * 1000):
        for target in (victim.path, f"{victim.path}/1", "/health", "/events", "/openapi.json"):
            answer = await send(victim.site, request(method, target))
            await victim.refused(answer, 405, about=(method, target))
            assert "GET" in answer.headers["allow"]
            assert method not in answer.headers["allow"].split(", ")


async def test_the_paths_that_every_site_has_take_head(victim):
    for target in ("/health", "/openapi.json", "/docs", "/metrics", "/events", "/", victim.path, f"{victim.path}/1"):
        answer = await send(victim.site, request("HEAD", target), has_body=False)
        read = await victim.site.get(target) if target != "/events" else None
        assert answer.status == 200, target
        assert read is None or answer.headers["content-type"] == read.headers["content-type"]
    await victim.is_as_it_was()


async def test_another_host_or_page_is_refused(victim):
    body = json.dumps(victim.document).encode()
    json_sent = {"Content_Type": "application/json"}
    for host in ("evil.example", "127.0.0.1.evil.example", "", "[", "127.0.0.1@evil.example", "2130706433", "0x7f.1"):
        answer = await send(victim.site, request("POST", victim.path, body, host=host, **json_sent))
        await victim.refused(answer, 400, 421, about=host)


async def test_a_page_of_another_site_is_refused_unless_the_app_lets_any_in(victim):
    body = json.dumps(victim.document).encode()
    port = victim.site.base_url.port
    json_sent = {"Content_Type": "application/json"}
    if victim.name == "todo":  # which says cors = ["*"], as the Todo-Backend API has it
        sent = request("POST", victim.path, body, host=f"127.0.0.1:{port}", Origin="http://evil.example", **json_sent)
        answer = await send(victim.site, sent)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (201, "*")
        return
    for origin in ("http://evil.example", "null", f"http://localhost:{port}", "http://127.0.0.1:1", "file://", "*"):
        sent = request("POST", victim.path, body, host=f"127.0.0.1:{port}", Origin=origin, **json_sent)
        await victim.refused(await send(victim.site, sent), 403, about=origin)


CONDITIONS = ['""', "x", '"', '"0', "0", '"999-x"', "W/", ",,,", '"*"', "* *", "é", "x" * 5000]


async def test_a_condition_that_names_no_version_changes_nothing(victim):
    etag = (await victim.site.get(victim.path)).headers["etag"]
    for value in [*CONDITIONS, f"W/{etag}", etag.strip('"'), etag[:-2] + '"', f"x{etag[1:-1]}x"]:
        answer = await victim.site.post(victim.path, json=victim.document, headers={"If-Match": value.encode()})
        await victim.refused(answer, 412, about=value)
    for value in CONDITIONS:
        read = await victim.site.get(victim.path, headers={"If-None-Match": value.encode()})
        assert read.status_code == 200, value
    for value in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        assert (await victim.site.get(victim.path, headers={"If-None-Match": value})).status_code == 304
        gone = await victim.site.get(f"{victim.path}/9", headers={"If-None-Match": value})
        await victim.refused(gone, 404, about=value)
    made = await victim.site.post(victim.path, json=victim.document, headers={"If-Match": f'"x", {etag}'})
    assert made.status_code == 201


async def test_a_key_that_is_none_is_refused(victim):
    for key in ("", "x" * 256, "x" * 10_000):
        answer = await victim.site.post(victim.path, json=victim.document, headers={"Idempotency-Key": key})
        await victim.refused(answer, 400, about=key[:10])


async def test_a_key_of_strange_letters_is_a_key(victim):
    for key in ("é'; DROP TABLE backend_replies; --".encode("latin-1"), b"\xff\xfe", b'""'):
        sent = {"json": victim.document, "headers": {"Idempotency-Key": key}}
        first, again = await victim.site.post(victim.path, **sent), await victim.site.post(victim.path, **sent)
        assert (first.status_code, again.json()) == (201, first.json())
        other = await victim.site.post(victim.path, json={victim.field: "other"}, headers=sent["headers"])
        assert other.status_code == 422
    assert len((await state_of(victim.world, victim.name))[victim.collection]) == 4


def test_an_answer_on_the_wire_is_told_from_one_that_is_no_problem():
    assert not wire.is_problem(wire.Answer(404, {"content-type": "application/json"}, b'{"status": 404}'))
