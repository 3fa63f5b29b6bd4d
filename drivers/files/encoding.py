"""Bytes as text and back: which encoding they are in, a guess where nothing says so."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from drivers.files.refusal import Refused

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE_BYTES = 2**16
WESTERN = set("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüŒœ€£§°–—‘’“”„«»…·×¿¡©®")
MAX_WESTERN_SHARE = 0.5  # of the letters; in an alphabet of its own nearly every letter is beyond ASCII


@dataclass(frozen=True)
class Encoding:
    """`mark` is the byte order mark the file begins with; `guessed` when nothing in the file says the encoding."""

    name: str
    mark: bytes = b""
    guessed: bool = False

    @property
    def is_bytewise(self) -> bool:
        """Whether a line ends where a byte 10 is."""
        return not self.name.startswith(("utf-16", "utf-32"))

    @property
    def note(self) -> str:
        if self.name == "utf-8":
            return ""
        return f"encoding {self.name}, a guess" if self.guessed else f"encoding {self.name}"

    def decode(self, data: bytes) -> str:
        return data.removeprefix(self.mark).decode(self.name, "replace")

    def encode(self, text: str, label: str) -> bytes:
        """Raises Refused for text that this encoding has no letters for."""
        try:
            return self.mark + text.encode(self.name)
        except UnicodeEncodeError as error:
            missing = text[error.start]
            raise Refused(
                f"{label} is in the encoding {self.name}, which has no {missing!r}: use write to make it UTF-8."
            ) from None


def encoding_of(data: bytes, *, whole: bool = True) -> Encoding | None:
    """What `data`, a file or its beginning, is written in; None for what is no text."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return Encoding(name, mark)
    sample = data[:SAMPLE_BYTES]
    if b"\0" in sample:
        return _two_bytes(sample)
    if _is_utf8(data, whole=whole):
        return Encoding("utf-8") if _is_texty(sample) else None
    return _eight_bits(sample) if _is_texty(sample) else None


def _is_utf8(data: bytes, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _is_texty(sample: bytes) -> bool:
    """Text has line ends and tabs, but hardly other control characters."""
    controls = sum(sample.count(code) for code in range(32) if code not in (7, 8, 9, 10, 12, 13, 27))
    return controls * 50 <= len(sample)


def _two_bytes(sample: bytes) -> Encoding | None:
    """UTF-16 of a European language without its mark: every second byte is zero."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2 or 1
    if odd > half * 0.6 and even < half * 0.05:
        return Encoding("utf-16-le", guessed=True)
    if even > half * 0.6 and odd < half * 0.05:
        return Encoding("utf-16-be", guessed=True)
    return None


def _eight_bits(sample: bytes) -> Encoding:
    """One of the encodings from before Unicode. Short texts give a statistical guess too little to go by."""
    if _looks_western(sample):
        return Encoding("cp1252", guessed=True)
    from charset_normalizer import from_bytes  # takes 40 ms to load

    best = from_bytes(sample).best()
    if best is None or best.encoding.startswith(("utf_16", "utf_32")):
        return Encoding("latin-1", guessed=True)
    return Encoding(codecs.lookup(best.encoding).name, guessed=True)


def _looks_western(sample: bytes) -> bool:
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    beyond = [character for character in text if not character.isascii()]
    letters = sum(character.isalpha() for character in text)
    num_beyond = sum(character.isalpha() for character in beyond)
    return WESTERN.issuperset(beyond) and num_beyond <= max(3, letters * MAX_WESTERN_SHARE)
