"""`llmos app test` of a chat app, against a real kernel over its loopback API."""

import asyncio
import json
import os
import urllib.request

import pytest
from click.testing import CliRunner

from llmos.backend.starting import starter, write_app
from llmos.cli import main
from llmos.errors import EngineError
from llmos.http.address import Address, announce
from llmos.kernel.questions import CHOICES

from .test_questions import STEP, install

WAIT = {"text": "wait", "expect": {"says": ["done"], "calls": ["timer.wait"]}}


@pytest.fixture
def llmos(world):
    """The command line on this kernel, whose model says what a test writes for it."""
    announce(world.home, Address(world.control.url, "t", os.getpid()))

    async def run(*arguments):
        environment = {"LLMOS_HOME": str(world.home)}
        command = asyncio.to_thread(CliRunner().invoke, main, list(map(str, arguments)), env=environment)
        return await asyncio.wait_for(command, 30)

    return run


@pytest.fixture
def oracle(world):
    """A new chat app: its own example, and one more."""
    app = write_app(world.home / "apps" / "oracle", starter("chat", "oracle"))
    write(app.folder, "river", {"text": "Which river?", "expect": {"says": ["Seine"], "not": ["sorry"], "calls": []}})
    return app


def write(folder, name, example):
    (folder / "examples").mkdir(exist_ok=True)
    (folder / "examples" / f"{name}.json").write_text(json.dumps(example))


async def test_each_example_is_a_process_whose_answer_is_compared(llmos, oracle, world):
    world.script.say("It is paris.", "The Seine.")
    done = await llmos("app", "test", "oracle")
    assert (done.exit_code, done.output) == (0, "passed  capital\npassed  river\noracle: 2 of 2 as expected\n")
    *_, service, first, second = world.kernel.processes()
    assert (service.app, service.kind) == ("examples", "service")
    assert [(process.app, process.parent, process.state) for process in (first, second)] == [
        ("oracle", service.pid, "done")
    ] * 2


async def test_what_differs_is_told_with_what_the_model_said_and_the_exit_code_is_1(llmos, oracle, world):
    world.script.say("Lyon.", "Sorry, the Seine.")
    done = await llmos("app", "test", "oracle")
    assert done.exit_code == 1
    assert done.output.splitlines()[:-1] == [
        "failed  capital",
        "        says: 'Paris' is not in the answer",
        "        the model said: Lyon.",
        "failed  river",
        "        not: 'sorry' is in the answer",
        "        the model said: Sorry, the Seine.",
    ]


async def test_only_one_is_asked_when_one_is_named(llmos, oracle, world):
    world.script.say("The Seine.")
    told = json.loads((await llmos("app", "test", "oracle", "--only", "river", "--json")).output)
    [row] = told["examples"]
    assert row == {"name": "river", "differences": [], "answers": ["The Seine."], "passed": True}
    assert "there are: capital, river" in (await llmos("app", "test", "oracle", "--only", "nope")).output


async def test_a_tool_that_is_granted_is_called_for_real(llmos, world):
    install(world.home)
    manifest = world.home / "apps" / "waiter" / "app.toml"
    manifest.write_text(manifest.read_text().replace("ask =", "tools ="))
    write(world.home / "apps" / "waiter", "wait", WAIT)
    world.script.say(STEP, "Done.")
    told = json.loads((await llmos("app", "test", "waiter", "--json")).output)
    assert told["examples"][0]["answers"] == [STEP, "Done."]
    assert told["passed"] == 1


async def test_what_would_ask_a_person_is_refused_and_fails(llmos, world):
    install(world.home)
    write(world.home / "apps" / "waiter", "wait", WAIT)
    world.script.say(STEP, "Done.")
    done = await llmos("app", "test", "waiter")
    assert done.exit_code == 1
    assert "asked a person: May waiter use timer.wait? Nobody is asked while examples run" in done.output
    assert "calls: timer.wait came back with: The user does not allow timer.wait" in done.output
    assert world.kernel.questions.open() == []
    [answered] = [event.data for event in world.kernel.journal.events() if event.kind == "question.answered"]
    assert (answered["choice"], answered["by"]) == ("no", "examples")


async def test_a_question_that_takes_no_no_ends_its_example(llmos, world, monkeypatch):
    monkeypatch.setitem(CHOICES, "consent", ("once", "process"))
    install(world.home)
    write(world.home / "apps" / "waiter", "wait", WAIT)
    world.script.say(STEP)
    done = await llmos("app", "test", "waiter")
    assert done.exit_code == 1
    assert "no answer: process 2 was killed" in done.output


