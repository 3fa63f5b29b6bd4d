import io

import pytest
from rich.console import Console

from llmos.models import Progress, show_progress

STEPS = [Progress("tiny", "fetch", "the package index", done, 1000, 200.0) for done in range(0, 1001, 10)]
NOTE = Progress("tiny", "fetch", "the hub", 0, 1000, 0.0, note="The hub [x] does not answer.")


@pytest.fixture
def shown():
    def show(steps, *, terminal: bool) -> str:
        console = Console(file=io.StringIO(), force_terminal=terminal, width=120)
        with show_progress(console) as report:
            for step in steps:
                report(step)
        return console.file.getvalue()

    return show


def test_a_file_gets_a_line_every_tenth(shown):
    lines = shown(STEPS, terminal=False).splitlines()
    assert len(lines) == 11
    assert lines[5] == "tiny from the package index: 500 bytes of 1.0 kB (50 %), 200 bytes/s, 0:02 left"


def test_a_terminal_gets_a_bar_with_speed_and_time_left(shown):
    text = shown(STEPS[:51], terminal=True)
    assert "50%" in text
    assert "200 bytes/s" in text
    assert "0:02 left" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_a_note_is_shown_as_it_is(shown, terminal):
    assert "The hub [x] does not answer." in shown([NOTE], terminal=terminal)


def test_waiting_and_checking_say_so(shown):
    steps = [Progress("tiny", phase, "", 0, 1000, 0.0) for phase in ("wait", "verify", "done")]
    waiting, checking, done = shown(steps, terminal=False).splitlines()
    assert waiting.startswith("tiny is being pulled by another process")
    assert checking.startswith("tiny: checking the digest")
    assert done.startswith("tiny is there")


def test_time_left_is_unknown_without_a_speed():
    assert NOTE.seconds_left is None
    assert STEPS[50].seconds_left == 2.5
