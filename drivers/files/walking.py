"""Goes through all visible files below a folder, in order, without what .gitignore files exclude."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.files import tree
from drivers.files.refusal import Refused
from drivers.files.roots import Place

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_DEPTH = 100
MAX_IGNORE_BYTES = 2**20


@dataclass(frozen=True)
class Found:
    """A plain file: the folder it lies in, open while it is looked at, and its place."""

    holder: int
    name: str
    place: Place
    facts: os.stat_result


Ignores = tuple[tuple[int, "GitIgnoreSpec"], ...]  # how deep each .gitignore lies, the outermost first


def walk(start: Place, *, ignoring: bool = True) -> Iterator[Found]:
    """Plain files below `start`, or just the one it is; a folder that cannot be opened is passed over."""
    if start.parts:
        with tree.parent(start) as (holder, name):
            facts = tree.peek(holder, name)
            if facts is None:
                raise Refused(f"There is no {start.label}: leave path out to look everywhere.")
            if stat.S_ISREG(facts.st_mode):
                yield Found(holder, name, start, facts)
                return
    with tree.folder(start) as opened:
        yield from _below(opened, start, len(start.parts), (), ignoring=ignoring)


def _below(opened: int, here: Place, top: int, ignores: Ignores, *, ignoring: bool) -> Iterator[Found]:
    if ignoring:
        ignores = (*ignores, *_ignores(opened, len(here.parts)))
    for name in sorted(tree.visible(opened)):
        facts, place = tree.peek(opened, name), here.child(name)
        if facts is None or _is_ignored(place, ignores, is_folder=stat.S_ISDIR(facts.st_mode)):
            continue
        if stat.S_ISREG(facts.st_mode):
            yield Found(opened, name, place, facts)
        elif stat.S_ISDIR(facts.st_mode) and len(place.parts) - top < MAX_DEPTH:
            yield from _folder(opened, name, place, top, ignores, ignoring=ignoring)


def _folder(holder: int, name: str, place: Place, top: int, ignores: Ignores, *, ignoring: bool) -> Iterator[Found]:
    try:
        inner = os.open(name, tree.FOLDER, dir_fd=holder)
    except OSError:
        return
    try:
        yield from _below(inner, place, top, ignores, ignoring=ignoring)
    finally:
        os.close(inner)


def _ignores(opened: int, depth: int) -> Ignores:
    from pathspec import GitIgnoreSpec

    with suppress(Refused, OSError, ValueError):
        rules = tree.open_file(opened, ".gitignore", ".gitignore")
        try:
            text = os.read(rules, MAX_IGNORE_BYTES).decode("utf-8", "replace")
        finally:
            os.close(rules)
        return ((depth, GitIgnoreSpec.from_lines(text.splitlines())),)
    return ()


def _is_ignored(place: Place, ignores: Ignores, *, is_folder: bool) -> bool:
    """The innermost .gitignore that says something about a path decides."""
    for depth, rules in reversed(ignores):
        said = rules.check_file("/".join(place.parts[depth:]) + ("/" if is_folder else "")).include
        if said is not None:
            return said
    return False
