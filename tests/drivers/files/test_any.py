"""What holds for any path, any client and any instant of death."""

import asyncio
import random
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import Client

from drivers.files import tree
from drivers.files.listing import list_folder
from drivers.files.reading import Converted, read
from drivers.files.refusal import Refused
from drivers.files.roots import Roots
from drivers.files.search import Search

from .conftest import ROOT, SECRET, Driver, parameters

PARTS = [
    "..",
    ".",
    "",
    "drafts",
    "way",
    "file",
    "hard",
    ".ssh",
    "id",
    "todo.txt",
    "secret.txt",
    "outside",
    "~",
    "\0",
    "notes",
]
PATHS = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=7).map("/".join)
CONVERTED = Converted()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PATHS, st.sampled_from(["", "{notes}/", "{outside}/", "/"]))
def test_no_path_reads_what_is_outside_or_hidden(notes, outside, path, before):
    if not (notes / "way").is_symlink():
        (notes / "way").symlink_to(outside)
        (notes / "file").symlink_to(outside / "secret.txt")
        (notes / "hard").hardlink_to(outside / "secret.txt")
        (notes / ".ssh").mkdir()
        (notes / ".ssh" / "id").write_text(SECRET)
    for look in (
        lambda place: read(place, 1, raw=True, converted=CONVERTED),
        lambda place: list_folder(place, 1),
        lambda place: Search("key", "").page(place, 1),
    ):
        try:
            said = look(Roots([notes]).place(before.format(notes=notes, outside=outside) + path))
        except Refused as error:
            said = str(error)
        assert SECRET not in said and "secret.txt," not in said


def test_the_descriptors_that_were_opened_are_closed_again(notes):
    def num_open():
        return len(list(Path("/proc/self/fd").iterdir()))

    places = [Roots([notes]).place(path) for path in ("todo.txt", "drafts/a.md", "drafts/gone", "gone/x", "todo.txt/x")]
    before = num_open()
    for place in places * 20:
        try:
            with tree.file(place):
                pass
        except Refused:
            pass
    assert num_open() == before


WRITER = """
import sys
from pathlib import Path
from pathlib import Path
from drivers.files.roots import Roots
from drivers.files.writing import write
place, number = Roots([Path(sys.argv[1])]).place("todo.txt"), 0
while True:
    write(place, str(number % 10) * 300_000)
    number += 1
    print(number, flush=True)
"""


async def test_a_driver_that_is_killed_at_any_instant_leaves_a_whole_file_and_keeps_every_version(notes):
    whole = {str(digit) * 300_000 for digit in range(10)} | {"milk\nplums\n"}
    chance = random.Random(7)
    for _ in range(8):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(notes), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        await process.stdout.readline()
        await asyncio.sleep(chance.random() * 0.05)
        process.kill()
        await process.wait()
        assert (notes / "todo.txt").read_text() in whole
    trash = notes / ".llmos-trash"
    kept = [path.read_text() for path in (trash / "files").iterdir()]
    assert set(kept) <= whole and "milk\nplums\n" in kept
    assert {path.name for path in (trash / "files").iterdir()} <= {path.stem for path in (trash / "info").iterdir()}


async def test_a_client_of_an_older_protocol_grants_folders_as_well(notes):
    driver = Driver()
    driver.roots = [notes]
    async with Client(parameters(), mode="legacy", list_roots_callback=driver.tell_roots) as driver.client:
        assert await driver("read", path="todo.txt") == "milk\nplums\n[lines 1-2 of 2]"
        driver.roots = []
        assert "No folder is granted" in await driver.refused("read", path="todo.txt")


async def test_a_client_that_knows_no_roots_is_told_that_nothing_is_granted():
    driver = Driver()
    async with Client(parameters()) as driver.client:
        assert "No folder is granted" in await driver.refused("list")
