"""A page as the model reads it: pages of lines, and after an action what is different."""

from __future__ import annotations

from collections import Counter
from typing import Any

Json = Any
PAGE_CHARS = 3000
WHOLE_CHARS = 1500  # a page this short is told whole after each action
CHANGED_CHARS = 1500
NOTHING = "The page shows nothing."


def heading(seen: Json) -> str:
    return f"{seen['title'] or 'A page without a title'} - {seen['url'][:300]}"


def told(seen: Json, page: int = 1) -> str:
    """One page of what is seen, under its title."""
    pages = paged(seen["lines"])
    number = min(max(page, 1), len(pages))
    parts = [heading(seen), pages[number - 1]]
    if len(pages) > 1:
        more = f"; read(page={number + 1}) shows more" if number < len(pages) else ""
        parts.append(f"[page {number} of {len(pages)}{more}]")
    if seen["cut"] and number == len(pages):
        parts.append("[the page is longer; the rest is left out]")
    return "\n".join(parts)


def paged(lines: list[str]) -> list[str]:
    """Pages of about PAGE_CHARS; a line that is longer is broken."""
    pages: list[str] = []
    current: list[str] = []
    size = 0
    for line in _broken(lines):
        if current and size + len(line) > PAGE_CHARS:
            pages.append("\n".join(current))
            current, size = [], 0
        current.append(line)
        size += len(line) + 1
    return [*pages, "\n".join(current) or NOTHING]


def changed(before: Json, after: Json) -> str:
    """What an action did: the new page, all of a small one, or the lines that are new and gone."""
    if before is None or before["born"] != after["born"] or _place(before) != _place(after):
        return f"Now on: {told(after)}"
    if before["lines"] == after["lines"] and before["url"] == after["url"]:
        return f"Nothing on the page changed.{_reminder(after)}"
    if sum(map(len, after["lines"])) <= WHOLE_CHARS:
        return f"The page now:\n{told(after)}"
    new, gone = _lines_not_in(after, before), _lines_not_in(before, after)
    parts = []
    if new:
        parts.append("New on the page:\n" + _clipped(new))
    if gone:
        parts.append("Gone:\n" + _clipped(gone, CHANGED_CHARS // 3))
    return "\n".join(parts) or "The page is in another order; read it."


def _reminder(seen: Json) -> str:
    return "\n" + told(seen) if sum(map(len, seen["lines"])) <= WHOLE_CHARS else ""


def _place(seen: Json) -> str:
    return str(seen["url"].partition("#")[0])


def _lines_not_in(one: Json, other: Json) -> list[str]:
    known = Counter(other["lines"])
    new = []
    for line in one["lines"]:
        if known[line] > 0:
            known[line] -= 1
        else:
            new.append(line)
    return new


def _clipped(lines: list[str], max_chars: int = CHANGED_CHARS) -> str:
    kept: list[str] = []
    size = 0
    for line in _broken(lines):
        size += len(line) + 1
        if size > max_chars:
            return "\n".join([*kept, "[and more; read the page]"])
        kept.append(line)
    return "\n".join(kept)


def _broken(lines: list[str]) -> list[str]:
    broken: list[str] = []
    for line in lines:
        while len(line) > PAGE_CHARS:
            at = line.rfind(" ", PAGE_CHARS // 2, PAGE_CHARS) + 1 or PAGE_CHARS
            broken.append(line[:at].rstrip())
            line = line[at:]
        broken.append(line)
    return broken
