"""Tokens to text, piece by piece: whole characters only, and nothing of a stop word."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field

from llguidance import LLTokenizer


@dataclass
class TextStream:
    """The text of one answer as it grows."""

    vocabulary: LLTokenizer
    stops: tuple[str, ...] = ()
    stopped: bool = False
    _held: str = ""
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def add(self, token: int) -> str:
        """The text that is certain after `token`; empty while a character or a possible stop word is incomplete."""
        self._held += self._decoder.decode(self.spelled(token))
        return self._certain()

    def rest(self) -> str:
        """What was held back, at the end of the answer."""
        self._held += self._decoder.decode(b"", final=True)
        said = self._certain()
        if self.stopped:
            return said
        said, self._held = said + self._held, ""
        return said

    def spelled(self, token: int) -> bytes:
        return b"" if self.vocabulary.is_special_token(token) else self.vocabulary.decode_bytes([token])

    def _certain(self) -> str:
        found = [place for stop in self.stops if (place := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            said, self._held = self._held[: min(found)], ""
            return said
        kept = max((_overlap(self._held, stop) for stop in self.stops), default=0)
        cut = len(self._held) - kept
        said, self._held = self._held[:cut], self._held[cut:]
        return said


def _overlap(text: str, stop: str) -> int:
    """How much of the end of `text` is the beginning of `stop`."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:size])), 0)
