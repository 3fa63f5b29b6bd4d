"""What processes ask a person, through the kernel's API; and how a journal reads."""

import asyncio
import json

import pytest

from llmos.http.narrate import narrate

STEP = json.dumps({"call": "timer.wait", "arguments": {"seconds": 0}})


def install(home):
    folder = home / "apps" / "waiter"
    folder.mkdir(parents=True)
    (folder / "app.toml").write_text(
        'name = "waiter"\ntitle = "W"\nkind = "chat"\n[capabilities]\nask = ["timer.wait"]\n'
    )
    (folder / "prompt.md").write_text("You wait.")


async def asked(world, *answers):
    install(world.home)
    world.script.say(STEP, *answers)
    pid = (await world.api.post("/processes", json={"app": "waiter", "text": "wait"})).json()["pid"]
    async with asyncio.timeout(20):
        async for event in world.kernel.journal.follow(pid):
            if event.kind == "question.asked":
                break
    [question] = (await world.api.get("/questions")).json()
    return pid, question


async def ended(world, pid):
    async with world.api.stream("GET", f"/processes/{pid}/events") as events:
        async for _ in events.aiter_lines():
            pass
    return (await world.api.get(f"/processes/{pid}")).json()


async def test_a_question_is_listed_with_all_its_facts_and_any_shell_may_answer_it(world):
    pid, question = await asked(world, "Waited.")
    assert (question["pid"], question["app"], question["data"]["tool"]) == (pid, "waiter", "timer.wait")
    assert question["data"]["choices"] == ["once", "process", "always", "no"]
    answer = await world.api.post(f"/questions/{question['seq']}", json={"choice": "always"})
    assert answer.json()["data"]["choice"] == "always"
    assert (await ended(world, pid))["result"] == {"text": "Waited."}
    assert (await world.api.get("/questions")).json() == []
    rights = (await world.api.get("/permissions/waiter")).json()
    assert rights == {"tools": [], "ask": ["timer.wait"], "always": ["timer.wait"]}
    assert (await world.api.delete("/permissions/waiter?grant=timer.wait")).is_success
    assert (await world.api.get("/permissions/waiter")).json()["always"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/questions/999", {"choice": "once"}, 404),
        ("/questions/999", {}, 422),
        ("/questions/x", {"choice": "once"}, 422),
        ("/processes/999/messages", {"text": "hi"}, 404),
        ("/processes/999/interrupt", {}, 404),
    ],
)
async def test_wrong_answers_are_problem_documents(world, path, body, status):
    assert (await world.api.post(path, json=body)).status_code == status


async def test_a_session_is_spoken_to_over_the_api(world):
    world.script.say("One.", "Two.")
    process = (await world.api.post("/processes", json={"app": "assistant", "text": "1", "session": True})).json()
    results = []
    async with world.api.stream("GET", f"/processes/{process['pid']}/events") as events:
        async for line in events.aiter_lines():
            if line.startswith("data:") and (event := json.loads(line[5:]))["kind"] == "process.answered":
                results.append(event["data"]["result"]["text"])
                if len(results) == 2:
                    break
                await world.api.post(f"/processes/{process['pid']}/messages", json={"text": "2"})
    assert results == ["One.", "Two."]


async def test_every_event_of_a_real_journal_reads_as_one_line(world):
    pid, question = await asked(world, "Waited.\nA while.")
    await world.api.post(f"/questions/{question['seq']}", json={"choice": "once"})
    await ended(world, pid)
    lines = [narrate(event) for event in (await world.api.get(f"/processes/{pid}/log")).json()]
    text = "\n".join(lines)
    assert all("\n" not in line for line in lines)
    for words in ("started as waiter", "user: wait", "asks: May waiter use timer.wait?", "was told once", "done:"):
        assert words in text


def test_a_journal_line_cannot_do_anything_to_a_terminal():
    said = {"text": "\x1b[2J\x1b]0;owned\x07 a\r\nb\u202e\x9b31m" + "x" * 10_000, "attachments": []}
    line = narrate({"seq": 1, "at": 0.0, "kind": "message.user", "data": said})
    assert line.isprintable()
    assert len(line) < 300


def test_an_event_that_is_not_understood_is_shown_as_it_is():
    line = narrate({"seq": 1, "at": 0.0, "kind": "engine.answer", "data": {"other": 1}})
    assert line.endswith('engine.answer {"other": 1}')
