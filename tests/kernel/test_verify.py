"""Damage of every kind is noticed and named, and the rest stays readable."""

import os
import sqlite3

import pytest

from llmos.contracts import Attachment, Message
from llmos.errors import KernelBusy, KernelError, StateError
from llmos.kernel.kernel import Kernel
from llmos.kernel.process import State
from llmos.kernel.salvage import salvage
from llmos.kernel.verify import verify
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, write_app

SCHEMA = {
    "type": "object",
    "properties": {"notes": {"type": "object", "additionalProperties": {"type": "object"}}},
}


@pytest.fixture
async def lived(boot, finished, tmp_path):
    """A folder in which processes ran, wrote state and were given files, and whose kernel has stopped."""
    write_app(tmp_path, tools=["state.add", "toy.recite"], schema=SCHEMA, budget="steps = 9")
    add = call("state.add", collection="notes", document={"text": "x" * 500})
    kernel = await boot(ScriptedEngine([add, call("toy.recite", num_lines=3000), "done", *["more " * 200] * 30]))
    await finished(kernel, kernel.spawn("helper", "go", [Attachment(b"file", "text/plain", "a.txt")]).pid)
    for _ in range(30):
        await finished(kernel, kernel.spawn("helper", "talk " * 100).pid)
    kernel.spawn("helper", session=True)
    await kernel.close()
    return tmp_path


def execute(home, sql, *values):
    with sqlite3.connect(home / "llmos.db") as db:
        db.execute(sql, values)
    db.close()


def damage_events(home):
    """Overwrite a page of the file that holds events."""
    pages = (home / "llmos.db").read_bytes()
    numbers = [at // 4096 + 1 for at in range(0, len(pages), 4096) if pages.count(b"message.user", at, at + 4096) > 1]
    damage_page(home, numbers[len(numbers) // 2])


def damage_page(home, number):
    with (home / "llmos.db").open("r+b") as file:
        file.seek((number - 1) * 4096)
        file.write(os.urandom(4096))


async def test_what_nobody_touched_is_sound(lived):
    report = verify(lived)
    assert report.problems == []
    assert (report.processes, report.blobs) == (32, 2)
    assert report.events > 100 and report.messages > 5


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        (
            "UPDATE events SET data = replace(data, 'talk', 'lies') WHERE pid = 4",
            "of process 4 is not what",
        ),
        ("UPDATE events SET at = at + 1 WHERE seq = 30", "Event 30 of process"),
        ("DELETE FROM events WHERE seq IN (41, 42)", "Events 41 to 42 are gone."),
        ("DELETE FROM events WHERE seq > 160", "Events 161 to"),
        ("UPDATE events SET data = substr(data, 2) WHERE seq = 50", "Events 50 cannot be read."),
        ("UPDATE messages SET content = replace(content, 'talk', 'lies')", "is not what was written"),
        ("DELETE FROM messages WHERE parent != ''", "The context of event"),
        ("UPDATE processes SET body = replace(body, 'done', 'failed') WHERE pid = 3", "Process 3 is listed otherwise"),
    ],
)
async def test_what_was_changed_is_named(lived, sql, sentence):
    execute(lived, sql)
    assert any(sentence in problem for problem in verify(lived).problems)


async def test_a_blob_that_was_changed_or_is_gone_is_named(lived):
    first, second = sorted((lived / "blobs").iterdir())
    first.write_bytes(b"other")
    second.unlink()
    problems = " ".join(verify(lived).problems)
    assert f"{first.name[:12]} in" in problems and "was changed" in problems
    assert f"{second.name[:12]} is gone" in problems


async def test_a_damaged_page_is_named_with_the_processes_it_belongs_to_and_the_rest_is_read(lived):
    damage_events(lived)
    report = verify(lived)
    problems = " ".join(report.problems)
    assert "cannot be read" in problems
    assert report.damaged_pids
    assert f"They belong to these processes: {', '.join(map(str, report.damaged_pids))}" in problems
    assert report.events > 60


async def test_a_folder_without_a_database_and_one_that_is_none_are_sentences(tmp_path):
    with pytest.raises(KernelError, match="nothing to verify"):
        verify(tmp_path)
    (tmp_path / "llmos.db").write_bytes(os.urandom(10_000))
    assert "not a database of llmos" in verify(tmp_path).problems[0]


async def test_what_is_salvaged_runs_again_and_only_damaged_processes_are_ended(lived, boot, finished):
    damage_events(lived)
    damaged = verify(lived).damaged_pids
    result = salvage(lived)
    assert result.damaged.exists()
    assert result.lost
    report = verify(lived)
    assert report.problems == []  # the gap is known
    kernel = await boot(ScriptedEngine(["back"]))
    assert kernel.process(32).state == (State.FAILED if 32 in damaged else State.WAITING)
    assert kernel.state(kernel.find_app("helper")).get("/notes/1") == {"text": "x" * 500}
    assert (await finished(kernel, kernel.spawn("helper", "hello").pid)).result == {"text": "back"}


async def test_an_index_that_is_damaged_costs_nothing_but_who_lost_what(lived, boot):
    with sqlite3.connect(lived / "llmos.db") as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'events_by_pid'").fetchone()[0]
    before = verify(lived).events
    damage_page(lived, root)
    assert any("damaged" in problem for problem in verify(lived).problems)
    salvage(lived)
    after = verify(lived)
    assert (after.problems, after.events) == ([], before)


async def test_salvage_waits_for_the_kernel_to_stop(boot, tmp_path):
    await boot(ScriptedEngine([]))
    with pytest.raises(KernelBusy, match="llmos down"):
        salvage(tmp_path)


async def test_a_damaged_file_is_a_sentence_at_boot_that_says_how_to_go_on(lived):
    content = bytearray((lived / "llmos.db").read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    (lived / "llmos.db").write_bytes(content)
    with pytest.raises(StateError, match="llmos verify"):
        Kernel(lived, ScriptedEngine([]), None, {})


async def test_the_context_of_every_call_can_be_read_again(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["Lima."]))
    pid = kernel.spawn("helper", "Capital of Peru?").pid
    await finished(kernel, pid)
    head = next(e.data["context"] for e in kernel.journal.events(pid) if e.kind == "engine.request")
    told = [(message["role"], message["source"], message["text"]) for message in kernel.journal.messages.chain(head)]
    assert told == [("system", "app", "You help."), ("user", "user", "Capital of Peru?")]


async def test_contexts_that_begin_alike_share_their_beginning(boot, tmp_path):
    messages = (await boot(ScriptedEngine([]))).journal.messages
    first = messages.put([Message("system", "a"), Message("user", "b")])
    again = messages.put([Message("system", "a"), Message("user", "b")])
    longer = messages.put([Message("system", "a"), Message("user", "b"), Message("user", "c")])
    assert first == again != longer
    assert messages._db.execute("SELECT COUNT(*) FROM messages").fetchone()[0] == 3
    assert messages.put([Message("user", "b")]) != first


async def test_a_journal_without_hashes_is_chained_when_it_is_opened(boot, tmp_path):
    kernel = await boot(ScriptedEngine([]))
    for number in range(3):
        kernel.record(0, "test", {"number": number})
    await kernel.close()
    execute(tmp_path, "ALTER TABLE events DROP COLUMN hash")
    execute(tmp_path, "DELETE FROM _sqlite_migrations WHERE name = 'chain_events'")
    await boot(ScriptedEngine([]))
    assert verify(tmp_path).problems == []


async def test_a_process_table_of_another_llmos_is_made_anew(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["ok"]))
    before = await finished(kernel, kernel.spawn("helper", "hi").pid)
    await kernel.close()
    execute(tmp_path, "UPDATE processes_layout SET layout = 'older'")
    execute(tmp_path, "UPDATE processes SET body = '{}'")
    assert (await boot(ScriptedEngine([]))).processes() == [before]


