"""Reads every row of a table that can still be read, though pages of the file are damaged."""

import sqlite3
from collections.abc import Callable
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


def scan(
    db: sqlite_utils.Database, table: str, key: str, columns: str, sound: Callable[[Row], bool] = lambda row: True
) -> Scan:
    """Read a table by its integer key, the first of `columns`. A row that is not `sound` counts as lost."""
    found = _scan(db, table, key, columns)
    for row in found.rows:
        if not sound(row):
            found.lost.append((row[0], row[0]))
    found.rows = [row for row in found.rows if sound(row)]
    found.lost = _joined(found.lost)
    return found


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _scan(db: sqlite_utils.Database, table: str, key: str, columns: str) -> Scan:
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
        found.lost.append((number, number))


def _last(db: sqlite_utils.Database, table: str, key: str) -> int:
    """The greatest key: from the table or from SQLite's own count of it, which remembers rows taken from the end."""
    last = 0
    for query in (f"SELECT MAX({key}) FROM {table}", f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"):
        try:
            row = db.execute(query).fetchone()
            last = max(last, int(row[0])) if row is not None and row[0] is not None else last
        except UNREADABLE:
            continue
    return last
