"""Changes to files and folders. Each is done whole or not at all, and what was there before is kept in the trash."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from drivers.files import tree
from drivers.files.refusal import Refused, shown, told
from drivers.files.renaming import rename_new
from drivers.files.roots import Place
from drivers.files.sizes import size_words
from drivers.files.trash import Kept, trash_of

NEW_MODE = 0o666
ANY_WRITE = 0o222


def write(place: Place, text: str) -> str:
    """Make a file or replace it."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise Refused("This text holds half a character, which no file can: write it again.") from None
    with changing(place, make=True) as (holder, name):
        before = tree.peek(holder, name)
        if before is not None:
            tree.require_plain(before, place.label)
            if _holds(holder, name, data, before):
                return f"{place.label} says just this already."
        put(place, holder, name, data, before)
    if before is None:
        return f"Made {place.label}, {size_words(len(data))}."
    return f"Replaced {place.label}, {size_words(len(data))}; restore brings back what was there."


def put(place: Place, holder: int, name: str, data: bytes, before: os.stat_result | None) -> None:
    """Give a file new content in one step. `before` is what it was when it was looked at."""
    if before is not None and not before.st_mode & ANY_WRITE:
        raise Refused(f"{place.label} is marked read-only: ask the user to allow changes to it.")
    with _filled(holder, data, None if before is None else stat.S_IMODE(before.st_mode)) as new:
        if before is None:
            rename_new(holder, new, holder, name)
        else:
            _require_same(holder, name, before, place.label)
            with trash_of(place) as bin_:
                bin_.replace(place, holder, new, name)
        os.fsync(holder)


def move(place: Place, to: Place) -> str:
    with changing(place) as (holder, name):
        if stat.S_ISLNK(tree.look(holder, name, place.label).st_mode):  # its new name may be one that a grant follows
            raise Refused(f"{place.label} is a link, and links are not moved: move what it leads to.")
        target = _target(to, place)
        with changing(target, make=True) as (to_holder, to_name):
            rename_new(holder, name, to_holder, to_name)
    return f"Moved {place.label} to {target.label}."


def trash(place: Place) -> str:
    with changing(place) as (holder, name):
        tree.look(holder, name, place.label)
        with trash_of(place) as bin_:
            bin_.take(place, holder, name)
    return f"Moved {place.label} to the trash; restore brings it back."


def restore(place: Place) -> str:
    """Bring back what was at a place before; once more, what was there before that. What is there now is kept, too."""
    with trash_of(place) as bin_:
        kept = bin_.of(place) if place.parts else None
        if kept is None:
            raise Refused(f"The trash holds nothing of {place.label}{_others(bin_.all())}.")
        with changing(place, make=True) as (holder, name):
            if tree.peek(holder, name) is not None:
                bin_.take(place, holder, name, undone=True)
            bin_.put_back(kept, holder, name)
    return f"Brought back {place.label}."


def _others(kept: list[Kept]) -> str:
    names = list(dict.fromkeys(shown(one.path) for one in kept))[:10]
    return f": it holds {', '.join(names)}" if names else ": it is empty"


@contextmanager
def changing(place: Place, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """Where a change is to be made: the folder, and the name in it. What the system refuses is told in words."""
    if place.alone:
        raise Refused(f"Only the file {place.label} is granted: changing it needs a grant of its folder.")
    try:
        with tree.parent(place, make=make) as (holder, name):
            yield holder, name
    except OSError as error:
        raise Refused(told(error, place.label)) from error


def _target(to: Place, place: Place) -> Place:
    """A move to a folder that is there is a move into it."""
    if not to.parts:
        return to.child(place.parts[-1])
    with suppress(Refused), tree.parent(to) as (holder, name):
        found = tree.peek(holder, name)
        if found is not None and stat.S_ISDIR(found.st_mode):
            return to.child(place.parts[-1])
    return to


@contextmanager
def _filled(holder: int, data: bytes, mode: int | None) -> Iterator[str]:
    """A new file under a name of its own, which is gone again unless it was renamed."""
    name = f".llmos-{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    opened = os.open(name, flags, NEW_MODE, dir_fd=holder)
    try:
        with os.fdopen(opened, "wb", closefd=False) as file:
            if mode is not None:
                os.fchmod(opened, mode)
            file.write(data)
            file.flush()
            os.fsync(opened)
        yield name
    finally:
        found = tree.peek(holder, name)
        if found is not None and os.path.samestat(found, os.fstat(opened)):  # never what was swapped out for it
            os.unlink(name, dir_fd=holder)
        os.close(opened)


def _require_same(holder: int, name: str, before: os.stat_result, label: str) -> None:
    now = tree.look(holder, name, label)
    tree.require_plain(now, label)
    if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
        raise Refused(f"{label} was changed by somebody else meanwhile: read it again.")


def _holds(holder: int, name: str, data: bytes, before: os.stat_result) -> bool:
    if before.st_size != len(data):
        return False
    with os.fdopen(os.open(name, tree.FILE, dir_fd=holder), "rb") as file:
        return file.read() == data