async def test_half_characters_and_nul_are_kept_out_or_kept_whole(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["fine \ud83d and \x00"]))
    process = await finished(kernel, kernel.spawn("helper", "broken \ud800 text \x00").pid)
    assert process.result == {"text": "fine ? and \x00"}
    assert verify(tmp_path).problems == []


async def test_only_what_nothing_refers_to_is_collected(boot, finished, tmp_path):
    write_app(tmp_path)
    kernel = await boot(ScriptedEngine(["ok"]))
    await finished(kernel, kernel.spawn("helper", "hi", [Attachment(b"kept", "text/plain", "a.txt")]).pid)
    stray, young = kernel.blobs.put(b"stray"), kernel.blobs.put(b"young")
    os.utime(tmp_path / "blobs" / stray, (0, 0))
    os.utime(next(path for path in (tmp_path / "blobs").iterdir() if path.read_bytes() == b"kept"), (0, 0))
    assert kernel.collect() == len(b"stray")
    assert {path.read_bytes() for path in (tmp_path / "blobs").iterdir()} == {b"kept", b"young"}
    assert kernel.blobs.get(young) == b"young"


async def test_an_event_that_is_no_json_any_more_is_salvaged_around(lived):
    execute(lived, "UPDATE events SET data = substr(data, 2) WHERE seq = 50")
    assert salvage(lived).lost == [(50, 50)]
    assert verify(lived).problems == []


async def test_a_blob_that_was_changed_is_whole_again_when_it_is_sent_again(boot, tmp_path):
    blobs = (await boot(ScriptedEngine([]))).blobs
    digest = blobs.put(b"picture")
    (tmp_path / "blobs" / digest).write_bytes(b"rotten")
    assert blobs.put(b"picture") == digest
    assert blobs.get(digest) == b"picture"
