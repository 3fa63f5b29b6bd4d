import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from llmos.errors import Conflict, StateError
from llmos.state.database import open_database
from llmos.state.store import AppState

SCHEMA = {"type": "object", "properties": {"entries": {"type": "object", "additionalProperties": {}}}}

# each commit writes two documents and a journal line in one transaction, and is acknowledged on stdout
WRITER = f"""
import sys
from pathlib import Path
from llmos.state.database import open_database
from llmos.state.store import AppState
db = open_database(Path(sys.argv[1]))
state = AppState(db, "app", {SCHEMA!r})
db.execute("CREATE TABLE IF NOT EXISTS lines (version INTEGER)")
while True:
    with db.atomic():
        key = state.next_id("entries")
        other = str(int(key) + 1)
        two = [{{"op": "add", "path": f"/entries/{{k}}", "value": "x" * 2000}} for k in (key, other)]
        made = state.commit(two, cause={{}})
        db.execute("INSERT INTO lines VALUES (?)", [made.version])
    print(made.version, flush=True)
"""


@pytest.mark.parametrize("seconds", [0.02, 0.05, 0.1, 0.2])
def test_a_killed_writer_loses_nothing_acknowledged_and_leaves_no_half_commit(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "llmos.db"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, os.fspath(path)], stdout=subprocess.PIPE)
    assert writer.stdout
    first = writer.stdout.readline()
    time.sleep(seconds)
    writer.send_signal(signal.SIGKILL)
    acknowledged = [int(line) for line in (first + writer.stdout.read()).split(b"\n") if line]
    writer.wait()

    db = open_database(path)
    state = AppState(db, "app", SCHEMA)
    version = state.version
    # the last commit may be durable without its acknowledgement having left the process
    assert acknowledged[-1] <= version <= acknowledged[-1] + 1
    assert list(state.get("/entries")) == [str(key) for key in range(1, 2 * version + 1)]
    assert [made.version for made in state.log(-1)] == list(range(version, 0, -1))
    assert [row["version"] for row in db["lines"].rows] == list(range(1, version + 1))
    assert state.at(0) == {"entries": {}}


def test_of_two_writers_with_one_base_version_exactly_one_gets_a_conflict(tmp_path: Path) -> None:
    states = [AppState(open_database(tmp_path / "llmos.db"), "app", SCHEMA) for _ in range(2)]
    base = states[0].version
    outcomes = []
    for number, state in enumerate(states):
        try:
            state.commit([{"op": "add", "path": f"/entries/{number}", "value": number}], base, cause={})
            outcomes.append("committed")
        except Conflict:
            outcomes.append("conflict")
    assert outcomes == ["committed", "conflict"]
    assert states[1].get("") == {"entries": {"0": 0}}


def test_a_full_disk_in_the_middle_of_a_commit_changes_nothing(tmp_path: Path) -> None:
    db = open_database(tmp_path / "llmos.db")
    state = AppState(db, "app", SCHEMA)
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    big = [{"op": "add", "path": f"/entries/{key}", "value": "x" * 5000} for key in range(100)]
    with pytest.raises(StateError, match="full"):
        state.commit(big, cause={})
    db.execute("PRAGMA max_page_count = 100000")
    assert (state.version, state.get("")) == (0, {"entries": {}})
    assert state.commit(big, cause={}) is not None
