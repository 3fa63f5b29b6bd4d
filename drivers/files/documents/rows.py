"""Rows of texts as a Markdown table; the first row is its head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def as_table(rows: Iterable[Sequence[str]]) -> str:
    kept = [[_cell(value) for value in row] for row in rows]
    kept = [row for row in kept if any(row)]
    if not kept:
        return ""
    width = max(len(row) - _num_empty_at_end(row) for row in kept)
    padded = [(row + [""] * width)[:width] for row in kept]
    lines = [f"| {' | '.join(row)} |" for row in padded]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _cell(value: str) -> str:
    return " ".join(value.split()).replace("\\", "\\\\").replace("|", "\\|")


def _num_empty_at_end(row: Sequence[str]) -> int:
    return next((number for number, value in enumerate(reversed(row)) if value), len(row))
