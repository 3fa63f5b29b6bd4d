"""Files that come with forms, over real sockets: kept, referred to, served, collected."""

import asyncio
import hashlib
import json
import os
import resource
import time

import pytest

from llmos.kernel.verify import verify
from tests.http import wire
from tests.http.compiled import install, is_problem, serve_compiled, state_of
from tests.http.served_shared import add, by

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
DIGEST = hashlib.sha256(PNG).hexdigest()
PAGE = b"<!doctype html><script>alert(1)</script>"


def picture(data=PNG, name="me.png", kind="image/png"):
    return {"picture": (name, data, kind)}


@pytest.fixture
async def site(world):
    return await serve_compiled(world, "guestbook")


def kept(world):
    folder = world.home / "blobs"
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []


def age(world):
    """As if every blob had been put long ago, so that nothing protects it but what refers to it."""
    for path in (world.home / "blobs").glob("*"):
        os.utime(path, (time.time() - 10_000,) * 2)


async def test_a_picture_that_is_sent_is_served(world, site):
    signed = await site.post("/entries", data={"name": "Ada", "stars": "5"}, files=picture())
    told = {"name": "me.png", "type": "image/png", "size": len(PNG), "sha256": DIGEST}
    assert (signed.status_code, signed.json()["picture"], signed.json()["stars"]) == (201, told, 5)
    assert (await site.get("/entries/1")).json()["picture"] == told
    served = await site.get(f"/files/{DIGEST}")
    assert served.content == PNG
    headers = {name: served.headers[name] for name in ("content-type", "content-disposition", "etag")}
    assert headers == {
        "content-type": "image/png",
        "content-disposition": 'inline; filename="me.png"',
        "etag": f'"{DIGEST}"',
    }
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    assert kept(world) == [DIGEST]
    assert world.script.requests == []


async def test_a_file_is_asked_for_in_parts_and_not_twice(site):
    await site.post("/entries", data={"name": "Ada"}, files=picture())
    for asked, status, content, told in [
        ("bytes=0-3", 206, PNG[:4], f"bytes 0-3/{len(PNG)}"),
        ("bytes=-4", 206, PNG[-4:], f"bytes {len(PNG) - 4}-{len(PNG) - 1}/{len(PNG)}"),
        ("bytes=1000-", 206, PNG[1000:], f"bytes 1000-{len(PNG) - 1}/{len(PNG)}"),
        (f"bytes={len(PNG)}-", 416, None, f"bytes */{len(PNG)}"),
        ("bytes=-0", 416, None, f"bytes */{len(PNG)}"),
        ("bytes=5-2", 200, PNG, None),
        ("bytes=0-1,4-5", 200, PNG, None),
        ("lines=1-2", 200, PNG, None),
        (f"bytes={'9' * 5000}-", 200, PNG, None),
    ]:
        part = await site.get(f"/files/{DIGEST}", headers={"Range": asked})
        assert (part.status_code, part.headers.get("content-range")) == (status, told), asked
        assert is_problem(part) if content is None else part.content == content
    again = await site.get(f"/files/{DIGEST}", headers={"If-None-Match": f'"{DIGEST}"'})
    assert (again.status_code, again.content) == (304, b"")
    stale = await site.get(f"/files/{DIGEST}", headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    assert (stale.status_code, stale.content) == (200, PNG)
    head = await site.head(f"/files/{DIGEST}")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PNG)))


async def test_a_page_is_no_picture_whatever_its_sender_says(world, site):
    refused = await site.post("/entries", data={"name": "Ada"}, files=picture(PAGE))
    assert (refused.status_code, is_problem(refused)) == (422, True)
    assert "must be of type image/png" in refused.json()["detail"]
    assert kept(world) == []


