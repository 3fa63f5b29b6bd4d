"""Reads every row of a table that can still be read, though pages of the file are damaged."""

import sqlite3
from dataclasses import dataclass, field
from typing import Any

import sqlite_utils

from llmos.errors import StateError

CHUNK = 500
UNREADABLE = (sqlite3.DatabaseError, StateError)

Row = tuple[Any, ...]


@dataclass
class Scan:
    """`rows` in the order of their key; `lost` are ranges of keys, first and last, at which nothing could be read."""

    rows: list[Row] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)


def scan(db: sqlite_utils.Database, table: str, key: str, columns: str) -> Scan:
    """Read a table by its integer key. `key` is the first of `columns`."""
    found = Scan()
    query = f"SELECT {columns} FROM {table} WHERE {key} >= ? AND {key} <= ? ORDER BY {key}"
    low, last = 0, _last(db, table, key)
    while low <= last:
        high = min(last, low + CHUNK - 1)
        try:
            found.rows += db.execute(query, [low, high]).fetchall()
        except UNREADABLE:
            for number in range(low, high + 1):
                _one(db, query, number, found)
        low = high + 1
    return found


def _one(db: sqlite_utils.Database, query: str, number: int, found: Scan) -> None:
    try:
        found.rows += db.execute(query, [number, number]).fetchall()
    except UNREADABLE:
        before = found.lost[-1] if found.lost else (0, -1)
        if before[1] == number - 1:
            found.lost[-1] = (before[0], number)
        else:
            found.lost.append((number, number))


def _last(db: sqlite_utils.Database, table: str, key: str) -> int:
    """The greatest key: from the table, from SQLite's own count of it."""
    for query in (f"SELECT MAX({key}) FROM {table}", f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"):
        try:
            row = db.execute(query).fetchone()
            if row is not None and row[0] is not None:
                return int(row[0])
        except UNREADABLE:
            continue
    return 0
