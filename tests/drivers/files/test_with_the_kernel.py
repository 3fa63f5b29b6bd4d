"""The driver as an app's process meets it: capabilities, roots and walls of the app's own grants."""

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest

from llmos.errors import CallInterrupted
from llmos.kernel.app import load_app
from llmos.kernel.drivers import DriverHost, load_driver
from llmos.kernel.kernel import Kernel
from llmos.kernel.process import State
from llmos.kernel.turn import run_chat
from llmos.testing import ScriptedEngine
from tests.kernel.conftest import call, write_app
from tests.kernel.test_granted_folders import Granted

from .conftest import ROOT, SECRET
from .made import pdf

FILES = load_driver(ROOT / "drivers" / "files")
PAGE = ROOT / "docs" / "drivers" / "files.md"


async def ended(kernel, pid, choices=()):
    """Answer what a process asks, one choice after the other, and wait for its end."""
    choices = list(choices)
    async with asyncio.timeout(60):
        async for event in kernel.journal.follow(pid):
            if event.kind == "question.asked":
                kernel.answer(event.seq, choices.pop(0))
            if event.kind in ("process.done", "process.failed"):
                return kernel.process(pid)
    raise AssertionError("the journal ended")


@pytest.fixture
async def kernels(tmp_path):
    started = []

    def start(answers):
        host = DriverHost({"files": FILES}, tmp_path / "state" / "logs")
        started.append(Kernel(tmp_path / "state", ScriptedEngine(answers), host, {"chat": run_chat}))
        return started[-1]

    yield start
    for kernel in started:
        await kernel.close()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The user's home: notes and mail, and what is hidden."""
    folder = tmp_path / "home"
    for name, text in {
        "notes/todo.txt": "milk\n",
        "mail/secret.txt": SECRET,
        ".ssh/id": SECRET,
        "a.txt": SECRET,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def run(kernels, tmp_path):
    """What the calls of an app with these grants come to, one after the other."""

    async def run(calls, tools=(), ask=(), choices=()):
        write_app(tmp_path / "state", tools=tools, ask=ask, budget="steps = 30")
        kernel = kernels([*calls, "Done."])
        pid = kernel.spawn("helper", "Go.").pid
        assert (await ended(kernel, pid, choices)).result == {"text": "Done."}
        results = [event.data for event in kernel.journal.events(pid) if event.kind == "syscall.result"]
        return [data.get("error") or data["result"] for data in results]

    return run


async def test_an_app_reads_and_changes_the_folder_it_was_granted(run, home):
    tools = [f"files.{tool}:~/notes" for tool in ("list", "read", "edit", "trash", "restore")]
    listed, read, _, edited, trashed, back = await run(
        [
            call("files.list"),
            call("files.read", path="todo.txt"),
            call("files.edit", path="notes/todo.txt", old="milk", new="plums"),
            call("files.read", path="~/notes/todo.txt"),
            call("files.trash", path=f"{home}/notes/todo.txt"),
            call("files.restore", path="todo.txt"),
        ],
        tools,
    )
    assert listed.startswith(f"{home}/notes:\ntodo.txt") and read.startswith("milk\n") and edited.startswith("plums\n")
    assert trashed.startswith("Moved todo.txt") and back == "Brought back todo.txt."
    assert (home / "notes" / "todo.txt").read_text() == "plums\n"


async def test_everything_else_is_denied_by_the_kernel_before_the_driver_hears_of_it(run, home, tmp_path):
    (home / "notes" / "way").symlink_to(home / "mail")
    paths = ["~/mail/secret.txt", "../mail/secret.txt", "way/secret.txt", "~/.ssh/id", "/etc/passwd", ".ssh/id", "~"]
    said = await run([call("files.read", path=path) for path in paths], ["files.read:~/notes"])
    assert all("may not use files.read" in one and SECRET not in one for one in said)


async def test_a_move_needs_both_ends_granted(run, home):
    (moved,) = await run([call("files.move", path="todo.txt", to="~/mail/x")], ["files.move:~/notes"])
    assert "may not use" in moved and (home / "notes" / "todo.txt").exists()


async def test_to_read_is_not_to_write_and_each_tool_has_its_own_folder(run, home):
    tools = ["files.read:~/notes", "files.write:~/drafts"]
    (home / "drafts").mkdir()
    calls = [call("files.write", path="~/notes/x.txt", text="x"), call("files.write", path="x.txt", text="x")]
    denied, done = await run([*calls, "Done."], tools)
    assert "only what is not hidden in ~/drafts" in denied and done.startswith("Made ")
    assert not (home / "notes" / "x.txt").exists() and (home / "drafts" / "x.txt").exists()


@pytest.mark.parametrize("grant", ["files.read:~", "files.read:/"])
async def test_the_home_folder_as_a_whole_is_no_grant(run, home, grant):
    (said,) = await run([call("files.read", path="~/a.txt")], [grant])
    assert "cannot be granted as a whole" in said


async def test_a_grant_without_a_folder_reaches_none(run, home):
    (said,) = await run([call("files.read", path="~/notes/todo.txt")], ["files.read"])
    assert said == "No folder is granted for this: name one in the app's manifest, such as files.read:~/notes."


async def test_a_person_may_allow_one_file_and_no_other(run, home):
    calls = [call("files.read", path="~/notes/todo.txt"), call("files.read", path="~/mail/secret.txt")]
    read, denied = await run(calls, ask=["files.read"], choices=["once", "no"])
    assert read.startswith("milk\n") and "does not allow" in denied


async def test_a_person_may_allow_a_change_without_a_folder_being_granted(run, home):
    calls = [
        call("files.write", path="~/notes/new.txt", text="1"),
        call("files.edit", path="~/notes/todo.txt", old="milk", new="plums"),
        call("files.move", path="~/notes/new.txt", to="~/mail/new.txt"),
        call("files.trash", path="~/mail/secret.txt"),
        call("files.write", path="~/new.txt", text="1"),
    ]
    ask = [f"files.{tool}" for tool in ("write", "edit", "move", "trash")]
    *_, refused = await run(calls, ask=ask, choices=["once"] * 5)
    assert (home / "mail" / "new.txt").read_text() == "1" and not (home / "mail" / "secret.txt").exists()
    assert (home / "notes" / "todo.txt").read_text() == "plums\n" and "No folder is granted" in refused


async def test_a_person_is_asked_before_each_write_where_the_manifest_says_so(run, home):
    calls = [call("files.write", path="a.txt", text="1"), call("files.write", path="b.txt", text="2")]
    done, denied = await run(calls, ask=["files.write:~/notes"], choices=["once", "no"])
    assert done.startswith("Made ") and "does not allow" in denied
    assert sorted(path.name for path in (home / "notes").glob("*.txt")) == ["a.txt", "todo.txt"]


async def test_two_apps_at_once_each_reach_their_own_folder_and_not_the_others(kernels, home, tmp_path):
    """Also not when a link appears after the kernel has looked: the process that serves one is walled in."""
    for name, folder in (("ann", "notes"), ("ben", "mail")):
        write_app(tmp_path / "state", name=name, tools=[f"files.search:~/{folder}"], budget="steps = 9")

    find = call("files.search", pattern="key|milk")
    kernel = kernels(lambda request: "Done." if "txt:1" in request.messages[-1].text else find)
    pids = [kernel.spawn(name, "Go.").pid for name in ("ann", "ben")]
    for pid in pids:
        assert (await ended(kernel, pid)).result == {"text": "Done."}
    said = [kernel.journal.last(pid, ("syscall.result",)).data["result"] for pid in pids]
    assert said == ["todo.txt:1: milk", f"secret.txt:1: {SECRET}"]
    assert len({slot.driver.pid for slot in kernel.drivers._slots_of("files") if slot.driver}) == 2


async def test_a_folder_that_is_marked_read_only_is_told_in_a_sentence(run, home):
    """Behind walls root has no more rights than others."""
    (home / "notes").chmod(0o555)
    try:
        (said,) = await run([call("files.write", path="x.txt", text="x")], ["files.write:~/notes"])
    finally:
        (home / "notes").chmod(0o755)
    assert said == "x.txt may not be used like this: ask the user for access to it."


async def test_documents_are_read_behind_walls(run, home):
    (home / "notes" / "a.pdf").write_bytes(pdf("Twelve plums"))
    (said,) = await run([call("files.read", path="a.pdf")], ["files.read:~/notes"])
    assert said.startswith("# Page 1\n\nTwelve plums")


async def test_a_driver_that_is_killed_at_work_is_a_clear_error_and_the_next_call_works(tmp_path, home):
    class Caller(Granted):
        def roots(self):
            return [home / "notes"]

    host, caller = DriverHost({"files": FILES}, tmp_path / "logs"), Caller(read=[home / "notes"])
    try:
        assert "milk" in await host.call("files.read", {"path": "todo.txt"}, caller)
        os.kill(host.health("files").pid, signal.SIGSTOP)
        searching = asyncio.create_task(host.call("files.search", {"pattern": "pears"}, caller))
        await asyncio.sleep(0.05)
        os.kill(host.health("files").pid, signal.SIGKILL)
        with pytest.raises(CallInterrupted, match="The driver files was ended by SIGKILL during the call"):
            await searching
        assert "milk" in await host.call("files.read", {"path": "todo.txt"}, caller)
    finally:
        await host.close()


async def test_a_process_whose_driver_is_killed_repeats_what_only_looks(kernels, home, tmp_path):
    write_app(tmp_path / "state", tools=["files.search:~/notes"])
    kernel = kernels([call("files.search", pattern="pears"), "None."])
    pid, killed = kernel.spawn("helper", "Are there pears?").pid, []
    async with asyncio.timeout(60):
        async for event in kernel.journal.follow(pid):
            if event.kind == "syscall.intent" and not killed:
                killed.append(kernel.drivers.health("files").pid)
                os.kill(killed[0], signal.SIGSTOP)
                await asyncio.sleep(0.05)
                os.kill(killed[0], signal.SIGKILL)
            if event.kind == "process.done":
                break
    assert kernel.process(pid).state is State.DONE
    assert kernel.journal.last(pid, ("syscall.result",)).data["result"] == "Nothing was found."


async def test_the_app_in_the_drivers_page_runs(kernels, home, tmp_path):
    """Its manifest and prompt are written where the page says, word for word."""
    manifest, prompt = re.findall(r"^```(?:toml|markdown)\n(.*?)^```", PAGE.read_text(), re.S | re.M)[:2]
    folder = tmp_path / "state" / "apps" / "librarian"
    folder.mkdir(parents=True)
    (folder / "app.toml").write_text(manifest)
    (folder / "prompt.md").write_text(prompt)
    app = load_app(folder)
    kernel = kernels([call("files.read", path="todo.txt"), call("files.write", path="new.txt", text="x"), "Milk."])
    pid = kernel.spawn(app.name, "What is to do?").pid
    assert (await ended(kernel, pid, ["once"])).result == {"text": "Milk."}
    assert kernel.journal.last(pid, ("question.asked",)).data["grant"] == f"files.write:{home}/notes/new.txt"
    assert (home / "notes" / "new.txt").read_text() == "x"


def test_the_assistant_asks_about_each_file_and_is_granted_no_folder():
    grants = load_app(Path(ROOT / "apps" / "assistant")).capabilities
    assert not any(grant.startswith("files.") for grant in grants.tools)
    assert {grant for grant in grants.ask if ":" in grant} == set() and "files.read" in grants.ask
