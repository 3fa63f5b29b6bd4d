"""Attempts to reach what is not granted, past a client that checks nothing: the driver alone refuses each."""

import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import SECRET

pytestmark = pytest.mark.asyncio(loop_scope="session")
TOOLS = ("read", "write", "edit", "move", "trash", "restore", "list", "search", "changes")
MORE = {
    "write": {"text": "mine"},
    "edit": {"old": SECRET, "new": "mine"},
    "move": {"to": "taken.txt"},
    "search": {"pattern": "key"},
}


def snapshot(folder):
    return {
        str(path): (path.read_bytes() if path.is_file() else b"", path.lstat().st_ino)
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def untouched(outside):
    before = snapshot(outside)
    yield
    assert snapshot(outside) == before


async def tried(files, tool, **arguments):
    said = await files.refused(tool, **{**MORE.get(tool, {}), **arguments})
    assert SECRET not in said
    return said


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    "path",
    [
        "../outside/secret.txt",
        "drafts/../../outside/secret.txt",
        "{outside}/secret.txt",
        "{notes}/../outside/secret.txt",
        "{notes}2/secret.txt",
        "/etc/passwd",
        "/proc/self/root{outside}/secret.txt",
        "/proc/self/cwd",
        "/dev/fd/0",
        "..",
        "/",
        "todo.txt\0../../outside/secret.txt",
        "..\\outside\\secret.txt",
        "..%2foutside%2fsecret.txt",
        "....//outside/secret.txt",
    ],
)
async def test_no_spelling_of_a_path_leads_out(files, notes, outside, untouched, tool, path):
    await tried(files, tool, path=path.format(notes=notes, outside=outside))


ODD = (
    "%2e%2e/outside/secret.txt",
    "~/secret.txt",
    "．．/outside/secret.txt",
    "a\\..\\b",
    "\u2024\u2024/outside/secret.txt",
)


@pytest.mark.parametrize("path", ODD)
async def test_an_odd_name_is_just_a_name_inside(files, notes, untouched, path):
    for tool in set(TOOLS) - {"write"}:
        await tried(files, tool, path=path)
    await files("write", path=path, text="mine")
    assert (notes / path).read_text() == "mine"


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_link_to_a_file_is_not_followed(files, notes, outside, untouched, tool):
    (notes / "link").symlink_to(outside / "secret.txt")
    if tool == "trash":  # which moves the link itself
        await files(tool, path="link")
        assert not (notes / "link").is_symlink()
    else:
        assert "link" in await tried(files, tool, path="link")


@pytest.mark.parametrize("tool", TOOLS)
async def test_a_link_to_a_folder_is_not_entered(files, notes, outside, untouched, tool):
    (notes / "way").symlink_to(outside)
    await tried(files, tool, path="way/secret.txt")
    await tried(files, "list", path="way")
    await tried(files, "write", path="way/new/file.txt")


async def test_nothing_is_moved_out_or_restored_out(files, notes, outside, untouched):
    (notes / "way").symlink_to(outside)
    for target in ("../outside/x.txt", f"{outside}/x.txt", "way/x.txt", f"/proc/self/root{outside}/x.txt"):
        await tried(files, "move", path="todo.txt", to=target)
    await files("move", path="drafts", to="way2")
    assert (notes / "todo.txt").read_text() == "milk\nplums\n"


async def test_a_move_onto_a_link_to_a_folder_takes_nothing_there(files, notes, outside, untouched):
    (notes / "way").symlink_to(outside)
    assert "already" in await tried(files, "move", path="todo.txt", to="way")


@contextmanager
def swapped(folder, name, *others):
    """Others take turns at the name, as fast as a program can rename."""
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            for other in others:
                try:
                    (folder / other).rename(folder / name)
                except OSError:  # the driver made a folder of this name in between
                    (folder / name).rename(folder / f"made-{time.monotonic_ns()}")
                    continue
                time.sleep(0.0001)
                (folder / name).rename(folder / other)

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        yield
    finally:
        stop.set()
        swapping.join()


async def test_a_link_to_a_folder_that_somebody_swaps_in_all_the_time_leads_nowhere(files, notes, outside, untouched):
    (notes / "real").mkdir()
    (notes / "real" / "secret.txt").write_text("harmless")
    (notes / "way").symlink_to(outside)
    came_in = 0
    with swapped(notes, "x", "real", "way"):
        for number in range(80):
            here = {"path": "x/secret.txt"}
            calls = (("read", here), ("write", {**here, "text": str(number)}), ("search", {"pattern": "key|house"}))
            for tool, arguments in calls:
                said = (await files.result(tool, **arguments)).content[0].text
                assert SECRET not in said
                came_in += said.startswith(("harmless", "Made", "Replaced"))
    assert came_in


async def test_a_link_to_a_file_that_somebody_swaps_in_all_the_time_leads_nowhere(files, notes, outside, untouched):
    (notes / "real").write_text("harmless")
    (notes / "way").symlink_to(outside / "secret.txt")
    came_in = 0
    with swapped(notes, "x", "real", "way"):
        for _ in range(250):
            said = (await files.result("read", path="x")).content[0].text
            assert SECRET not in said
            came_in += said.startswith("harmless")
    assert came_in


async def test_a_hard_link_to_a_file_elsewhere_is_refused(files, notes, outside, untouched):
    os.link(outside / "secret.txt", notes / "hard.txt")
    for tool in ("read", "edit"):
        assert "second name" in await tried(files, tool, path="hard.txt")
    assert SECRET not in await files("search", pattern="key")
    await files("write", path="hard.txt", text="mine")
    assert (outside / "secret.txt").read_text() == SECRET
    await files("restore", path="hard.txt")
    await tried(files, "read", path="hard.txt")


