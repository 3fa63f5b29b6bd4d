"""A page of a text: some lines, as many as fit, and where to go on. Files of any size are read without holding them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from itertools import islice

from drivers.files.encoding import Encoding
from drivers.files.refusal import Refused

PAGE_CHARS = 4000
PAGE_LINES = 200
LINE_CHARS = 2000
LINE_BYTES = 4 * LINE_CHARS
COUNT_BYTES = 2**26  # up to this size the lines are counted, to say how many there are
CHUNK_BYTES = 2**20


def page(lines: Iterable[str], first: int, total: int | None, label: str, note: str = "") -> str:
    """Lines from number `first` on; `lines` begin there."""
    taken: list[str] = []
    size, more = 0, False
    for line in lines:
        if taken and (len(taken) == PAGE_LINES or size + len(line) > PAGE_CHARS):
            more = True
            break
        taken.append(_cut(line))
        size += len(taken[-1]) + 1
    if not taken and first == 1:
        return f"[{label} is empty]"
    if not taken:
        size_known = f"only {total}" if total is not None else "fewer"
        raise Refused(f"{label} has {size_known} lines: begin further up.")
    last = first + len(taken) - 1
    told = f"lines {first}-{last}" + (f" of {total}" if total is not None else "")
    told += f"; go on with line {last + 1}" if more else ""
    return "\n".join([*taken, f"[{', '.join(filter(None, [note, told]))}]"])


def page_of_text(text: str, first: int, label: str, note: str = "") -> str:
    lines = text.splitlines()
    return page(lines[first - 1 :], first, len(lines), label, note)


def page_of_file(opened: int, encoding: Encoding, first: int, label: str) -> str:
    """A page of a file whose lines end at byte 10."""
    size = os.fstat(opened).st_size
    total = _count_lines(opened) if size <= COUNT_BYTES else None
    os.lseek(opened, len(encoding.mark), os.SEEK_SET)
    with io.FileIO(opened, closefd=False) as raw, io.BufferedReader(raw, CHUNK_BYTES) as reader:
        _skip(reader, first - 1)
        lines = (encoding.decode(line).rstrip("\r\n") for line in _lines(reader))
        return page(lines, first, total, label, encoding.note)


def _cut(line: str) -> str:
    if len(line) <= LINE_CHARS:
        return line
    return f"{line[:LINE_CHARS]}... [the rest of this line is cut off; find what you need in it with search]"


def _lines(reader: io.BufferedReader[io.FileIO]) -> Iterator[bytes]:
    """Each line, without the rest of one that is longer than anybody reads."""
    while line := reader.readline(LINE_BYTES):
        whole = line
        while not whole.endswith(b"\n") and (whole := reader.readline(CHUNK_BYTES)):
            line += whole[:1]  # one byte more says that it was cut
        yield line


def _skip(reader: io.BufferedReader[io.FileIO], num_lines: int) -> None:
    """Go past lines a chunk at a time: a million are past in a moment."""
    while num_lines > 0 and (chunk := reader.peek(CHUNK_BYTES)):
        found = chunk.count(b"\n")
        if found < num_lines:
            reader.read(len(chunk))
            num_lines -= found
            continue
        for _ in islice(iter(reader.readline, b""), num_lines):
            pass
        return


def _count_lines(opened: int) -> int:
    os.lseek(opened, 0, os.SEEK_SET)
    count, last = 0, b"\n"
    while chunk := os.read(opened, CHUNK_BYTES):
        count += chunk.count(b"\n")
        last = chunk
    return count + (not last.endswith(b"\n"))