async def test_what_is_no_picture_is_downloaded(world):
    folder = await tray(world)
    for name, kind, data in [
        ("a.html", "text/html", PAGE),
        ("a.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
        ("a.js", "text/javascript", b"alert(1)"),
        ('a";x="\r\nSet-Cookie: b=c', "text/plain", b"hello"),
        ("Zoë 🦙.txt", "text/plain", b"llama"),
    ]:
        await folder.post("/papers", files={"paper": (name, data, kind)})
        served = await folder.get(f"/files/{hashlib.sha256(data).hexdigest()}")
        assert (served.status_code, served.content) == (200, data)
        assert served.headers["content-disposition"].startswith("attachment; filename"), name
        assert served.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in served.headers["content-security-policy"]
        assert served.headers["content-type"] != "image/svg+xml"
        assert "set-cookie" not in served.headers


async def test_no_file_is_there_that_no_document_refers_to(world, site):
    await site.post("/entries", data={"name": "Ada"}, files=picture())
    world.kernel.blobs.put(b"of somebody else")
    for digest in (hashlib.sha256(b"of somebody else").hexdigest(), "0" * 64, "..%2f..%2fllmos.db", "x"):
        assert (await site.get(f"/files/{digest}")).status_code == 404
    await site.delete("/entries/1")
    assert (await site.get(f"/files/{DIGEST}")).status_code == 404


async def test_a_hash_alone_makes_no_reference(world, site):
    await site.post("/entries", data={"name": "Ada"}, files=picture())
    secret = world.kernel.blobs.put(b"a secret")
    forged = {"name": "x.png", "type": "image/png", "size": 8, "sha256": secret}
    refused = await site.post("/entries", json={"name": "Eve", "picture": forged})
    assert (refused.status_code, "did not" in refused.text or "no file" in refused.text) == (422, True)
    assert (await site.get(f"/files/{secret}")).status_code == 404
    mine = (await site.get("/entries/1")).json()["picture"]
    again = await site.post("/entries", json={"name": "Ada again", "picture": mine})
    assert (again.status_code, again.json()["picture"]) == (201, mine)


async def test_no_handler_can_refer_to_a_file_that_nobody_sent(world):
    secret = world.kernel.blobs.put(b"a secret")
    forged = {"name": "x.png", "type": "image/png", "size": 8, "sha256": secret}
    forging = f'def handle(body):\n    return 201, add("entries", {{**body, "picture": {forged}}})'
    site = await serve_compiled(world, "guestbook", {"POST /entries": forging})
    world.script.follow = lambda request: json.dumps({"status": 422, "error": "no"})
    assert (await site.post("/entries", json={"name": "Ada"})).status_code == 422
    assert world.script.requests != []  # the handler stumbled, so the model was asked
    assert (await state_of(world, "guestbook"))["entries"] == {}


async def test_a_file_is_its_users_alone(world):
    site = await tray(world, users=True)
    ann, ben = by(await add(world, "ann", "tray")), by(await add(world, "ben", "tray"))
    filed = await site.post("/papers", files={"paper": ("a.txt", b"ann's", "text/plain")}, headers=ann)
    document = filed.json()["paper"]
    path = f"/files/{document['sha256']}"
    assert [(await site.get(path, headers=who)).status_code for who in (ann, ben, {})] == [200, 404, 401]
    assert (await site.head(path, headers=ben)).status_code == 404
    stolen = await site.post("/papers", json={"paper": document}, headers=ben)
    assert stolen.status_code == 422
    assert (await site.get(path, headers=ben)).status_code == 404
    assert (
        await site.post("/papers", files={"paper": ("b.txt", b"ann's", "text/plain")}, headers=ben)
    ).status_code == 201
    assert (await site.get(path, headers=ben)).headers["content-disposition"] == 'attachment; filename="b.txt"'
    told = (await site.get(path, headers=ann)).headers
    assert (told["vary"], told["cache-control"]) == ("Authorization", "private, no-cache")


async def test_the_same_form_with_the_same_key_is_done_once(world, site):
    key = {"Idempotency-Key": "k"}
    first = await site.post("/entries", data={"name": "Ada"}, files=picture(), headers=key)
    again = await site.post("/entries", data={"name": "Ada"}, files=picture(), headers=key)
    other = await site.post("/entries", data={"name": "Ada"}, files=picture(PNG + b"!"), headers=key)
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json()
    assert list((await state_of(world, "guestbook"))["entries"]) == ["1"]
    assert kept(world) == [DIGEST]


async def test_what_any_version_refers_to_is_kept_and_nothing_else(world, site):
    await site.post("/entries", data={"name": "Ada"}, files=picture())
    await site.patch("/entries/1", files=picture(PNG + b"new"))
    await site.delete("/entries/1")
    world.kernel.blobs.put(b"stray")
    (world.home / "blobs" / "of-a-killed-kernel.partial").write_bytes(b"half")
    age(world)
    assert (await world.api.post("/gc")).json() == {"freed_bytes": len(b"stray") + len(b"half")}
    assert set(kept(world)) == {DIGEST, hashlib.sha256(PNG + b"new").hexdigest()}
    assert (await world.api.post("/state/guestbook/undo", json={"version": 3})).is_success
    assert (await site.get(f"/files/{hashlib.sha256(PNG + b'new').hexdigest()}")).content == PNG + b"new"
    assert verify(world.home).problems == []
    (world.home / "blobs" / DIGEST).unlink()
    assert verify(world.home).problems == []
    (world.home / "blobs" / hashlib.sha256(PNG + b"new").hexdigest()).write_bytes(b"changed")
    assert "/entries/1 of guestbook" in verify(world.home).problems[0]


async def test_a_refused_request_leaves_nothing_and_verify_misses_nothing(world):
    site = await world.serve("guestbook")
    world.script.say({"status": 422, "error": "no"}, {"status": 422, "error": "no"})
    assert (await site.post("/entries", data={"name": "Ada"}, files=picture())).status_code == 422
    assert kept(world) == []
    assert verify(world.home).problems == []


async def test_an_upload_that_breaks_off_leaves_nothing(world, site):
    head = b'--X\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    sent = wire.request("POST", "/entries", Content_Type="multipart/form-data; boundary=X", Content_Length=10**6)
    _, writer = await wire.connect(site)
    writer.write(sent + head + PNG * 100)
    await writer.drain()
    await until(lambda: any(name.endswith(".partial") for name in kept(world)))
    writer.transport.abort()
    await until(lambda: kept(world) == [])
    assert (await state_of(world, "guestbook"))["entries"] == {}


async def test_a_full_disk_is_told_in_one_sentence_and_nothing_is_lost(world, site):
    await site.post("/entries", data={"name": "Ada"}, files=picture())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, before[1]))
    try:
        full = await site.post("/entries", data={"name": "Bo"}, files=picture(PNG * 1500))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (full.status_code, is_problem(full)) == (507, True)
    assert "is full" in full.json()["detail"]
    assert kept(world) == [DIGEST]
    assert (await site.post("/entries", data={"name": "Bo"}, files=picture(PNG * 1500))).status_code == 201


