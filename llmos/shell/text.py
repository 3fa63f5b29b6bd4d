"""Text from outside made safe to show: it cannot act on the terminal, hide, or break the layout.

Covers: control characters and terminal escapes (shown as pictures, `␛[31m`), bidirectional overrides, zero-width and
tag characters, private and unassigned ones (shown as `⟨U+202E⟩`), towers of combining marks, and lines and texts
without end (cut, with a word how much is missing). Joiners inside a script that needs them stay. What is copied is
always the text as it came.
Does not cover: letters that look like other letters.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size

MAX_LINE_CHARS = 4_000
MAX_CHARS = 200_000
MAX_MARKS = 4  # on one letter; Vietnamese and Thai need up to 2, pointed Hebrew 3

_JOINERS = "\u200c\u200d"
_KEPT = frozenset("\n\t")


class Cleaner:
    """Makes a text safe that comes in pieces; the pieces together give what the whole would."""

    def __init__(self, max_line_chars: int = MAX_LINE_CHARS, max_chars: int = MAX_CHARS) -> None:
        self._max_line_chars, self._max_chars = max_line_chars, max_chars
        self._last = ""
        self._marks = self._column = self._shown = 0
        self._cut = False

    def add(self, text: str) -> str:
        if self._shown >= self._max_chars:
            return self._end()
        if text.isascii() and text.isprintable() and self._column + len(text) <= self._max_line_chars:
            return self._plain(text)
        return "".join(map(self._letter, text[: self._max_chars - self._shown]))

    def _plain(self, text: str) -> str:
        if text:
            self._column += len(text)
            self._shown += len(text)
            self._last, self._marks = text[-1], 0
        return text

    def _letter(self, letter: str) -> str:
        self._shown += 1
        before, self._last = self._last, letter
        if letter == "\n":
            self._column, self._marks = 0, 0
            return letter if before != "\r" else ""
        self._column += 1
        if self._column > self._max_line_chars:
            return " …⟨the line goes on⟩" if self._column == self._max_line_chars + 1 else ""
        if letter == "\r":
            self._column = 0
            return "\n"
        if letter in _JOINERS:
            return _joiner(letter, before)
        if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me"):
            self._marks += 1
            return shown(letter) if self._marks <= MAX_MARKS else ""
        self._marks = 0
        return shown(letter)

    def _end(self) -> str:
        if self._cut:
            return ""
        self._cut = True
        return "\n\n…⟨the text goes on; it can be copied whole⟩"


def clean(text: str, max_line_chars: int = MAX_LINE_CHARS, max_chars: int = MAX_CHARS) -> str:
    """A whole text, made safe to show."""
    cleaner = Cleaner(max_line_chars, max_chars)
    return cleaner.add(text) + (cleaner.add("") if len(text) > max_chars else "")


def one_line(text: str, max_chars: int = 160) -> str:
    """The beginning of a text, safe and on one line."""
    flat = " ".join(clean(text[: 4 * max_chars]).split())
    return flat if len(flat) <= max_chars and len(text) <= 4 * max_chars else f"{flat[:max_chars]}…"


@lru_cache(maxsize=4096)
def shown(letter: str) -> str:
    """One character, or what is shown in its place."""
    if letter in _KEPT or (letter.isascii() and letter.isprintable()):
        return letter
    code, category = ord(letter), unicodedata.category(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if "FILLER" in unicodedata.name(letter, ""):
        return _named(letter)
    if letter == "\ufe0f":  # asks for a wide picture, which terminals measure in different ways
        return ""
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return _named(letter)
    if category not in ("Mn", "Me", "Mc") and get_character_cell_size(letter) < 1:
        return _named(letter)
    return letter


def _named(letter: str) -> str:
    return f"⟨U+{ord(letter):04X}⟩"


def _joiner(letter: str, before: str) -> str:
    """Kept where it is a matter of spelling, as in Persian and Hindi; dropped between emoji, whose joint width no two
    terminals agree on; shown anywhere else."""
    category = unicodedata.category(before or " ")
    if ord(before or " ") >= 0x600 and category in ("Lo", "Mn", "Mc") and before != "\ufe0f":
        return letter
    return "" if category in ("So", "Sk") or before == "\ufe0f" else _named(letter)


def typed(text: str) -> str:
    """A pasted or recalled text as it may stand in the prompt: without what cannot be seen."""
    flat = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        letter if letter.isprintable() or letter in _KEPT or letter in _JOINERS else " "
        for letter in flat
        if unicodedata.category(letter) not in ("Cc", "Cf", "Cs") or letter in _KEPT or letter in _JOINERS
    )