async def test_what_is_attached_comes_with_the_message(llmos, oracle, world):
    (oracle.folder / "examples" / "dot.png").write_bytes(b"\x89PNG")
    write(oracle.folder, "look", {"attach": ["dot.png"], "expect": {"says": ["dot"]}})
    world.script.say("A dot.")
    assert (await llmos("app", "test", "oracle", "--only", "look")).exit_code == 0
    [picture] = world.script.requests[-1].messages[-1].images
    assert (picture.name, picture.media_type, picture.data) == ("dot.png", "image/png", b"\x89PNG")


async def test_pages_beside_an_example_are_served_and_what_is_asked_of_them_is_compared(llmos, oracle, world):
    (oracle.folder / "examples" / "shop").mkdir()
    (oracle.folder / "examples" / "shop" / "hours.html").write_text("<p>Open until 14:15.</p>")
    expected = {"says": ["14:15"], "opens": ["/hours.html?day=6"]}
    write(oracle.folder, "hours", {"text": "Read {site}/hours.html", "site": "shop", "expect": expected})
    seen = []

    def read(request):
        with urllib.request.urlopen(request.messages[-1].text.removeprefix("Read ") + "?day=6", timeout=5) as page:
            seen.append(page.read())
        return "Until 14:15."

    world.script.follow = read
    done = await llmos("app", "test", "oracle", "--only", "hours")
    assert (done.exit_code, seen) == (0, [b"<p>Open until 14:15.</p>"]), done.output
    world.script.follow = lambda request: "Until 14:15."
    done = await llmos("app", "test", "oracle", "--only", "hours")
    assert "opens: /hours.html?day=6 was not asked for" in done.output


async def test_a_process_that_fails_fails_its_example_and_the_next_is_asked(llmos, oracle, world):
    world.script.say("", "", "The Seine.")
    done = await llmos("app", "test", "oracle")
    assert "failed  capital\n        no answer: The model answered nothing" in done.output
    assert "passed  river" in done.output


async def test_a_dead_engine_ends_the_run_with_one_sentence(llmos, oracle, world):
    def refuse(request):
        raise EngineError("The engine refused the request; look at logs/engine.log.")

    async def dead():
        return False

    world.script.follow, world.script.healthy = refuse, dead
    done = await llmos("app", "test", "oracle")
    assert done.exit_code == 1
    assert done.output == "llmos: The engine refused the request; look at logs/engine.log.\n"


async def test_a_malformed_example_is_named_before_anything_is_asked(llmos, oracle, world):
    write(oracle.folder, "river", {"text": "?", "attach": ["../app.toml"], "expect": {"says": ["a"]}})
    done = await llmos("app", "test", "oracle")
    assert (done.exit_code, world.script.requests) == (1, [])
    assert "river.json is not an example: attach: ../app.toml lies outside the app's folder" in done.output


async def test_an_app_that_is_not_installed_is_told_how_to_be(llmos, tmp_path):
    app = write_app(tmp_path / "elsewhere" / "oracle", starter("chat", "oracle"))
    done = await llmos("app", "test", app.folder)
    assert done.exit_code == 1
    assert f"link it first: ln -s {app.folder} " in done.output


async def test_a_link_to_an_app_is_installed(llmos, world, tmp_path):
    app = write_app(tmp_path / "elsewhere" / "oracle", starter("chat", "oracle"))
    (world.home / "apps").mkdir()
    (world.home / "apps" / "oracle").symlink_to(app.folder)
    world.script.say("Paris.")
    assert (await llmos("app", "test", app.folder)).exit_code == 0


async def test_a_chat_app_without_examples_is_told_where_they_go(llmos, oracle):
    for file in (oracle.folder / "examples").iterdir():
        file.unlink()
    assert "oracle has no examples; write the first into" in (await llmos("app", "test", "oracle")).output


async def test_examples_are_not_remembered_as_something_that_was_said(llmos, oracle, world):
    world.script.say("Paris.", "The Seine.")
    await llmos("app", "test", "oracle")
    assert await world.kernel.memory.search("oracle", "capital of France") == []
    world.script.say("Paris.")
    await llmos("run", "oracle", "The capital of France?")
    assert await world.kernel.memory.search("oracle", "capital of France")


async def test_nobody_listening_ends_the_example_that_is_asked(oracle, world):
    asked, going_on = asyncio.Event(), asyncio.Event()

    class Slow(type(world.script)):
        async def stream(self, request):
            asked.set()
            await going_on.wait()
            yield

    world.script.__class__ = Slow
    async with world.api.stream("POST", "/examples", json={"app": "oracle"}):
        await asyncio.wait_for(asked.wait(), 10)
        process = world.kernel.living()[-1]
    async with asyncio.timeout(10):
        async for event in world.kernel.journal.follow(process.pid):
            if event.kind == "process.killed":
                break
    assert world.kernel.process(process.pid).state.final
