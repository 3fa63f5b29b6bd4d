"""Changes: each whole or not at all, and what was there before can be had again."""

import os
import resource
import stat
import unicodedata

import psutil
import pytest

from drivers.files import renaming
from drivers.files.refusal import WORDS, Refused, told
from drivers.files.roots import Roots
from drivers.files.writing import changing, put, restore, write

pytestmark = pytest.mark.asyncio(loop_scope="session")


def spare(folder):
    """Names that a change left behind."""
    return [path.name for path in folder.rglob(".llmos-*") if path.name != ".llmos-trash"]


async def test_a_new_file_is_made_with_the_folders_it_needs(files, notes):
    assert await files("write", path="a/b/c.txt", text="häß\n") == "Made a/b/c.txt, 6 bytes."
    assert (notes / "a/b/c.txt").read_text() == "häß\n"
    assert not (notes / ".llmos-trash").exists()


async def test_writing_over_a_file_keeps_its_mode_and_what_was_there(files, notes):
    (notes / "todo.txt").chmod(0o640)
    assert "restore brings back" in await files("write", path="todo.txt", text="new\n")
    assert stat.S_IMODE((notes / "todo.txt").stat().st_mode) == 0o640
    assert await files("restore", path="todo.txt") == "Brought back todo.txt."
    assert (notes / "todo.txt").read_text() == "milk\nplums\n"
    assert stat.S_IMODE((notes / "todo.txt").stat().st_mode) == 0o640


async def test_restoring_again_goes_further_back_and_nothing_is_lost_on_the_way(files, notes):
    for number in (1, 2, 3):
        await files("write", path="todo.txt", text=f"version {number}")
    seen = []
    for _ in range(3):
        await files("restore", path="todo.txt")
        seen.append((notes / "todo.txt").read_text())
    assert seen == ["version 2", "version 1", "milk\nplums\n"]
    kept = {path.read_text() for path in (notes / ".llmos-trash" / "files").iterdir()}
    assert kept == {"version 1", "version 2", "version 3"}


async def test_writing_what_a_file_says_already_changes_nothing(files, notes):
    before = (notes / "todo.txt").stat()
    assert "just this already" in await files("write", path="todo.txt", text="milk\nplums\n")
    assert (notes / "todo.txt").stat().st_ino == before.st_ino
    assert not (notes / ".llmos-trash").exists()


async def test_a_change_that_cannot_be_finished_leaves_everything_as_it_was(files, notes):
    """The driver may not write more than 64 KB into one file: what a full disk does, in the middle of a write."""
    process = next(one for one in psutil.process_iter(["cmdline"]) if is_ours(one))
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (2**16, resource.RLIM_INFINITY))
    try:
        said = await files.refused("write", path="todo.txt", text="x" * 2**20)
        assert "left as it was" in said
        assert "left as it was" in await files.refused("write", path="new.txt", text="x" * 2**20)
        assert "left as it was" in await files.refused("edit", path="todo.txt", old="milk", new="x" * 2**20)
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)
    assert (notes / "todo.txt").read_text() == "milk\nplums\n"
    assert not (notes / "new.txt").exists() and spare(notes) == []


def is_ours(process):
    return process.ppid() == os.getpid() and "drivers.files" in (process.info["cmdline"] or [])


@pytest.mark.parametrize("number", WORDS)
async def test_every_error_of_the_system_is_one_sentence_with_the_name_and_what_to_do(number):
    said = told(OSError(number, os.strerror(number)), "todo.txt")
    assert "todo.txt" in said and said.endswith(".") and (":" in said or "already" in said)


async def test_a_file_that_is_marked_read_only_is_not_replaced(files, notes):
    (notes / "todo.txt").chmod(0o444)
    assert "read-only" in await files.refused("write", path="todo.txt", text="x")
    assert "read-only" in await files.refused("edit", path="todo.txt", old="milk", new="x")
    assert (notes / "todo.txt").read_text() == "milk\nplums\n" and spare(notes) == []


async def test_what_another_program_wrote_meanwhile_is_not_overwritten(notes):
    place = Roots([notes]).place("todo.txt")
    with changing(place) as (holder, name):
        before = os.stat(name, dir_fd=holder)
        (notes / "todo.txt").write_text("theirs")
        with pytest.raises(Refused, match="changed by somebody else meanwhile: read it again"):
            put(place, holder, name, b"mine", before)
    assert (notes / "todo.txt").read_text() == "theirs" and spare(notes) == []


