"""Reading and listing: any encoding, any size, and what is no file at all."""

import os
import socket
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")
GERMAN = "Grüße aus Köln, schöne Grüße"
FRENCH = "Déjà vu à l'été — « voilà »"
RUSSIAN = "Привет, как дела? Это обычный текст."
JAPANESE = "こんにちは世界、これは日本語の文章です。とても長い。"
POLISH = "Zażółć gęślą jaźń, proszę bardzo, dziękuję"


async def test_text_comes_as_it_is_with_where_it_stands(files):
    assert await files("read", path="todo.txt") == "milk\nplums\n[lines 1-2 of 2]"
    assert await files("read", path="todo.txt", line=2) == "plums\n[lines 2-2 of 2]"
    assert "only 2 lines" in await files.refused("read", path="todo.txt", line=3)


async def test_a_long_text_comes_in_pages_that_follow_each_other(files, notes):
    (notes / "long.txt").write_text("".join(f"line {number}\n" for number in range(1, 451)))
    told, line = [], 1
    while True:
        *lines, note = (await files("read", path="long.txt", line=line)).split("\n")
        told += lines
        if "go on with line" not in note:
            break
        line = int(note.rstrip("]").rpartition(" ")[2])
    assert told == [f"line {number}" for number in range(1, 451)]
    assert note == "[lines 401-450 of 450]"


@pytest.mark.parametrize("text", ["no end", "one\n", "a\r\nb\r\n", "", "\n\n", "x" * 10_000 + "\nnext\n"])
async def test_lines_are_counted_as_people_count_them(files, notes, text):
    (notes / "x.txt").write_bytes(text.encode())
    said = await files("read", path="x.txt")
    num_lines = len(text.splitlines())
    assert f" of {num_lines}]" in said if num_lines else said == "[x.txt is empty]"
    assert "\r" not in said and len(said) < 3000


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", JAPANESE),
        ("utf-8-sig", GERMAN),
        ("utf-16", RUSSIAN),
        ("utf-16-le", GERMAN),
        ("utf-16-be", FRENCH),
        ("utf-32", JAPANESE),
        ("cp1252", GERMAN),
        ("cp1252", FRENCH),
        ("cp1252", "café"),
        ("cp1251", RUSSIAN),
        ("shift_jis", JAPANESE),
        ("cp1250", POLISH),
    ],
)
async def test_text_in_any_encoding_is_text_and_one_that_was_guessed_says_so(files, notes, encoding, text):
    (notes / "x.txt").write_bytes(f"{text}\n{text}".encode(encoding))
    said = await files("read", path="x.txt", line=2)
    assert said.startswith(f"{text}\n[") and said.endswith("lines 2-2 of 2]")
    assert ("guess" in said) == (encoding not in ("utf-8", "utf-8-sig", "utf-16", "utf-32"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x7fELF\x02\x01" + b"\0" * 100, "a program"),
        (b"PK\x03\x04" + b"\0" * 100, "a zip archive"),
        (b"SQLite format 3\0" + b"\1" * 100, "a database"),
        (os.urandom(1000) + b"\0\1", "no text"),
        (bytes(range(1, 9)) * 50, "no text"),
    ],
)
async def test_what_is_no_text_is_named_and_not_shown(files, notes, data, said):
    (notes / "x.bin").write_bytes(data)
    assert said in await files.refused("read", path="x.bin")


async def test_a_pipe_a_socket_and_a_device_are_refused_at_once(files, notes):
    os.mkfifo(notes / "pipe")
    with socket.socket(socket.AF_UNIX) as local:
        here = Path.cwd()  # the name of a socket must be short
        os.chdir(notes)
        local.bind("socket")
        os.chdir(here)
    names = ["pipe", "socket"]
    if os.geteuid() == 0:
        os.mknod(notes / "null", 0o600 | 0o020000, os.makedev(1, 3))
        names.append("null")
    began = time.monotonic()
    for name in names:
        for tool, more in (("read", {}), ("write", {"text": "x"}), ("edit", {"old": "a", "new": "b"})):
            assert "and not a file" in await files.refused(tool, path=name, **more)
        assert f"{name} (no file)" in await files("list")
    assert await files("search", pattern="x") == "Nothing was found."
    assert time.monotonic() - began < 20


