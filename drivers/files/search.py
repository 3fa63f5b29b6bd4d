"""search: lines that match a pattern, in all visible text files below a folder, a page at a time.

Patterns are RE2's, which take time in proportion to the text whatever the pattern is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from drivers.files import tree
from drivers.files.encoding import encoding_of
from drivers.files.refusal import Refused
from drivers.files.roots import Place
from drivers.files.walking import Found, walk

PAGE_MATCHES = 50
AROUND_CHARS = 100
MAX_FILE_BYTES = 64 * 2**20
MAX_SECONDS = 40.0
MAX_PATTERN_CHARS = 1000


class Search:
    """`skipped` names what was too large to look into."""

    def __init__(self, pattern: str, glob: str) -> None:
        self._glob = glob.strip()
        if ".." in self._glob.split("/") or self._glob.startswith("/"):
            raise Refused("A glob begins in the folder and cannot climb: write it like *.md or drafts/*.txt.")
        self.literal = False
        self._pattern = self._compiled(pattern) if pattern else None
        self.skipped: list[str] = []
        self.late = False

    def page(self, start: Place, page: int) -> str:
        first = (page - 1) * PAGE_MATCHES
        found = list(islice(self._matches(start), first, first + PAGE_MATCHES + 1))
        notes = [f"page {page}; go on with page {page + 1}"] if len(found) > PAGE_MATCHES else []
        notes += ["the pattern is no regular expression, so its very words were searched"] if self.literal else []
        notes += [f"too large to search: {', '.join(self.skipped[:3])}"] if self.skipped else []
        notes += [f"stopped after {MAX_SECONDS:.0f} s: name a folder further down or a glob"] if self.late else []
        taken = found[:PAGE_MATCHES] or [self._nothing(start, page)]
        return "\n".join([*taken, *([f"[{'; '.join(notes)}]"] if notes else [])])

    def _nothing(self, start: Place, page: int) -> str:
        if page > 1:
            return "Nothing more was found."
        narrow = [f"in {start.label}"] if start.parts else []
        narrow += [f"in files like {self._glob}"] if self._glob else []
        if not narrow or self._pattern is None:
            return "Nothing was found."
        return f"Nothing was found {' '.join(narrow)}: leave path and glob out to search everywhere."

    def _matches(self, start: Place) -> Iterator[str]:
        due = time.monotonic() + MAX_SECONDS
        for found in self._files(start):
            if time.monotonic() > due:
                self.late = True
                return
            if self._pattern is None:
                yield found.place.label
            else:
                yield from self._in_file(found, self._pattern)

    def _files(self, start: Place) -> Iterator[Found]:
        for found in walk(start):
            if not self._glob or self._is_wanted(PurePosixPath(*found.place.parts[len(start.parts) :])):
                yield found

    def _is_wanted(self, path: PurePosixPath) -> bool:
        """`*.md` is any such name however deep; `drafts/*.md` begins where the search does; `**/` is any folders."""
        glob = self._glob
        if "/" not in glob:
            return path.match(glob)
        head, deep, tail = glob.partition("**/")
        if not deep:
            return len(path.parts) == len(PurePosixPath(glob).parts) and path.match(glob)
        num_head = len(PurePosixPath(head).parts)
        is_below = num_head == 0 or PurePosixPath(*path.parts[:num_head]).match(head.rstrip("/"))
        return is_below and PurePosixPath(*path.parts[num_head:]).match(tail or "*")

    def _in_file(self, found: Found, pattern: Any) -> Iterator[str]:  # noqa: ANN401 - re2 has no types
        if found.facts.st_size > MAX_FILE_BYTES:
            self.skipped.append(found.place.label)
            return
        text = _text(found)
        if text is None or not pattern.search(text):
            return
        for number, line in enumerate(text.splitlines(), 1):
            if match := pattern.search(line):
                yield f"{found.place.label}:{number}: {_around(line, *match.span())}"

    def _compiled(self, pattern: str) -> Any:  # noqa: ANN401 - re2 has no types
        import re2  # loads in 10 ms

        if len(pattern) > MAX_PATTERN_CHARS:
            raise Refused("The pattern is too long: search for a few words.")
        options = re2.Options()
        options.log_errors = False
        options.case_sensitive = pattern != pattern.lower()
        options.max_mem = 2**24
        try:
            return re2.compile(f"(?m:{pattern})", options)
        except re2.error:
            self.literal = True
            return re2.compile(re2.escape(pattern), options)


def _text(found: Found) -> str | None:
    try:
        opened = tree.open_file(found.holder, found.name, found.place.label)
    except Refused:
        return None
    with os.fdopen(opened, "rb") as file:
        data = file.read(MAX_FILE_BYTES)
    encoding = encoding_of(data)
    return encoding.decode(data) if encoding else None


def _around(line: str, start: int, end: int) -> str:
    """A long line shows what matched and some of what is around it."""
    if len(line) <= 2 * AROUND_CHARS:
        return line.strip()
    left, right = max(0, start - AROUND_CHARS), min(len(line), max(start, min(end, start + 200)) + AROUND_CHARS)
    return ("..." if left else "") + line[left:right].strip() + ("..." if right < len(line) else "")