async def test_where_names_cannot_be_swapped_nothing_is_lost_either(notes, monkeypatch):
    """As on a file system that knows no renameat2."""
    monkeypatch.setattr(renaming, "_renameat2", lambda *arguments: 38)
    place = Roots([notes]).place("todo.txt")
    assert "Replaced" in write(place, "new")
    assert (notes / "todo.txt").read_text() == "new" and spare(notes) == []
    restore(place)
    assert (notes / "todo.txt").read_text() == "milk\nplums\n"
    with pytest.raises(FileExistsError):
        with_place = os.open(notes, os.O_RDONLY)
        renaming.rename_new(with_place, "todo.txt", with_place, "drafts")


async def test_an_edit_replaces_the_one_place_and_says_what_is_there_now(files, notes):
    said = await files("edit", path="todo.txt", old="plums", new="pears\napples")
    assert said.splitlines()[1:] == ["milk", "pears", "apples"]
    assert (notes / "todo.txt").read_text() == "milk\npears\napples\n"
    await files("restore", path="todo.txt")
    assert (notes / "todo.txt").read_text() == "milk\nplums\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("m", "n", "2 times, in lines 1, 2: give old with more"),
        ("milk\nplum\n", "", "line 1 is most like it: copy it exactly: 'milk'"),
        ("  plums", "", "line 2 is most like it"),
        ("something else entirely", "", "read it, and copy the text exactly"),
        ("", "x", "use write to make a file"),
        ("milk", "milk", "are the same"),
    ],
)
async def test_an_edit_that_is_not_plain_is_refused_with_what_to_do(files, notes, old, new, said):
    assert said in await files.refused("edit", path="todo.txt", old=old, new=new)
    assert (notes / "todo.txt").read_text() == "milk\nplums\n"


async def test_places_that_overlap_are_more_than_one(files, notes):
    (notes / "a.txt").write_text("aaa")
    assert "2 times" in await files.refused("edit", path="a.txt", old="aa", new="b")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"one\r\ntwo\r\n", b"one\r\n2\r\nzwei\r\n"),
        (b"\xef\xbb\xbfone\ntwo\n", b"\xef\xbb\xbfone\n2\nzwei\n"),
        ("één\ntwo\n".encode("utf-16"), "één\n2\nzwei\n".encode("utf-16")),
        ("één\ntwo\n".encode("cp1252"), "één\n2\nzwei\n".encode("cp1252")),
        (
            "Это обычный русский текст.\ntwo\n".encode("cp1251"),
            "Это обычный русский текст.\n2\nzwei\n".encode("cp1251"),
        ),
        (b"one\rtwo", b"one\r2\nzwei"),
        (b"mixed\r\ntwo\n", b"mixed\r\n2\nzwei\n"),
    ],
)
async def test_an_edit_keeps_encoding_mark_and_line_ends(files, notes, before, after):
    (notes / "x.txt").write_bytes(before)
    await files("edit", path="x.txt", old="two", new="2\nzwei")
    assert (notes / "x.txt").read_bytes() == after


async def test_a_letter_that_the_encoding_lacks_is_refused_and_not_replaced(files, notes):
    (notes / "x.txt").write_bytes("één kopje".encode("cp1252"))
    assert "has no 'ж'" in await files.refused("edit", path="x.txt", old="kopje", new="жж")


async def test_bytes_that_are_no_text_are_not_edited(files, notes):
    (notes / "x.txt").write_bytes(b"\xff\xfeo\x00n\x00\x00\xd8")
    assert "left as it was" in await files.refused("edit", path="x.txt", old="on", new="off")
    (notes / "x.pdf").write_bytes(b"%PDF-1.4 one")
    assert "only text can be edited" in await files.refused("edit", path="x.pdf", old="one", new="two")


async def test_a_move_renames_moves_into_folders_and_never_over_something(files, notes):
    assert await files("move", path="todo.txt", to="drafts") == "Moved todo.txt to drafts/todo.txt."
    assert await files("move", path="drafts/todo.txt", to="new/place/list.txt")
    (notes / "b.txt").write_text("b")
    assert "already" in await files.refused("move", path="b.txt", to="new/place/list.txt")
    assert "already" in await files.refused("move", path="drafts", to="b.txt")
    assert "into itself" in await files.refused("move", path="drafts", to="drafts/inner")
    assert "granted folder itself" in await files.refused("move", path=str(notes), to="x")
    assert (notes / "new/place/list.txt").read_text() == "milk\nplums\n" and (notes / "b.txt").read_text() == "b"


