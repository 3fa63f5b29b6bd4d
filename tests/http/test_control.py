import base64
import json

import httpx2

PIXEL = base64.b64encode(b"GIF89a not really").decode()


async def test_without_the_token_nothing_is_told(world):
    async with httpx2.AsyncClient(trust_env=False) as stranger:
        assert (await stranger.get(f"{world.control.url}/v0/status")).status_code == 401


async def test_status_tells_what_runs(world):
    status = (await world.api.get("/status")).json()
    assert status["engine"]["model"] == "scripted"
    assert status["home"] == str(world.home)


async def test_an_app_runs_and_its_events_stream_until_it_ends(world):
    world.script.say("Hello yourself.")
    process = (await world.api.post("/processes", json={"app": "assistant", "text": "Hello"})).json()
    async with world.api.stream("GET", f"/processes/{process['pid']}/events") as events:
        kinds = [line[6:].strip() async for line in events.aiter_lines() if line.startswith("event:")]
    assert kinds[0] == "process.spawned"
    assert kinds[-1] == "process.done"


async def test_an_answer_is_streamed_to_who_watches_from_its_beginning(world):
    world.script.say("Hello yourself.")
    process = (await world.api.post("/processes", json={"app": "assistant", "session": True})).json()
    said = []
    async with world.api.stream("GET", f"/processes/{process['pid']}/events") as events:
        async for line in events.aiter_lines():
            if line == "event: process.spawned":
                await world.api.post(f"/processes/{process['pid']}/messages", json={"text": "Hello"})
            if line.startswith("data:") and (event := json.loads(line[5:]))["kind"] == "engine.delta":
                said.append(event["data"]["text"])
            if line == "event: process.answered" and said:
                break
    assert "".join(said) == "Hello yourself."


async def test_what_is_no_picture_fails_the_process_with_one_sentence(world):
    body = {"app": "sketch-to-website", "attachments": [{"name": "x.gif", "media_type": "image/gif", "data": PIXEL}]}
    process = (await world.api.post("/processes", json=body)).json()
    async with world.api.stream("GET", f"/processes/{process['pid']}/events") as events:
        async for _ in events.aiter_lines():
            pass
    ended = (await world.api.get(f"/processes/{process['pid']}")).json()
    assert ended["state"] == "failed"
    assert "\n" not in ended["error"].strip()


async def test_errors_are_problem_documents_that_say_what_to_do(world):
    asked = [
        ("GET", "/processes/99", None, "llmos ps"),
        ("POST", "/processes", {"app": "nope"}, "there are:"),
        ("POST", "/sites", {"app": "assistant"}, "llmos run assistant"),
        ("POST", "/processes", {"app": "assistant", "attachments": [{"data": "%%%"}]}, "base64"),
        ("GET", "/drivers/nobody", None, "There is no driver"),
    ]
    for method, path, body, sentence in asked:
        answer = await world.api.request(method, path, json=body)
        assert answer.status_code >= 400
        assert sentence in answer.json()["detail"]


async def test_undo_takes_a_commit_back_and_says_so_in_the_journal(world, signed):
    site = await world.serve()
    world.script.say(signed(1))
    await site.post("/entries", json={"name": "Ada"})
    assert (await world.api.post("/state/guestbook/undo", json={"version": 1})).json()["version"] == 2
    assert (await world.api.get("/state/guestbook")).json()["value"]["entries"] == {}
    assert [row["version"] for row in (await world.api.get("/state/guestbook/log")).json()] == [2, 1]
    assert (await world.api.post("/state/guestbook/undo", json={"version": 1})).status_code == 409
    pid = (await world.api.get("/status")).json()["sites"][0]["pid"]
    kinds = [event["kind"] for event in (await world.api.get(f"/processes/{pid}/log")).json()]
    assert kinds.count("state.commit") == 2


async def test_shutdown_is_told_to_the_daemon(world):
    await world.api.post("/shutdown")
    assert world.stopped
