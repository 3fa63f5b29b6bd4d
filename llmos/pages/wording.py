"""Comparing and shortening words: how near a text is to what was read, and names made from it."""

import re
import unicodedata
from difflib import SequenceMatcher

NEAR = 0.74  # what is less alike than this was not corrected but replaced
NEAR_WORD = 0.5  # the same of a single word


def similarity(one: str, other: str) -> float:
    """0 to 1, without regard to case, spaces and punctuation."""
    one, other = _letters(one), _letters(other)
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if one or other else 1.0


def is_faithful(written: str, read: str) -> bool:
    """Whether a text can be a corrected reading of another: near to it, the same digits, and no words of its own."""
    if similarity(written, read) < NEAR or re.findall(r"\d", written) != re.findall(r"\d", read):
        return False
    words, read_words = written.split(), read.split()
    if len(words) > len(read_words) and len(_letters(written)) > len(_letters(read)):
        return False
    return all(_letters(word) in _letters(read) or _is_like_one(word, read_words) for word in words)


def _is_like_one(word: str, others: list[str]) -> bool:
    return max(similarity(word, other) for other in others) >= NEAR_WORD


def slug(text: str, separator: str = "_", longest: int = 32) -> str:
    """ASCII letters, digits and separators; empty when the text has none of the former."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", ascii_text.replace("'", ""))
    name = ""
    for word in words:
        if name and len(name) + len(separator) + len(word) > longest:
            break
        name += (separator if name else "") + word
    return name[:longest]


class Names:
    """Hands out each name once."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def unique(self, wanted: str, separator: str = "_") -> str:
        name, number = wanted, 2
        while name in self._given:
            name, number = f"{wanted}{separator}{number}", number + 1
        self._given.add(name)
        return name


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
