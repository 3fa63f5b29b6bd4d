import contextlib

from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, kinds, write_app

SCHEMA = {
    "type": "object",
    "properties": {
        "notes": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
                "required": ["text"],
                "additionalProperties": False,
            },
        },
        "title": {"type": "string", "default": "mine"},
    },
}
STATE = ["state.read", "state.add", "state.patch"]


class Killed(BaseException):
    pass


def results(kernel, pid):
    events = [event.data for event in kernel.journal.events(pid) if event.kind == "syscall.result"]
    return [data.get("result", data.get("error")) for data in events]


async def serve(boot, finished, tmp_path, *steps, tools=STATE):
    write_app(tmp_path, tools=tools, schema=SCHEMA, budget="steps = 20")
    kernel = await boot(ScriptedEngine([*steps, "done"]))
    pid = kernel.spawn("helper", "go").pid
    assert (await finished(kernel, pid)).result == {"text": "done"}
    return kernel, results(kernel, pid)


async def test_a_process_stores_changes_and_reads_documents(boot, finished, tmp_path):
    kernel, told = await serve(
        boot,
        finished,
        tmp_path,
        call("state.add", collection="notes", document={"text": "one"}),
        call("state.patch", patch=[{"op": "replace", "path": "/notes/1/text", "value": "uno"}]),
        call("state.read", path="/notes/1"),
        call("state.read", path="/"),
    )
    document = {"id": 1, "text": "uno"}
    assert told == [
        {"id": "1", "version": 1},
        {"version": 2},
        document,
        {"notes": {"1": document}, "title": "mine"},
    ]
    assert [commit.cause["pid"] for commit in kernel.state(kernel.find_app("helper")).log()] == [1, 1]


async def test_what_does_not_fit_the_schema_is_told_and_nothing_changes(boot, finished, tmp_path):
    kernel, told = await serve(
        boot,
        finished,
        tmp_path,
        call("state.add", collection="notes", document={"text": 7}),
        call("state.add", collection="nothing", document={}),
        call("state.patch", patch=[{"op": "add", "path": "/other", "value": 1}]),
        call("state.patch", patch=[{"op": "remove", "path": "/notes/9"}]),
        call("state.read", path="/notes/9"),
    )
    assert all(isinstance(error, str) for error in told)
    assert kernel.state(kernel.find_app("helper")).version == 0


async def test_a_write_and_its_result_are_durable_together(boot, finished, tmp_path, monkeypatch):
    """Killed between the two, the next kernel finds neither and makes the call again, once."""
    write_app(tmp_path, tools=STATE, schema=SCHEMA)
    kernel = await boot(ScriptedEngine([call("state.add", collection="notes", document={"text": "one"})]))
    record = kernel.record

    def killed(pid, kind, data):
        if kind == "syscall.result":
            raise Killed
        return record(pid, kind, data)

    monkeypatch.setattr(kernel, "record", killed)
    pid = kernel.spawn("helper", "go").pid
    with contextlib.suppress(Killed):
        await kernel._tasks[pid]
    assert kernel.state(kernel.find_app("helper")).version == 0
    kernel = await boot(ScriptedEngine(["done"]))
    assert (await finished(kernel, pid)).result == {"text": "done"}
    assert kernel.state(kernel.find_app("helper")).get("/notes") == {"1": {"id": 1, "text": "one"}}
    assert kinds(kernel, pid).count("syscall.intent") == 1


async def test_a_long_result_is_read_page_by_page_and_lies_beside_the_journal(boot, finished, tmp_path):
    write_app(tmp_path, tools=["toy.recite"], budget="steps = 9")
    steps = iter([call("toy.recite", num_lines=2000), "page 2", "done"])

    def script(request):
        step = next(steps)
        if step != "page 2":
            return step
        told = request.messages[-1].text
        return told[told.index('{"call"') : told.rindex("]")]

    kernel = await boot(ScriptedEngine(script, context_tokens=32_768))
    pid = kernel.spawn("helper", "recite").pid
    assert (await finished(kernel, pid)).result == {"text": "done"}
    first, second = (e.data for e in kernel.journal.events(pid) if e.kind == "syscall.result")
    assert first["chars"] > 10_000
    assert "result" not in first
    assert second["result"].startswith(kernel.blobs.get(first["blob"]).decode()[5850:5900])
    assert all(len(message.text) < 6200 for request in kernel.engine.requests for message in request.messages)


async def test_a_page_of_what_has_none_is_refused(boot, finished, tmp_path):
    _, told = await serve(
        boot,
        finished,
        tmp_path,
        call("toy.recite", num_lines=2000),
        call("result.page", result=6, page=99),
        call("result.page", result=1, page=1),
        call("result.page", result=10**30, page=1),
        tools=["toy.recite"],
    )
    assert ["has only 4 pages" in told[1], "has no pages" in told[2], "maximum" in told[3]] == [True] * 3
