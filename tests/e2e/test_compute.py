"""What people try first: a number that no model knows and every program does."""

import pytest

pytestmark = pytest.mark.model


@pytest.mark.parametrize("app", ["compute", "assistant"])
def test_the_fiftieth_fibonacci_number_is_computed(machine, app):
    done = machine.run("run", app, "What is the 50th Fibonacci number?")
    assert done.returncode == 0, done.stderr
    assert "12586269025" in done.stdout.replace(",", "").replace(" ", "")
    pid = max(row["pid"] for row in machine.json("ps") if row["app"] == app)
    ran = [event["data"] for event in machine.json("log", pid) if event["kind"] == "syscall.result"]
    assert any(one["tool"] == "python.run" and "12586269025" in str(one.get("result")) for one in ran)


def test_the_assistant_still_answers_what_needs_no_program(machine):
    done = machine.run("run", "assistant", "What is the capital of France?")
    assert "Paris" in done.stdout
    pid = max(row["pid"] for row in machine.json("ps") if row["app"] == "assistant")
    assert [event for event in machine.json("log", pid) if event["kind"] == "syscall.intent"] == []
