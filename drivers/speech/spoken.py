"""A text as it is said: what only the eye reads is left out, numbers, dates, addresses and abbreviations are words.

Most of it is the voice's own normaliser; here is what that leaves: markup, addresses of the web, abbreviations of
Latin, numbers too long to count, and characters that an English voice cannot say.
"""

from __future__ import annotations

import re
import unicodedata

FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
MARKS = re.compile(r"(?m)^\s{0,3}(?:#{1,6}\s+|[-*+]\s+|>\s?)|(?<!\w)[*_`~|]+(?=\S)|(?<=\S)[*_`~|]+(?!\w)")
URL = re.compile(r"\b(?:https?://|www\.)([^\s<>()\"']*[^\s<>()\"'.,;:!?])")
MAIL = re.compile(r"\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)\b")
LONG_NUMBER = re.compile(r"\d[\d,]{15,}")
LATIN = {
    "e.g.": "for example",
    "i.e.": "that is",
    "etc.": "and so on",
    "cf.": "compare",
    "vs.": "versus",
    "vs": "versus",
}
LATIN_WORDS = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, sorted(LATIN, key=len, reverse=True))) + r")(?![\w])")
PHONE = re.compile(r"(?<![\w.])\+?(?:\d{1,3}[ -])?\(\d{2,4}\)[ -]?\d{2,4}[ -]\d{2,4}\b")
WRAPPED = re.compile(r"(?<=[^\s.!?:])[ \t]*\n[ \t]*(?=[a-z0-9(])")
SIGNS = {".": " dot ", "/": " slash ", "-": " dash ", "_": " underscore ", "?": " question mark ", "=": " equals "}
SAYABLE = re.compile(r"[^\x20-\x7e\n\u00a1-\u024f\u2010-\u2027\u20a0-\u20bf\u2122\u2212°]")


def spoken(text: str) -> tuple[str, str]:
    """The text to say, line by line, and what of it cannot be said."""
    plain = unicodedata.normalize("NFC", text)
    plain = FENCE.sub(" Here is code. ", plain)
    plain = MARKS.sub("", LINK.sub(r"\1", plain))
    plain = WRAPPED.sub(" ", plain)
    plain = URL.sub(lambda found: _address(found[1]), plain)
    plain = MAIL.sub(lambda found: f"{_address(found[1])} at {_address(found[2])}", plain)
    plain = PHONE.sub(lambda found: ", ".join(re.findall(r"\d", found[0])), plain)
    plain = LONG_NUMBER.sub(lambda found: " ".join(found[0].replace(",", "")), plain)
    plain = LATIN_WORDS.sub(lambda found: LATIN[found[1]] + _stop(found), plain)
    return _sayable(plain.replace("_", " "))


def _sayable(text: str) -> tuple[str, str]:
    """Letters of other scripts are named as left out; emoji and control characters are no loss."""
    left = [char for char in SAYABLE.findall(text) if unicodedata.category(char)[0] in "LN"]
    said = SAYABLE.sub(" ", text.replace("\r", "\n").replace("\t", " "))
    lines = [" ".join(line.split()) for line in said.split("\n")]
    return "\n".join(line for line in lines if any(char.isalnum() for char in line)), "".join(dict.fromkeys(left))


def _address(text: str) -> str:
    return " ".join("".join(SIGNS.get(char, char) for char in text).split())


def _stop(found: re.Match[str]) -> str:
    """An abbreviation's point also ends the sentence when nothing follows."""
    return "." if found[1].endswith(".") and not found.string[found.end() :].strip() else ""