async def test_a_move_between_two_granted_folders(files, notes, outside):
    files.roots = [notes, outside]
    await files("move", path=f"{notes}/todo.txt", to=f"{outside}/todo.txt")
    assert (outside / "todo.txt").exists()


async def test_case_alone_can_be_renamed(files, notes):
    await files("move", path="todo.txt", to="TODO.txt")
    assert {path.name for path in notes.iterdir()} == {"TODO.txt", "drafts"}


async def test_what_is_trashed_comes_back_with_all_that_is_in_it(files, notes):
    await files("trash", path="drafts")
    assert not (notes / "drafts").exists()
    said = await files.refused("restore", path="draft")
    assert "it holds drafts" in said
    await files("write", path="drafts", text="now a file")
    await files("restore", path="drafts")
    assert (notes / "drafts" / "a.md").read_text() == "# A\n"
    await files("restore", path="drafts")
    assert (notes / "drafts").read_text() == "now a file"


async def test_a_file_comes_back_into_a_folder_that_is_gone(files, notes):
    await files("trash", path="drafts/a.md")
    (notes / "drafts").rmdir()
    await files("restore", path="drafts/a.md")
    assert (notes / "drafts" / "a.md").exists()


async def test_the_same_name_can_be_trashed_again_and_again(files, notes):
    for number in range(3):
        (notes / "todo.txt").write_text(str(number))
        await files("trash", path="todo.txt")
    await files("restore", path="todo.txt")
    assert (notes / "todo.txt").read_text() == "2"


async def test_the_trash_is_laid_out_as_other_programs_know_it(files, notes):
    await files("write", path="drafts/ä b.txt", text="x")
    await files("trash", path="drafts/ä b.txt")
    (note,) = (notes / ".llmos-trash" / "info").iterdir()
    assert note.read_text().startswith("[Trash Info]\nPath=drafts/%C3%A4%20b.txt\nDeletionDate=20")
    assert (notes / ".llmos-trash" / "files" / note.stem).read_text() == "x"


@pytest.mark.parametrize("name", ["a\nb.txt", "tab\there.txt", "\x1b[31mred.txt", 'say "hi".txt', "\u202egpj.exe", " "])
async def test_names_with_control_characters_are_shown_escaped_and_work_as_json_writes_them(files, notes, name):
    await files("write", path=name, text="x")
    listed = await files("list")
    assert len(listed.splitlines()) == 4 and not set("\x1b\u202e") & set(listed)
    assert await files("read", path=name) == "x\n[lines 1-1 of 1]"
    await files("move", path=name, to="plain.txt")
    await files("trash", path="plain.txt")


async def test_a_name_that_is_not_unicode_is_listed_and_everything_else_goes_on(files, notes):
    (notes / os.fsdecode(b"caf\xe9.txt")).write_text("plums in it")
    assert '"caf\\udce9.txt"' in await files("list")
    assert "caf" in await files("search", pattern="plums")
    assert "caf" in await files("search", glob="*.txt")
    await files("changes")


async def test_a_name_in_another_unicode_form_is_the_same_name(files, notes):
    composed, split = unicodedata.normalize("NFC", "Käse.txt"), unicodedata.normalize("NFD", "Käse.txt")
    (notes / split).write_text("old")
    assert await files("read", path=composed) == "old\n[lines 1-1 of 1]"
    await files("write", path=composed, text="new")
    assert [path.name for path in notes.glob("K*")] == [split] and (notes / split).read_text() == "new"


async def test_a_misspelled_name_is_answered_with_what_is_there(files):
    assert "there is todo.txt" in await files.refused("read", path="Todo.TXT")
    assert "there is todo.txt" in await files.refused("read", path="todos.txt")
    assert "there is drafts" in await files.refused("list", path="draft")


@pytest.mark.parametrize("text", ["\ud800", "half \udfff"])
async def test_half_a_character_is_refused(notes, text):
    with pytest.raises(Exception, match="half a character"):
        write(Roots([notes]).place("todo.txt"), text)


async def test_names_that_are_too_long_are_refused(files):
    assert "too long" in await files.refused("write", path="n" * 300, text="x")
    assert "too long" in await files.refused("write", path="n/" * 3000, text="x")


async def test_many_changes_at_once_leave_each_file_whole(files, notes):
    import asyncio

    texts = [f"{number}" * 10_000 for number in range(10)]
    await asyncio.gather(*(files("write", path="todo.txt", text=text) for text in texts))
    assert (notes / "todo.txt").read_text() in texts and spare(notes) == []
    assert len(list((notes / ".llmos-trash" / "files").iterdir())) == 10