async def test_sizes_are_the_manifests(world):
    install(world.home, "guestbook", "[http]\nmax_file_bytes = 1000\nmax_upload_bytes = 3000\n")
    site = await serve_compiled(world, "guestbook")
    for size, status in {900: 201, 1001: 413, 5000: 413}.items():
        answer = await site.post("/entries", data={"name": "Ada"}, files=picture(PNG[:8] + bytes(size - 8)))
        assert answer.status_code == status, answer.text
    assert len(kept(world)) == 1


async def test_other_routes_take_no_files(world):
    site = await serve_compiled(world, "todo")
    refused = await site.post("/todos", data={"title": "a"}, files=picture())
    assert (refused.status_code, is_problem(refused)) == (415, True)
    assert kept(world) == []


PAPERS = {
    "user": {"type": "string", "readOnly": True},
    "id": {"type": "integer", "readOnly": True},
    "paper": {"format": "file"},
}


async def tray(world, *, users=False):
    """An app that takes any file, served; its model does what the rule says."""
    folder = world.home / "apps" / "tray"
    folder.mkdir(parents=True)
    manifest = 'name = "tray"\ntitle = "Tray"\nkind = "backend"\n'
    (folder / "app.toml").write_text(manifest + ("[http]\nusers = true\n" if users else ""))
    (folder / "prompt.md").write_text("Papers.\n\n## POST /papers\nKeep it and answer 201, or 422.\n")
    fields = PAPERS if users else {name: part for name, part in PAPERS.items() if name != "user"}
    document = {"type": "object", "properties": fields, "required": list(fields)}
    schema = {"type": "object", "properties": {"papers": {"type": "object", "additionalProperties": document}}}
    (folder / "schema.json").write_text(json.dumps(schema))
    number = iter(range(1, 100))

    def follow(request):
        key = next(number)
        value = {"ref": "/body", "with": {"id": key}}
        patch = [{"op": "add", "path": f"/papers/{key}", "value": value}]
        return json.dumps({"status": 201, "patch": patch, "body": {"ref": f"/papers/{key}"}})

    world.script.follow = follow
    return await world.serve("tray")


async def until(true):
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("It never came true.")
