"""Search and changes."""

import asyncio
import os
import subprocess
import sys
import time

import pytest
from mcp import Client

from .conftest import ROOT, Driver, parameters

pytestmark = pytest.mark.asyncio(loop_scope="session")


def write(folder, **texts):
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


async def test_lines_are_found_with_their_numbers_in_all_folders(files, notes):
    write(notes, drafts__b_md="one\nMany plums\n", drafts__deep__c_txt="plums again")
    assert (await files("search", pattern="plums")).splitlines() == [
        *("drafts/b.md:2: Many plums", "drafts/deep/c.txt:1: plums again", "todo.txt:2: plums")
    ]
    assert await files("search", pattern="plums", path="drafts", glob="*.md") == "drafts/b.md:2: Many plums"
    assert await files("search", pattern="plums", path="todo.txt") == "todo.txt:2: plums"
    assert await files("search", pattern="pears") == "Nothing was found."


async def test_a_search_that_was_too_narrow_says_how_to_widen_it(files):
    assert "in drafts: leave path and glob out" in await files("search", pattern="plums", path="drafts")
    assert "in files like *.md: leave path and glob out" in await files("search", pattern="plums", glob="*.md")
    assert "leave path out" in await files.refused("search", pattern="plums", path="shopping.txt")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("^plums?$", True),
        ("PLUMS", False),
        ("Plums", False),
        ("m.lk", True),
        (r"\bmil", True),
        ("milk\nplums", False),
        ("[", False),
        ("(?i)PLUMS", True),
        ("$", True),
    ],
)
async def test_patterns_are_regular_expressions_and_small_letters_match_large_ones(files, pattern, found):
    assert ("todo.txt" in await files("search", pattern=pattern)) == found


async def test_what_is_no_regular_expression_is_searched_word_by_word(files, notes):
    write(notes, a_py="print(f(x)\nother")
    said = await files("search", pattern="f(x")
    assert said.splitlines()[0] == "a.py:1: print(f(x)" and "no regular expression" in said


async def test_a_pattern_that_would_take_other_engines_for_ever_takes_no_time(files, notes):
    write(notes, a_txt="a" * 5000 + "!")
    began = time.monotonic()
    await files("search", pattern="(a+)+(a+)+(a+)+$b")
    await files("search", pattern="(.*)(.*)(.*)(.*)(.*)[^a]{999}x")
    assert time.monotonic() - began < 10
    assert "too long" in await files.refused("search", pattern="a" * 2000)


@pytest.mark.parametrize(
    ("glob", "found"),
    [
        ("*.md", ["a.md", "drafts/a.md", "drafts/deep/b.md"]),
        ("drafts/*.md", ["drafts/a.md"]),
        ("drafts/**/*.md", ["drafts/a.md", "drafts/deep/b.md"]),
        ("**/*.md", ["a.md", "drafts/a.md", "drafts/deep/b.md"]),
        ("**/deep/*", ["drafts/deep/b.md"]),
        ("a.*", ["a.md", "drafts/a.md"]),
        ("[ab].md", ["a.md", "drafts/a.md", "drafts/deep/b.md"]),
        ("*.pdf", ["Nothing was found."]),
    ],
)
async def test_globs_choose_files_by_name(files, notes, glob, found):
    write(notes, a_md="x", drafts__deep__b_md="x")
    assert (await files("search", glob=glob)).splitlines() == found


async def test_what_gitignore_excludes_is_not_searched_and_inner_files_have_the_last_word(files, notes):
    texts = {
        "a.log": "plums",
        "keep.log": "plums",
        "build/x.txt": "plums",
        "drafts/b.log": "plums",
        "drafts/n/y": "plums",
    }
    for name, text in texts.items():
        write(notes, **{name.replace("/", "__"): text})
    (notes / ".gitignore").write_text("*.log\n!keep.log\n/build/\nn\n")
    (notes / "drafts" / ".gitignore").write_text("!b.log\n")
    found = (await files("search", pattern="plums")).splitlines()
    assert [line.partition(":")[0] for line in found] == ["drafts/b.log", "keep.log", "todo.txt"]


