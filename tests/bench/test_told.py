"""Somebody who waits for a benchmark sees how far it is, on a terminal and in a log."""

import io

from rich.console import Console

from llmos.bench.told import told


def test_in_a_log_each_step_has_a_line():
    log = io.StringIO()
    with told(console=Console(file=log)) as tell:
        tell("shop: compiling [1/12]")
        tell("shop: compiled")
    assert log.getvalue().splitlines() == ["shop: compiling [1/12]", "shop: compiled"]


def test_on_a_terminal_nothing_of_it_stays():
    screen = io.StringIO()
    with told(console=Console(file=screen, force_terminal=True, force_interactive=True)) as tell:
        tell("second step")
    assert screen.getvalue().endswith("\x1b[2K")  # the line is cleared
