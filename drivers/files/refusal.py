"""What cannot be done, in one sentence that says what to do next."""

from __future__ import annotations

import errno
import unicodedata

WORDS = {
    errno.ENOSPC: "The disk is full, so {name} was left as it was: make room, then try again.",
    errno.EDQUOT: "The disk quota is used up, so {name} was left as it was: make room, then try again.",
    errno.EFBIG: "{name} would become larger than a file may be here, so it was left as it was: write less.",
    errno.EROFS: "{name} lies on a disk that can only be read: write somewhere else.",
    errno.EACCES: "{name} may not be used like this: ask the user for access to it.",
    errno.EPERM: "{name} may not be used like this: ask the user for access to it.",
    errno.ENAMETOOLONG: "{name} is too long a name: choose a shorter one.",
    errno.ENOTEMPTY: "There is something at {name} already: choose another name.",
    errno.EEXIST: "There is something at {name} already: choose another name.",
    errno.EXDEV: "{name} would have to go to another disk: write a copy there, then trash this one.",
    errno.EBUSY: "{name} is in use by the system: choose another one.",
    errno.EINVAL: "{name} cannot be moved into itself: choose another place.",
    errno.EISDIR: "{name} is a folder: name a file in it.",
    errno.ENOENT: "{name} is not there any more: look with list.",
    errno.EMFILE: "Too many folders lie within each other at {name}: name one further down.",
}
CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Refused(Exception):
    """The message is for whoever called, a small language model as a rule."""


def told(error: OSError, name: str) -> str:
    """What the system says, in words that help."""
    words = WORDS.get(error.errno or 0, "{name} cannot be used: {why}.")
    return words.format(name=name, why=(error.strerror or "the system does not say why").lower())


def shown(name: str) -> str:
    """A name as it can be shown on one line and written back in JSON: quoted with escapes where it needs them."""
    if name == name.strip() and all(_is_plain(character) for character in name):
        return name
    escaped = "".join(_escaped(character) for character in name)
    return f'"{escaped}"'


def _is_plain(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if _is_plain(character):
        return character
    return CONTROLS.get(character) or "".join(f"\\u{code:04x}" for code in _units(character))


def _units(character: str) -> list[int]:
    data = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]