async def test_a_file_of_gigabytes_is_read_by_pages_at_once(files, notes):
    """Three gigabytes, most of which the disk does not hold; the text is at both ends."""
    with (notes / "huge.log").open("wb") as file:
        file.write(b"first\nsecond\n" * 10_000)
        file.truncate(3 * 2**30)
        file.seek(3 * 2**30)
        file.write(b"\nlast\n")
    began = time.monotonic()
    assert (await files("read", path="huge.log")).startswith("first\nsecond\n")
    assert "too large to search: huge.log" in await files("search", pattern="last")
    assert "3.0 GB" in await files("list")
    assert "more than" in await files.refused("edit", path="huge.log", old="first", new="1st")
    await files("move", path="huge.log", to="moved.log")
    assert "Replaced" in await files("write", path="moved.log", text="small")
    await files("restore", path="moved.log")
    assert (notes / "moved.log").stat().st_size == 3 * 2**30 + 6
    assert time.monotonic() - began < 20


async def test_lines_far_into_a_large_file_are_reached_without_reading_them(files, notes):
    with (notes / "large.log").open("w") as file:
        for number in range(0, 2_000_000, 1000):
            file.write(
                "".join(f"entry number {at} of the long log of this machine\n" for at in range(number, number + 1000))
            )
    began = time.monotonic()
    said = await files("read", path="large.log", line=1_900_001)
    assert said.startswith("entry number 1900000 ") and "of 2000000" not in said
    assert time.monotonic() - began < 30


async def test_a_folder_is_listed_folders_first_and_hidden_ones_are_counted(files, notes):
    (notes / ".hidden").write_text("x")
    (notes / "link").symlink_to("todo.txt")
    os.utime(notes / "todo.txt", (0, 0))
    lines = (await files("list")).splitlines()
    assert lines[:2] == [f"{notes}:", "drafts/"] and lines[2] == "link (a link, not followed)"
    assert lines[3].startswith("todo.txt, 11 bytes, 19") and lines[4] == "[1 hidden, not shown]"
    assert await files("list", path="drafts") == await files("list", path=f"{notes}/drafts/")
    assert "is a file" in await files.refused("list", path="todo.txt")
    assert "is a folder" in await files.refused("read", path="drafts")


async def test_a_full_folder_is_listed_in_pages_and_an_empty_one_says_so(files, notes):
    (notes / "many").mkdir()
    for number in range(250):
        (notes / "many" / f"{number:03}.txt").write_text("")
    assert "[page 1 of 3; go on with page 2]" in await files("list", path="many")
    assert "249.txt" in await files("list", path="many", page=3)
    assert "only 3 pages" in await files.refused("list", path="many", page=4)
    (notes / "none").mkdir()
    assert await files("list", path="none") == "none is empty."


async def test_with_two_granted_folders_list_shows_both(files, notes, outside):
    files.roots = [notes, outside]
    assert await files("list") == f"The granted folders:\n{notes}/\n{outside}/"
    assert "Begin the path with one of the granted folders" in await files.refused("read", path="todo.txt")


async def test_with_two_granted_folders_every_path_in_an_answer_can_be_used_in_the_next_call(files, notes, outside):
    files.roots = [notes, outside]
    (path,) = (await files("search", glob="*.md", path=str(notes))).splitlines()
    assert await files("read", path=path) == "# A\n[lines 1-1 of 1]"
    said = await files("write", path=f"{outside}/new.txt", text="x")
    assert said == f"Made {outside}/new.txt, 1 bytes."


async def test_a_granted_folder_that_is_not_there_is_named(files, notes):
    files.roots = [notes / "gone"]
    assert "ask the user to make it" in await files.refused("list")


async def test_a_granted_folder_may_be_spelled_through_a_link(files, notes):
    (notes.parent / "short").symlink_to(notes)
    files.roots = [notes.parent / "short"]
    assert "milk" in await files("read", path=f"{notes.parent}/short/todo.txt")
    assert "milk" in await files("read", path="todo.txt")
