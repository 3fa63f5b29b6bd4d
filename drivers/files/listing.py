"""list: what is in a folder, folders first, a page at a time."""

from __future__ import annotations

import os
import stat

from drivers.files import tree
from drivers.files.refusal import Refused, shown
from drivers.files.roots import Place, Roots
from drivers.files.sizes import day, size_words

PAGE_ENTRIES = 100


def list_roots(roots: Roots) -> str:
    return "\n".join(["The granted folders:", *(f"{shown(str(root))}/" for root in roots.paths)])


def list_folder(place: Place, page: int) -> str:
    with tree.folder(place) as opened:
        names = tree.names(opened)
        seen = sorted(name for name in names if not name.startswith("."))
        kinds = {name: found for name in seen if (found := tree.peek(opened, name)) is not None}
    ordered = sorted(kinds, key=lambda name: (not stat.S_ISDIR(kinds[name].st_mode), name))
    hidden = len(names) - len(seen)
    return _page([_line(name, kinds[name]) for name in ordered], page, place.label, hidden)


def _page(entries: list[str], page: int, label: str, num_hidden: int) -> str:
    num_pages = max(1, -(-len(entries) // PAGE_ENTRIES))
    if page > num_pages:
        raise Refused(f"{label} has only {num_pages} pages: ask for one of these.")
    taken = entries[(page - 1) * PAGE_ENTRIES : page * PAGE_ENTRIES]
    told = [f"page {page} of {num_pages}; go on with page {page + 1}"] if page < num_pages else []
    told += [f"{num_hidden} hidden, not shown"] if num_hidden else []
    head = f"{label}:" if entries else f"{label} is empty."
    return "\n".join([head, *taken, *([f"[{', '.join(told)}]"] if told else [])])


def _line(name: str, found: os.stat_result) -> str:
    if stat.S_ISDIR(found.st_mode):
        return f"{shown(name)}/"
    if stat.S_ISLNK(found.st_mode):
        return f"{shown(name)} (a link, not followed)"
    if not stat.S_ISREG(found.st_mode):
        return f"{shown(name)} (no file)"
    return f"{shown(name)}, {size_words(found.st_size)}, {day(found.st_mtime)}"
