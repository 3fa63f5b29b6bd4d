"""What an app was asked before, asked again: of itself, and of another edition of it."""

import json
import shutil

from llmos import paths

GONE = {"status": 410, "error": "We keep no lists."}


def sign(request):
    key = int(request.messages[-1].text.partition("next id ")[2].split()[0])
    document = {"ref": "/body", "with": {"id": key, "created": {"ref": "/now"}}}
    added = {"op": "add", "path": f"/entries/{key}", "value": document}
    return {"status": 201, "patch": [added], "body": {"ref": f"/entries/{key}"}}


def follow(request):
    """A model that does as the rule says."""
    if "We keep no lists" in request.messages[0].text:
        return json.dumps(GONE)
    asked = request.messages[-1].text
    return json.dumps(sign(request) if "Request: POST" in asked else {"status": 200, "body": {"list": "/entries"}})


async def replay(world, **more):
    lines = (await world.api.post("/replay", json={"app": "guestbook", **more})).text.splitlines()
    return [json.loads(line[5:]) for line in lines if line.startswith("data:")]


async def live(world):
    world.script.follow = follow
    site = await world.serve()
    for name in ("Ada", "Bo"):
        assert (await site.post("/entries", json={"name": name})).status_code == 201
        assert (await site.get("/entries")).status_code == 200


async def test_the_same_rules_answer_as_before_and_nothing_is_changed(world):
    await live(world)
    before = (await world.api.get("/state/guestbook")).json()
    results = await replay(world)
    assert [(result["passed"], result["differences"]) for result in results] == [(True, [])] * 4
    assert [result["name"].split()[1] for result in results] == ["POST", "GET", "POST", "GET"]
    assert (await world.api.get("/state/guestbook")).json() == before
    assert [result["name"].split()[1] for result in await replay(world, last=1)] == ["GET"]


async def test_a_changed_rule_shows_what_it_would_have_answered(world, tmp_path):
    await live(world)
    edited = tmp_path / "elsewhere" / "guestbook"
    shutil.copytree(paths.bundle_root() / "apps" / "guestbook", edited)
    prompt = (edited / "prompt.md").read_text()
    (edited / "prompt.md").write_text(
        prompt.replace("Answer 200 with the list of all entries.", "We keep no lists: 410.")
    )
    results = await replay(world, folder=str(edited))
    assert [result["passed"] for result in results] == [True, False, True, False]
    assert "/status: got 410" in results[1]["differences"]


async def test_what_cannot_be_replayed_says_why(world):
    for app, sentence in (("guestbook", "answered nothing yet"), ("assistant", "only what a backend was asked")):
        refused = await world.api.post("/replay", json={"app": app})
        assert (refused.status_code, sentence in refused.text) == (400, True)


async def test_a_request_that_brought_a_file_is_asked_again_with_what_is_known_of_it(world):
    world.script.follow = follow
    site = await world.serve()
    files = {"picture": ("me.png", b"\x89PNG\r\n\x1a\n", "image/png")}
    assert (await site.post("/entries", data={"name": "Ada"}, files=files)).status_code == 201
    [told, *_] = await replay(world)
    assert (told["passed"], told["differences"]) == (True, [])
    [answer, *_] = world.kernel.journal.recent(1, "http.answer", 5)[::-1]
    assert answer.data["body"]["picture"]["name"] == "me.png"
    assert "PNG" not in json.dumps(answer.data)
