"""Pulls in processes of their own: killed, interrupted, and two at once."""

import os
import signal

from llmos.models import installed, pull
from tests.models.conftest import DATA, PART_BYTES


def test_a_killed_pull_from_the_index_goes_on(model, puller, index, cache):
    first, *_ = index.add_parts()
    killed = puller(stop_at=PART_BYTES + 1)
    killed.wait_for("halfway")
    os.kill(killed.process.pid, signal.SIGKILL)
    killed.process.wait()
    assert installed(model) is None
    assert list(cache.glob("tiny/.wheels-*"))
    first.unlink()
    assert pull(model).read_bytes() == DATA
    assert not list(cache.glob("tiny/.wheels-*"))


def test_a_killed_pull_from_the_hub_goes_on(model, puller, hub, cache):
    killed = puller(stop_at=1)
    killed.wait_for("halfway")
    os.kill(killed.process.pid, signal.SIGKILL)
    killed.process.wait()
    have = (cache / "tiny" / "tiny.gguf.partial").stat().st_size
    assert 0 < have < len(DATA)
    assert pull(model).read_bytes() == DATA
    assert hub.ranges == [None, f"bytes={have}-"]


def test_ctrl_c_leaves_a_partial_and_no_wheels(model, puller, index, cache):
    first, *_ = index.add_parts()
    stopped = puller(stop_at=PART_BYTES)
    stopped.wait_for("halfway")
    stopped.process.send_signal(signal.SIGINT)
    _, errors = stopped.process.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    assert [path.name for path in (cache / "tiny").iterdir()] == ["tiny.gguf.partial"]
    first.unlink()
    assert pull(model).read_bytes() == DATA


def test_of_two_pulls_at_once_the_second_waits_and_uses_the_result(model, puller, hub):
    first = puller(stop_at=1)
    first.wait_for("halfway")
    second = puller()
    second.wait_for("wait")
    first.go.touch()
    assert first.end() == second.end() == str(installed(model))
    assert len(hub.paths) == 1
    assert installed(model).read_bytes() == DATA


def test_when_the_first_of_two_is_killed_the_second_takes_over(model, puller, hub):
    first = puller(stop_at=1)
    first.wait_for("halfway")
    second = puller()
    second.wait_for("wait")
    first.process.kill()
    first.process.wait()
    assert second.end() == str(installed(model))
    assert len(hub.paths) == 2
    assert installed(model).read_bytes() == DATA