@pytest.mark.parametrize("name", [".ssh/id", ".env", "drafts/.git/config", ".llmos-trash/info", ".llmos-trash"])
@pytest.mark.parametrize("tool", TOOLS)
async def test_hidden_files_are_out_of_reach(files, notes, tool, name):
    (notes / name).parent.mkdir(parents=True, exist_ok=True)
    if not (notes / name).is_dir():
        (notes / name).write_text(SECRET)
    assert "hidden" in await tried(files, tool, path=name)


async def test_hidden_files_are_not_shown_and_nothing_becomes_one(files, notes):
    (notes / ".env").write_text(SECRET)
    assert ".env" not in await files("list") and "1 hidden" in await files("list")
    for glob in ("", ".*", "*env*", "**/*"):
        assert ".env" not in await files("search", glob=glob)
    assert SECRET not in await files("search", pattern="key")
    assert ".env" not in await files("changes")
    assert "hidden" in await tried(files, "move", path="todo.txt", to=".bashrc")


@pytest.mark.parametrize("glob", ["../*", "../**/*", "/etc/*", "drafts/../../outside/*", "**/../../outside/*"])
async def test_globs_cannot_climb(files, outside, glob):
    await tried(files, "search", glob=glob, pattern="key")


async def test_search_does_not_follow_links_nor_leave_by_gitignore(files, notes, outside):
    (notes / "way").symlink_to(outside)
    (notes / "file").symlink_to(outside / "secret.txt")
    (notes / ".gitignore").symlink_to(outside / "secret.txt")
    assert await files("search", pattern="key") == "Nothing was found."


@pytest.mark.parametrize("path", ["../outside/new.txt", "{outside}/new.txt", "%2e%2e/outside/new.txt", "way/new.txt"])
async def test_a_note_in_the_trash_that_somebody_forged_restores_nothing_outside(
    files, notes, outside, untouched, path
):
    await files("trash", path="todo.txt")
    (notes / "way").symlink_to(outside)
    (note,) = (notes / ".llmos-trash" / "info").iterdir()
    path = path.format(outside=outside)
    note.write_text(f"[Trash Info]\nPath={path}\n")
    await tried(files, "restore", path=path)
    await tried(files, "restore", path="todo.txt")
    assert not (notes / "todo.txt").exists()


@pytest.mark.parametrize("part", [".llmos-trash", ".llmos-trash/files", ".llmos-trash/info"])
async def test_a_trash_that_is_a_link_is_not_used(files, notes, outside, untouched, part):
    if part != ".llmos-trash":
        (notes / ".llmos-trash").mkdir()
    (notes / part).symlink_to(outside)
    assert "nothing was changed" in await tried(files, "trash", path="todo.txt")
    assert "nothing was changed" in await tried(files, "edit", path="todo.txt", old="plums", new="pears")
    assert (notes / "todo.txt").read_text() == "milk\nplums\n"
    assert sorted(path.name for path in notes.iterdir() if path.name.startswith(".llmos-")) == [".llmos-trash"]


async def test_a_link_put_into_the_trash_is_restored_as_the_link_that_nobody_follows(files, notes, outside, untouched):
    await files("trash", path="todo.txt")
    (kept,) = (notes / ".llmos-trash" / "files").iterdir()
    kept.unlink()
    kept.symlink_to(outside / "secret.txt")
    await files("restore", path="todo.txt")
    assert "link" in await tried(files, "read", path="todo.txt")


async def test_a_file_that_is_granted_alone_opens_nothing_beside_it(files, notes, untouched):
    files.roots = [notes / "todo.txt"]
    assert await files("read", path=str(notes / "todo.txt")) == "milk\nplums\n[lines 1-2 of 2]"
    for path in (f"{notes}/drafts/a.md", f"{notes}", f"{notes}/todo.txt/../drafts/a.md"):
        await tried(files, "read", path=path)
    assert "grant of its folder" in await tried(files, "write", path=str(notes / "todo.txt"))
    assert not (notes / ".llmos-trash").exists()


async def test_two_granted_folders_are_two_and_not_what_lies_between(files, notes, outside, untouched):
    files.roots = [notes / "drafts", outside / "empty"]
    await tried(files, "read", path=str(notes / "todo.txt"))
    await tried(files, "read", path="a.md")
    assert await files("read", path=str(notes / "drafts" / "a.md")) == "# A\n[lines 1-1 of 1]"


async def test_without_a_granted_folder_nothing_can_be_done(files, notes):
    files.roots = []
    for tool in TOOLS:
        assert "No folder is granted" in await tried(files, tool, path=str(notes / "todo.txt"))


async def test_a_root_on_another_machine_grants_nothing_of_this_one(files):
    class Elsewhere:
        def as_uri(self):
            return "file://elsewhere/etc"

    files.roots = [Elsewhere()]
    assert "No folder is granted" in await tried(files, "read", path="/etc/passwd")


async def test_folders_named_on_the_command_line_are_the_grant_whatever_the_client_says(notes, outside, untouched):
    from mcp import Client

    from .conftest import Driver, parameters

    driver = Driver()
    driver.roots = [Path("/"), outside]
    async with Client(parameters(str(notes)), list_roots_callback=driver.tell_roots) as driver.client:
        await tried(driver, "read", path=str(outside / "secret.txt"))
        assert await driver("read", path="todo.txt") == "milk\nplums\n[lines 1-2 of 2]"
