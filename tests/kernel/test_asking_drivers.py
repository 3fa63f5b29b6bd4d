"""What a driver says and asks while it is at work reaches the process that called it."""

import asyncio
import base64
import json
from dataclasses import replace

import pytest

from llmos.kernel.drivers import DriverHost, DriverManifest, Sandbox
from llmos.kernel.drivers.caller import Silence, choices_of
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, write_app
from tests.kernel.test_bad_drivers import BAD

PNG = base64.b64encode(b"\x89PNG not really").decode()
FORM = {"type": "object", "properties": {"size": {"type": "string", "enum": ["small", "always"]}}, "required": ["size"]}


class Blind(ScriptedEngine):
    async def info(self):
        return replace(await super().info(), modalities=frozenset({"text"}))


@pytest.fixture
async def ask(tmp_path, finished):
    """A process that makes one call of a driver with this fault and then answers; returns what the call came to."""
    kernels = []

    async def run(fault, decide=None, said=(), blind=False, **settings):
        arguments = settings.pop("arguments", {})
        write_app(tmp_path, tools=settings.pop("grants", ["raw.plain"]))
        manifest = DriverManifest(name="raw", command=("{python}", BAD, fault), **settings)
        engine = (Blind if blind else ScriptedEngine)([call("raw.plain", **arguments), *said, "Done."])
        kernel = Kernel(tmp_path, engine, DriverHost({"raw": manifest}, tmp_path / "logs"), {"chat": run_chat})
        kernels.append(kernel)
        process = kernel.spawn("helper", "Go.")
        if decide:
            async for event in kernel.journal.follow(process.pid):
                if event.kind == "question.asked":
                    kernel.answer(event.seq, decide)
                    break
        await finished(kernel, process.pid)
        return kernel, process.pid, kernel.journal.last(process.pid, ("syscall.result",)).data

    yield run
    for kernel in kernels:
        await kernel.close()


async def test_a_drivers_form_with_few_values_is_a_question_to_a_person_whose_answer_grants_nothing(ask):
    asked = {"method": "elicitation/create", "params": {"message": "Which?", "requestedSchema": FORM}}
    kernel, pid, result = await ask("asks", "always", arguments=asked)
    assert json.loads(result["result"]) == {"action": "accept", "content": {"size": "always"}}
    assert kernel.journal.last(pid, ("question.asked",)).data["text"] == "raw.plain asks: Which?"
    assert kernel.questions.granted("helper") == []


async def test_a_person_can_decline(ask):
    asked = {"method": "elicitation/create", "params": {"message": "Which?", "requestedSchema": FORM}}
    _, _, result = await ask("asks", "decline", arguments=asked)
    assert json.loads(result["result"])["action"] == "decline"


def test_a_form_that_needs_writing_is_no_question_and_one_with_defaults_is_one_of_consent():
    text = {"type": "string"}
    assert choices_of({"properties": {"name": text}, "required": ["name"]}) is None
    assert choices_of({"properties": {"name": {**text, "default": "Ann"}}}) == {"accept": {"name": "Ann"}}
    assert choices_of({"properties": {}}) == {"accept": {}}
    assert choices_of({"properties": {"sure": {"type": "boolean"}}}) == {"yes": {"sure": True}, "no": {"sure": False}}


async def test_a_driver_that_may_sample_gets_the_engines_words_at_the_processs_expense(ask):
    said = {"role": "user", "content": {"type": "text", "text": "Say plum."}}
    asked = {"method": "sampling/createMessage", "params": {"messages": [said], "maxTokens": 50}}
    kernel, pid, result = await ask("asks", arguments=asked, said=["Plum."], sampling=True)
    assert json.loads(result["result"])["content"]["text"] == "Plum."
    purposes = [event.data["purpose"] for event in kernel.journal.events(pid) if event.kind == "engine.answer"]
    assert purposes == ["step", "sampling", "step"]


async def test_a_driver_that_may_not_sample_is_told_no(ask):
    said = {"role": "user", "content": {"type": "text", "text": "Say plum."}}
    asked = {"method": "sampling/createMessage", "params": {"messages": [said], "maxTokens": 50}}
    _, _, result = await ask("asks", arguments=asked)
    assert "not supported" in result["result"]


async def test_roots_are_the_folders_that_the_app_was_granted(ask, tmp_path):
    tools = {"plain": {"resource": "path", "kind": "path"}}
    asked = {"method": "roots/list", "params": {}, "path": str(tmp_path)}
    _, _, result = await ask("asks", arguments=asked, grants=[f"raw.plain:{tmp_path}"], tools=tools)
    assert json.loads(result["result"])["roots"] == [{"uri": tmp_path.as_uri()}]


async def test_progress_is_shown_to_whoever_watches_and_not_kept(ask, tmp_path):
    heard = []
    manifest = DriverManifest(name="raw", command=("{python}", BAD, "progress"))
    host = DriverHost({"raw": manifest}, tmp_path / "logs")

    class Ear(Silence):
        def progress(self, tool, done, total, text):
            heard.append((tool, done, total, text))

    assert await host.call("raw.plain", {}, Ear()) == "whole"
    await host.close()
    assert heard == [("raw.plain", 1, 2, "half")]


async def test_a_picture_in_a_result_is_kept_beside_the_journal_and_shown_to_an_engine_that_sees(ask):
    kernel, _, result = await ask("picture", arguments={"data": PNG})
    kinds = [item["media_type"] for item in result["attachments"]]
    assert kinds == ["image/png", "audio/wav"]
    assert kernel.blobs.get(result["attachments"][0]["sha256"]) == base64.b64decode(PNG)
    assert "link to file:///a.txt" in result["result"]
    assert "b says hi" in result["result"]
    assert kernel.engine.requests[-1].messages[-1].images[0].data == base64.b64decode(PNG)


async def test_a_picture_that_nobody_can_see_is_named_and_the_process_goes_on(ask):
    kernel, pid, _ = await ask("picture", arguments={"data": PNG}, blind=True)
    assert kernel.process(pid).result == {"text": "Done."}
    assert "[image/png, 15 bytes, blob " in json.dumps(kernel.engine.requests[-1].messages[-1].text)


async def test_without_walls_nothing_changes_but_what_drivers_lists(tmp_path):
    manifest = DriverManifest(name="raw", command=("{python}", BAD, "none"), sandbox=Sandbox(enabled=False))
    host = DriverHost({"raw": manifest}, tmp_path)
    assert await asyncio.wait_for(host.call("raw.plain", {}), 20) == "fine"
    assert host.health("raw").walls == "none: its manifest turns it off"
    await host.close()
