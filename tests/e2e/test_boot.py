"""The main job, as a newcomer sees it, on the real model."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.model


@pytest.fixture(scope="session")
def demo(machine):
    """What `llmos demo --once` printed for programs."""
    done = machine.run("demo", "--once", "--port", "0", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_demo_makes_a_site_whose_form_changes_state(machine, demo):
    assert {"see", "write", "submit", "read", "restart", "total"} <= set(demo["seconds"])
    (commit,) = machine.json("state", "log", demo["site"])
    assert commit["version"] == 1
    (entry,) = machine.json("state", "show", demo["site"], "/entries")["value"].values()
    assert entry in [operation["value"] for operation in commit["patch"]]


def test_the_commit_can_be_undone_and_the_past_looked_at(machine, demo):
    undone = machine.json("state", "undo", demo["site"], 1)
    assert machine.json("state", "show", demo["site"])["value"]["entries"] == {}
    assert len(machine.json("state", "at", demo["site"], 1)["value"]["entries"]) == 1
    machine.json("state", "undo", demo["site"], undone["version"])
    assert len(machine.json("state", "show", demo["site"])["value"]["entries"]) == 1


def test_the_journal_tells_how_the_site_came_to_be(machine, demo):
    rows = machine.json("ps")
    page = next(row for row in rows if row["app"] == "sketch-to-website")
    assert page["state"] == "done"
    kinds = [event["kind"] for event in machine.json("log", page["pid"])]
    assert kinds[0] == "process.spawned"
    assert kinds.index("syscall.intent") < kinds.index("syscall.result") < kinds.index("engine.answer")


def test_the_assistant_reads_a_picture_in_words(machine):
    sketch = Path(__file__).parents[2] / "apps" / "sketch-to-website" / "examples" / "guestbook.jpg"
    done = machine.run("run", "assistant", "Which word is written on the button?", "-a", sketch)
    assert done.returncode == 0, done.stderr
    assert "sign" in done.stdout.lower()


def test_an_engine_killed_in_mid_answer_loses_nothing(machine):
    running = machine.start("run", "assistant", "Tell the story of the tortoise and the hare, in twelve sentences.")
    assert running.stdout.read(20)
    _engine(machine).send_signal(signal.SIGKILL)
    out, err = running.communicate(timeout=300)
    assert running.returncode == 0, err
    assert len(out) > 200 and "tortoise" in out.lower() and out.rstrip().endswith((".", "!", '"'))


def test_a_second_kernel_on_the_folder_is_refused(machine):
    machine.json("up")
    second = subprocess.run(
        [sys.executable, "-m", "llmos.http.daemon"], env=machine.environment, capture_output=True, text=True, timeout=60
    )
    assert second.returncode == 1
    assert "Another kernel owns" in second.stderr.splitlines()[-1]


def test_a_taken_port_is_named(machine):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port} is taken" in machine.refused("serve", "guestbook", "--port", port)


def test_serving_ends_with_the_command(machine):
    serving = machine.start("serve", "guestbook", "--port", "0", "--json")
    deadline = time.monotonic() + 60
    while not machine.json("status")["sites"][-1:] or machine.json("status")["sites"][-1]["app"] != "guestbook":
        assert time.monotonic() < deadline
    serving.send_signal(signal.SIGINT)
    serving.communicate(timeout=60)
    assert "guestbook" not in [site["app"] for site in machine.json("status")["sites"]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b"not a picture"),
        ("empty.png", b""),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("torn.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    ],
)
def test_what_is_no_picture_is_one_sentence(machine, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert machine.refused("run", "sketch-to-website", "-a", tmp_path / name).startswith("llmos: ")


def test_a_sketch_is_asked_for_when_there_is_none(machine):
    assert "Attach a picture" in machine.refused("run", "sketch-to-website")


def test_a_missing_file_is_named(machine):
    assert "/no/such/sketch.jpg cannot be read" in machine.refused("demo", "/no/such/sketch.jpg", status=2)


def test_an_unknown_app_is_named(machine):
    assert "no app called 'nope'" in machine.refused("run", "nope", "hello")


def test_down_and_up_again(machine):
    before = machine.json("ps")
    assert machine.json("down") == {"stopped": True}
    assert machine.json("down") == {"stopped": False}
    assert machine.json("status")["running"] is False
    assert machine.json("ps") == before


def _engine(machine):
    kernel = json.loads((machine.home / "kernel.json").read_text())["pid"]
    children = psutil.Process(kernel).children(recursive=True)
    return next(child for child in children if "llamacpp_server" in " ".join(child.cmdline()))
