"""Opens what a place names, one name after the other, and follows no link: races and links lead nowhere else.

Each name is opened in the folder that the name before it opened, so what somebody swaps meanwhile is either opened as
the plain file or folder it now is, inside the granted folder, or refused.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches

from drivers.files.refusal import Refused, shown, told
from drivers.files.roots import Place

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
PASS = getattr(os, "O_PATH", 0)  # to go through a folder that may not be looked into
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
SPECIAL = {
    stat.S_ISLNK: "a link, which is not followed: name what it leads to instead",
    stat.S_ISDIR: "a folder: name a file in it, or use list",
    stat.S_ISFIFO: "a pipe between programs and not a file: choose another one",
    stat.S_ISSOCK: "a socket and not a file: choose another one",
    stat.S_ISCHR: "a device and not a file: choose another one",
    stat.S_ISBLK: "a device and not a file: choose another one",
}


@contextmanager
def folder(place: Place, *, make: bool = False) -> Iterator[int]:
    """A descriptor of the folder that a place names; with `make`, folders that are missing are made."""
    opened = _root(place)
    try:
        for number, part in enumerate(place.parts):
            name = "/".join(place.parts[: number + 1])
            inner = _enter(opened, part, shown(name), make=make)
            os.close(opened)
            opened = inner
        yield opened
    finally:
        os.close(opened)


@contextmanager
def parent(place: Place, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """The folder that holds what a place names, and the name as it is spelled there."""
    if not place.parts:
        raise Refused(f"{place.label} is the granted folder itself: name something in it.")
    with folder(place.parent, make=make) as opened:
        yield opened, spelled(opened, place.parts[-1])


@contextmanager
def file(place: Place) -> Iterator[int]:
    """A descriptor of the plain file that a place names, to be read."""
    with parent(place) as (holder, name):
        opened = open_file(holder, name, place.label)
    try:
        yield opened
    finally:
        os.close(opened)


def open_file(holder: int, name: str, label: str) -> int:
    """Raises Refused for anything but a plain file that has no second name elsewhere."""
    require_plain(look(holder, name, label), label)  # before it is opened: opening a device does something
    try:
        opened = os.open(name, FILE, dir_fd=holder)
    except OSError as error:
        raise Refused(told(error, label)) from error
    try:
        found = os.fstat(opened)
        require_plain(found, label)
        if found.st_nlink > 1:
            raise Refused(f"{label} has a second name (a hard link), perhaps elsewhere: ask the user to copy it.")
    except Refused:
        os.close(opened)
        raise
    return opened


def require_plain(found: os.stat_result, label: str) -> None:
    for is_kind, words in SPECIAL.items():
        if is_kind(found.st_mode):
            raise Refused(f"{label} is {words}.")


def look(holder: int, name: str, label: str) -> os.stat_result:
    """What a name in a folder is, itself and not what it leads to. Raises Refused when there is none."""
    found = peek(holder, name)
    if found is None:
        raise Refused(f"There is no {label}{_meant(holder, name)}.")
    return found


def peek(holder: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=holder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(told(error, shown(name))) from error


def spelled(holder: int, name: str) -> str:
    """The name as the disk has it: as given, or the one that looks the same in another Unicode form."""
    if name.isascii() or peek(holder, name) is not None:
        return name
    normal = unicodedata.normalize("NFC", name)
    with suppress(OSError):
        alike = [one for one in names(holder) if unicodedata.normalize("NFC", one) == normal]
        return alike[0] if len(alike) == 1 else name
    return name


def visible(holder: int) -> list[str]:
    return [name for name in names(holder) if not name.startswith(".")]


def names(holder: int) -> list[str]:
    return os.listdir(holder)  # noqa: PTH208 - pathlib opens no descriptors


def _root(place: Place) -> int:
    try:
        return os.open(place.root, FOLDER | PASS if place.alone else FOLDER)
    except FileNotFoundError:
        raise Refused(f"The granted folder {shown(str(place.root))} is not there: ask the user to make it.") from None
    except OSError as error:
        raise Refused(told(error, shown(str(place.root)))) from error


def _enter(holder: int, part: str, label: str, *, make: bool) -> int:
    name = spelled(holder, part)
    try:
        if make and peek(holder, name) is None:
            os.mkdir(name, dir_fd=holder)
        return os.open(name, FOLDER, dir_fd=holder)
    except FileNotFoundError:
        raise Refused(f"There is no folder {label}{_meant(holder, name)}.") from None
    except OSError as error:
        found = peek(holder, name)
        if found is not None and stat.S_ISLNK(found.st_mode):
            raise Refused(f"{label} is {SPECIAL[stat.S_ISLNK]}.") from error
        if found is not None and not stat.S_ISDIR(found.st_mode):
            raise Refused(f"{label} is a file and not a folder: name a folder.") from error
        raise Refused(told(error, label)) from error


def _meant(holder: int, name: str) -> str:
    """What else is there, for who misspelled it."""
    with suppress(OSError):
        return _like(visible(holder), name)
    return ": look with list"


def _like(there: list[str], name: str) -> str:
    close = [one for one in there if one.casefold() == name.casefold()] or get_close_matches(name, there, 3, 0.6)
    return f"; there is {' and '.join(shown(one) for one in close)}" if close else ": look with list"
