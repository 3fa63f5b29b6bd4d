"""edit: one text in a file replaced by another. It must be there exactly once.

A small model can copy a few lines exactly. It cannot count lines, which a unified diff asks for: a diff with a wrong
count is either refused or applied somewhere else.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass

from drivers.files import documents, tree
from drivers.files.encoding import Encoding, encoding_of
from drivers.files.reading import content, what_it_is
from drivers.files.refusal import Refused
from drivers.files.roots import Place
from drivers.files.writing import changing, put

MAX_BYTES = 8 * 2**20
MAX_NEAR_LINES = 20_000
MAX_SHOWN_LINES = 12
CONTEXT_LINES = 1


@dataclass(frozen=True)
class Text:
    """What a file says, with line ends as the model writes them."""

    text: str
    encoding: Encoding
    is_crlf: bool

    def encoded(self, text: str, label: str) -> bytes:
        return self.encoding.encode(text.replace("\n", "\r\n") if self.is_crlf else text, label)


def edit(place: Place, old: str, new: str) -> str:
    with changing(place) as (holder, name):
        before = tree.look(holder, name, place.label)
        said = _read(holder, name, place.label)
        changed = replaced(said.text, _plain(old), _plain(new), place.label)
        put(place, holder, name, said.encoded(changed, place.label), before)
    return f"Changed {place.label}; restore takes it back. It now says:\n{_around(said.text, changed)}"


def replaced(text: str, old: str, new: str, label: str) -> str:
    """Raises Refused, with what to do next, unless `old` is in the text exactly once."""
    if not old:
        raise Refused("Say in old which text to replace, or use write to make a file.")
    if old == new:
        raise Refused("The old and the new text are the same: nothing was changed.")
    places = _places(text, old)
    if len(places) > 1:
        numbers = ", ".join(str(text.count("\n", 0, at) + 1) for at in places[:5])
        raise Refused(
            f"This text is in {label} {len(places)} times, in lines {numbers}: give old with more of what is around it."
        )
    if not places:
        raise Refused(f"This text is not in {label}{_nearest(text, old)}.")
    return text[: places[0]] + new + text[places[0] + len(old) :]


def _read(holder: int, name: str, label: str) -> Text:
    opened = tree.open_file(holder, name, label)
    try:
        data = content(opened, MAX_BYTES, label)
    finally:
        os.close(opened)
    kind = documents.format_of(name, data[:1024])
    if kind is not None and not kind.is_text:
        raise Refused(f"{label} is a {kind.title}, and only text can be edited: write a new file instead.")
    encoding = encoding_of(data)
    if encoding is None:
        raise Refused(f"{label} is {what_it_is(data)}, and only text can be edited.")
    text = encoding.decode(data)
    if encoding.encode(text, label) != data:
        raise Refused(f"{label} holds bytes that are no {encoding.name} text: it was left as it was.")
    is_crlf = "\r\n" in text and text.count("\r\n") == text.count("\n")
    return Text(text.replace("\r\n", "\n") if is_crlf else text, encoding, is_crlf)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _places(text: str, old: str) -> list[int]:
    """Where it begins, overlaps included: which of two overlapping ones is meant cannot be known."""
    found: list[int] = []
    at = text.find(old)
    while at >= 0 and len(found) < 1000:
        found.append(at)
        at = text.find(old, at + 1)
    return found


def _nearest(text: str, old: str) -> str:
    """The lines that are most like the first line of what was asked for."""
    lines = text.split("\n")[:MAX_NEAR_LINES]
    wanted = next((line.strip() for line in old.split("\n") if line.strip()), "")
    near = difflib.get_close_matches(wanted, [line.strip() for line in lines], 1, 0.5)
    if not near:
        return ": read it, and copy the text exactly"
    number = next(number for number, line in enumerate(lines, 1) if line.strip() == near[0])
    return f"; line {number} is most like it: copy it exactly: {lines[number - 1][:300]!r}"


def _around(before: str, after: str) -> str:
    """The lines that changed, with one more on each side."""
    old, new = before.split("\n"), after.split("\n")
    same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(new) - 1)
    tail = 0
    while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    first, last = max(0, same - CONTEXT_LINES), min(len(new), len(new) - tail + CONTEXT_LINES)
    return "\n".join(new[first : min(last, first + MAX_SHOWN_LINES)])
