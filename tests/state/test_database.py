import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from llmos.errors import StateError
from llmos.state.database import open_database


def test_the_database_is_durable_and_shared_by_threads(tmp_path: Path) -> None:
    db = open_database(tmp_path / "deep" / "llmos.db")
    pragmas = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_a_nested_transaction_is_undone_with_the_outer_one(tmp_path: Path) -> None:
    db = open_database(tmp_path / "llmos.db")
    db.execute("CREATE TABLE t (x)")
    with pytest.raises(KeyError), db.atomic():
        with db.atomic():
            db.execute("INSERT INTO t VALUES (1)")
        raise KeyError
    assert db["t"].count == 0


def test_a_failed_inner_transaction_leaves_the_outer_one_usable(tmp_path: Path) -> None:
    db = open_database(tmp_path / "llmos.db")
    db.execute("CREATE TABLE t (x)")
    with db.atomic():
        db.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(KeyError), db.atomic():
            db.execute("INSERT INTO t VALUES (2)")
            raise KeyError
    assert [row["x"] for row in db["t"].rows] == [1]


def test_transactions_of_two_threads_do_not_mix(tmp_path: Path) -> None:
    db = open_database(tmp_path / "llmos.db")
    db.execute("CREATE TABLE t (x)")
    entered, leave = threading.Event(), threading.Event()

    def hold_and_fail() -> None:
        with pytest.raises(KeyError), db.atomic():
            db.execute("INSERT INTO t VALUES ('undone')")
            entered.set()
            leave.wait()
            raise KeyError

    def write() -> None:
        with db.atomic():
            db.execute("INSERT INTO t VALUES ('kept')")

    holder, writer = threading.Thread(target=hold_and_fail), threading.Thread(target=write)
    holder.start()
    entered.wait()
    writer.start()
    leave.set()
    holder.join()
    writer.join()
    assert [row["x"] for row in db["t"].rows] == ["kept"]


def test_a_file_that_is_no_database_is_named_in_the_sentence(tmp_path: Path) -> None:
    path = tmp_path / "llmos.db"
    path.write_text("this is a letter to my aunt, not a database " * 100)
    with pytest.raises(StateError, match="is not a database of llmos; move it away"):
        open_database(path)


def test_a_damaged_database_is_named_in_the_sentence(tmp_path: Path) -> None:
    path = tmp_path / "llmos.db"
    with open_database(path).atomic() as db:
        db.execute("CREATE TABLE t (x)")
        db.execute("INSERT INTO t VALUES (hex(randomblob(50000)))")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    with pytest.raises(StateError, match="is damaged"), open_database(path).atomic() as db:
        db.execute("SELECT * FROM t").fetchall()


def test_a_folder_that_cannot_be_made_is_named_in_the_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="cannot be made into a folder"):
        open_database(tmp_path / "file" / "llmos.db")


def test_a_path_that_cannot_be_opened_is_named_in_the_sentence(tmp_path: Path) -> None:
    (tmp_path / "llmos.db").mkdir()
    with pytest.raises(StateError, match="cannot be opened"):
        open_database(tmp_path / "llmos.db")


def test_a_full_disk_is_a_sentence_and_nothing_is_written(tmp_path: Path) -> None:
    db = open_database(tmp_path / "llmos.db")
    db.execute("CREATE TABLE t (x)")
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(StateError, match="is full; free some space"), db.atomic():
        for _ in range(100):
            db.execute("INSERT INTO t VALUES (zeroblob(1000))")
    assert db["t"].count == 0


def test_a_database_that_another_program_holds_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "llmos.db"
    db = open_database(path)
    db.execute("CREATE TABLE t (x)")
    db.execute("PRAGMA busy_timeout = 50")
    hold = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('BEGIN IMMEDIATE'); print(1, flush=True); input()"
    command = [sys.executable, "-c", hold, os.fspath(path)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdin and holder.stdout and holder.stdout.readline()
    with pytest.raises(StateError, match="held by another program"), db.atomic():
        db.execute("INSERT INTO t VALUES (1)")
    holder.communicate(b"\n")