async def test_it_agrees_with_git_on_a_real_repository(files, notes):
    rules = "# c\n*.o\n/out\ndocs/*.txt\n!docs/keep.txt\n**/tmp/\nfoo/**/bar\n\\!odd\nspace\\ \n"
    names = "a.o b/a.o out/x docs/a.txt docs/keep.txt docs/in/a.txt x/tmp/y tmp/z foo/bar foo/q/bar foo/q/r/bar !odd"
    for name in [*names.split(), "b/out/x", "space ", "!x"]:
        (notes / name).parent.mkdir(parents=True, exist_ok=True)
        (notes / name).write_text("x")
    (notes / ".gitignore").write_text(rules)
    known = ran("git", "init", "-q", ".", "&&", "git", "ls-files", "--others", "--exclude-standard", "-z", cwd=notes)
    found = (await files("search")).splitlines()
    assert sorted(found) == sorted(name for name in known.split("\0") if name and not name.startswith("."))


def ran(*words, cwd=ROOT):
    return subprocess.run(" ".join(words), shell=True, cwd=cwd, capture_output=True, text=True, check=True).stdout


async def test_many_matches_come_in_pages_and_long_lines_show_what_is_around(files, notes):
    write(notes, many_txt="plum\n" * 120, long_txt="x" * 5000 + "needle" + "y" * 5000)
    pages = [await files("search", pattern="^plum$", page=number) for number in (1, 2, 3)]
    assert [page.count("many.txt") for page in pages] == [50, 50, 20]
    assert "go on with page 2" in pages[0] and "go on" not in pages[2]
    found = await files("search", pattern="needle")
    assert "xneedley" in found and len(found) < 300


async def test_binary_files_are_passed_over_and_other_encodings_are_not(files, notes):
    (notes / "b.bin").write_bytes(b"\0plums\0" * 10)
    (notes / "w.txt").write_bytes("Ein Wort für plums".encode("utf-16"))
    assert (await files("search", pattern="plums")).splitlines() == ["todo.txt:2: plums", "w.txt:1: Ein Wort für plums"]


async def mark(files, said=None):
    text = said or await files("changes")
    return text.partition("since=")[2].split()[0].rstrip("]")


async def test_changes_tells_what_is_new_changed_and_gone_since_a_mark(files, notes):
    since = await mark(files)
    assert (await files("changes", since=since)).startswith("Nothing has changed.")
    write(notes, todo_txt="milk\npears\n", drafts__new_txt="x")
    (notes / "drafts" / "a.md").unlink()
    said = await files("changes", since=since)
    assert said.splitlines()[:3] == ["new drafts/new.txt", "changed todo.txt", "gone drafts/a.md"]
    later = await mark(files, said)
    assert (await files("changes", since=later)).startswith("Nothing has changed.")
    assert "new drafts/new.txt" in await files("changes", since=since)


async def test_a_change_that_keeps_size_and_time_is_told(files, notes):
    since, before = await mark(files), (notes / "todo.txt").stat()
    (notes / "todo.txt").write_text("MILK\nPLUMS\n")
    os.utime(notes / "todo.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "changed todo.txt" in await files("changes", since=since)


async def test_a_mark_from_before_the_driver_was_started_again_still_tells_what_changed(files, notes):
    await asyncio.sleep(0.05)  # the disk's clock is coarse
    since = await mark(files)
    (notes / "new.txt").write_text("x")
    other = Driver()
    async with Client(parameters(str(notes))) as other.client:
        said = await other("changes", since=since)
    assert "changed new.txt" in said and "todo.txt" not in said and "what is gone is not known" in said


async def test_a_mark_that_was_never_given_is_refused(files):
    assert "leave since out" in await files.refused("changes", since="yesterday")


async def test_heavy_libraries_load_with_the_first_call_that_needs_them():
    code = "import sys, drivers.files.server as s; s.make_server(); print(*sys.modules)"
    heavy = {"pypdfium2", "mammoth", "markdownify", "bs4", "python_calamine", "re2", "charset_normalizer", "numpy"}
    assert heavy.isdisjoint(ran(sys.executable, "-c", f"'{code}'").split())


async def test_what_each_tool_says_of_itself_is_true(files):
    tools = {tool.name: tool for tool in (await files.client.list_tools()).tools}
    looking = {"list", "read", "search", "changes"}
    assert {name for name, tool in tools.items() if tool.annotations.read_only_hint} == looking
    assert {name for name, tool in tools.items() if tool.annotations.idempotent_hint} == {*looking, "write"}
    assert not any(tool.annotations.destructive_hint for tool in tools.values())
    assert all("roots" not in tool.input_schema["properties"] for tool in tools.values())
    assert all(len(tool.description) < 110 and "\n" not in tool.description for tool in tools.values())
