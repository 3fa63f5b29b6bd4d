"""`llmos run` where a process asks something: a policy answers, or the command ends and says who may."""

import asyncio
import json
import os

import pytest
from click.testing import CliRunner

from llmos.cli import main
from llmos.http.address import Address, announce
from llmos.kernel.policy import choice_of

from .test_questions import STEP, ended, install


@pytest.fixture
def run(world):
    """`llmos run waiter` with no terminal; the app asks before it waits."""
    announce(world.home, Address(world.control.url, "t", os.getpid()))
    install(world.home)
    world.script.say(STEP, "Done.")

    async def run(*options):
        command, environment = ["run", "waiter", "wait", *options], {"LLMOS_HOME": str(world.home)}
        return await asyncio.wait_for(asyncio.to_thread(CliRunner().invoke, main, command, env=environment), 30)

    return run


def events(world, kind):
    return [event.data for event in world.kernel.journal.events(1) if event.kind == kind]


async def test_yes_allows_each_call_once_and_says_so(world, run):
    done = await run("--yes")
    assert (done.exit_code, done.stdout) == (0, "Done.\n")
    assert "May waiter use timer.wait?" in done.stderr and "answered: once" in done.stderr
    assert [event["choice"] for event in events(world, "question.answered")] == ["once"]
    assert world.kernel.questions.granted("waiter") == []


async def test_no_denies_what_it_asks_and_the_process_goes_on(world, run):
    done = await run("--no")
    assert (done.exit_code, done.stdout) == (0, "Done.\n")
    [told] = events(world, "syscall.result")
    assert "does not allow timer.wait" in told["error"]


@pytest.mark.parametrize("options", [(), ("--json",)])
async def test_where_nobody_can_answer_the_command_fails_and_says_how(world, run, options):
    done = await run(*options)
    [question] = world.kernel.questions.open()
    assert done.exit_code == 1
    last = done.stderr.splitlines()[-1]
    assert "nobody is here to answer" in last and "--yes or --no" in last and "`llmos kill 1`" in last
    assert f"`llmos approve {question.seq} once` (once or process or always or no)" in last
    world.kernel.answer(question.seq, "once")  # the process waits, as the sentence says
    assert (await ended(world, 1))["result"] == {"text": "Done."}


async def test_what_a_program_reads_is_events_alone(world, run):
    done = await run("--yes", "--json")
    kinds = [json.loads(line)["kind"] for line in done.stdout.splitlines()]
    assert kinds[-1] == "process.done" and "question.asked" in kinds


@pytest.mark.parametrize(
    ("choices", "yes", "no"),
    [
        (["once", "process", "always", "no"], "once", "no"),
        (["repeat", "happened", "stop"], None, "stop"),
        (["yes", "no", "decline"], "yes", "no"),
        (["accept", "decline"], "accept", "decline"),
        (["red", "green", "decline"], None, "decline"),
    ],
)
def test_a_policy_chooses_only_what_it_means(choices, yes, no):
    assert (choice_of(choices, True), choice_of(choices, False)) == (yes, no)
