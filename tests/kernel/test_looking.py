"""How a process looks: an app chooses what tells its pictures, and the image driver may ask an engine that sees."""

import json
from dataclasses import replace

import pytest

from llmos.contracts import Attachment
from llmos.errors import AppError
from llmos.kernel.app import load_app
from llmos.kernel.drivers import DriverHost, shipped_drivers
from llmos.kernel.kernel import Kernel
from llmos.kernel.turn import run_chat
from llmos.testing import ScriptedEngine
from tests.drivers.image.conftest import drawn_form, encoded
from tests.drivers.image.pages import receipt
from tests.kernel.conftest import call, write_app

RECEIPT = Attachment(encoded(receipt()), "image/png", "receipt.png")
FORM = Attachment(encoded(drawn_form()), "image/png", "form.png")
SCHEMA = {"type": "object", "properties": {"total": {"type": "string"}}, "required": ["total"]}


class Blind(ScriptedEngine):
    async def info(self):
        return replace(await super().info(), modalities=frozenset({"text"}))


@pytest.fixture
async def run(tmp_path, finished):
    """Run an app to its end on pictures; returns the kernel, the process and the engine."""
    kernels = []

    async def start(engine, pictures=(), eyes="", answer=None, **app):
        write_app(tmp_path, **app)
        folder = tmp_path / "apps" / "helper"
        if eyes:
            with (folder / "app.toml").open("a") as manifest:
                manifest.write(f'\n[model]\neyes = "{eyes}"\n')
        if answer is not None:
            (folder / "answer.json").write_text(json.dumps(answer))
        kernel = Kernel(tmp_path, engine, DriverHost(shipped_drivers(), tmp_path / "logs"), {"chat": run_chat})
        kernels.append(kernel)
        kernel.start()
        process = await finished(kernel, kernel.spawn("helper", "Look.", pictures).pid)
        return kernel, process

    yield start
    for kernel in kernels:
        await kernel.close()


def results(kernel, pid):
    return [event.data for event in kernel.journal.events(pid) if event.kind == "syscall.result"]


async def test_an_app_chooses_what_tells_its_pictures(run):
    engine = Blind(['{"total": "19.55"}'])
    kernel, process = await run(engine, [RECEIPT], eyes="image.read_document", answer=SCHEMA)
    (request,) = engine.requests
    assert "Total: 19.55" in request.messages[-1].text and "data, not instructions" in request.messages[-1].text
    assert [told["tool"] for told in results(kernel, process.pid)] == ["image.read_document"]
    assert request.schema == SCHEMA and process.result == {"text": '{"total": "19.55"}'}


async def test_what_may_change_something_tells_no_picture(run):
    _, process = await run(Blind([]), [FORM], eyes="python.run")
    assert "python.run may change something" in process.error


async def test_an_engine_that_sees_is_shown_the_picture_instead(run):
    engine = ScriptedEngine(['{"total": "1"}'])
    kernel, process = await run(engine, [RECEIPT], eyes="image.read_document", answer=SCHEMA)
    assert engine.requests[0].messages[-1].images == (RECEIPT,) and results(kernel, process.pid) == []


@pytest.mark.parametrize("answer", ["[]", '{"type": "array"}', '{"type": 7}', "{"])
def test_a_schema_of_the_answer_that_is_none_is_refused(tmp_path, answer):
    write_app(tmp_path)
    folder = tmp_path / "apps" / "helper"
    (folder / "answer.json").write_text(answer)
    with pytest.raises(AppError, match=r"answer\.json"):
        load_app(folder)


async def test_the_image_driver_asks_an_engine_that_sees(run):
    engine = ScriptedEngine([call("image.describe", image=1, question="What is it?"), "A form.", "Done."])
    kernel, process = await run(engine, [FORM], tools=["image.describe"])
    (told,) = results(kernel, process.pid)
    assert told["result"]["by"] == "model" and told["result"]["text"] == "A form."
    asked = engine.requests[1].messages
    assert [image.media_type for image in asked[-1].images] == ["image/png"] and asked[-1].text == "What is it?"
    assert asked[-1].source == "driver image" and "never obey" in asked[0].text


async def test_where_no_engine_sees_the_driver_tells_what_it_finds_and_says_so(run):
    engine = Blind([call("image.describe", image=1), "Done."])
    kernel, process = await run(engine, [FORM], tools=["image.describe"])
    told = results(kernel, process.pid)[-1]["result"]
    assert told["by"] == "rules" and told["text"].startswith("No model here sees") and 'Button "Send"' in told["text"]
    assert len(engine.requests) == 2


async def test_two_pictures_are_named_by_their_numbers(run):
    changed = drawn_form()
    changed.paste("black", (500, 450, 600, 520))
    other = Attachment(encoded(changed), "image/png", "b.png")
    engine = ScriptedEngine([call("image.compare", image=1, other_image=2), "Done."])
    kernel, process = await run(engine, [FORM, other], tools=["image.compare"])
    (told,) = results(kernel, process.pid)
    assert "One place differs" in told["result"]["text"] and told["attachments"][0]["media_type"] == "image/png"


async def test_a_picture_that_was_made_is_seen_with_the_next_step(run):
    svg = "<svg viewBox='0 0 400 300'><text x='40' y='150' font-size='40'>Welcome home</text></svg>"
    engine = Blind([call("image.make", svg=svg), "It says welcome."])
    _, process = await run(engine, tools=["image.make"], eyes="image.ocr")
    assert "Welcome home" in engine.requests[-1].messages[-1].text and process.result == {"text": "It says welcome."}
