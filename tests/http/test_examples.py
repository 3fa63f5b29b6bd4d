"""`llmos app test` against a real kernel over its loopback API."""

import asyncio
import json
import os

import pytest
from click.testing import CliRunner

from llmos.backend.starting import starter, write_app
from llmos.cli import main
from llmos.errors import EngineError
from llmos.http.address import Address, announce
from tests.backend.follower import follow


@pytest.fixture
def llmos(world):
    """The command line on this kernel, whose model follows the rules."""
    announce(world.home, Address(world.control.url, "t", os.getpid()))
    world.script.follow = follow

    async def run(*arguments):
        environment = {"LLMOS_HOME": str(world.home)}
        return await asyncio.to_thread(CliRunner().invoke, main, list(map(str, arguments)), env=environment)

    return run


@pytest.fixture
def items(world):
    app = write_app(world.home / "apps" / "my-list", starter("backend", "my-list"))
    (app.folder / "examples" / "list.json").unlink()  # what a whole collection becomes is the backend's affair
    return app


async def test_a_line_tells_of_each_example_and_the_last_of_all(llmos, items):
    done = await llmos("app", "test", "my-list")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert "passed  create-then-read" in lines
    assert lines[-1] == f"my-list: {len(lines) - 1} of {len(lines) - 1} as expected"


async def test_what_differs_is_told_with_what_the_model_said_and_the_exit_code_is_1(llmos, items):
    file = items.folder / "examples" / "read.json"
    file.write_text(file.read_text().replace('"status": 200', '"status": 404'))
    done = await llmos("app", "test", "my-list")
    assert done.exit_code == 1
    assert "failed  read\n        /status: got 200\n" in done.output
    assert 'the model said: {"status": 200' in done.output
    assert "1 differ" in done.output.splitlines()[-1]


async def test_only_one_is_asked_when_one_is_named(llmos, items):
    told = json.loads((await llmos("app", "test", "my-list", "--only", "delete", "--json")).output)
    assert [row["name"] for row in told["examples"]] == ["delete"]
    assert (told["app"], told["passed"], told["failed"]) == ("my-list", 1, 0)


async def test_an_unknown_example_is_refused_naming_those_there_are(llmos, items):
    done = await llmos("app", "test", "my-list", "--only", "nope")
    assert done.exit_code == 1
    assert "There is no example 'nope'; there are: change, " in done.output


async def test_a_folder_that_is_not_installed_can_be_tested(llmos, tmp_path):
    app = write_app(tmp_path / "elsewhere" / "notes", starter("backend", "notes"))
    done = await llmos("app", "test", app.folder, "--only", "create")
    assert done.exit_code == 0, done.output


async def test_an_app_that_makes_pages_is_told_to_be_run(llmos):
    done = await llmos("app", "test", "sketch-to-website")
    assert done.exit_code == 1
    assert "of kind page, which has no examples to ask" in done.output
    assert "llmos run sketch-to-website" in done.output


async def test_a_backend_without_examples_is_told_where_they_go(llmos, items):
    for file in (items.folder / "examples").iterdir():
        file.unlink()
    done = await llmos("app", "test", "my-list")
    assert "my-list has no examples; write the first into" in done.output


async def test_a_malformed_state_ends_the_run_with_the_file_named(llmos, items):
    file = items.folder / "examples" / "delete.json"
    file.write_text(file.read_text().replace('"Milk"', "7"))
    done = await llmos("app", "test", "my-list")
    assert done.exit_code == 1
    assert "passed  create" in done.output
    assert done.output.splitlines()[-1].startswith(f"llmos: {file}: state: ")


async def test_without_an_engine_the_command_says_so_in_one_sentence(llmos, items, world):
    def refuse(request):
        raise EngineError("The engine refused the request; look at logs/engine.log.")

    world.script.follow = refuse
    done = await llmos("app", "test", "my-list")
    assert done.exit_code == 1
    assert done.output == "llmos: The engine refused the request; look at logs/engine.log.\n"


async def test_examples_leave_nothing_in_the_journal_or_the_state(llmos, items, world):
    before = world.kernel.journal.newest()
    await llmos("app", "test", "my-list")
    assert world.kernel.journal.newest() == before
    assert world.kernel.state(items).version == 0
