"""What any Whisper tells of one piece of speech, whichever library runs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from drivers.speech.sound import Samples

TEMPERATURES = (0.0, 0.4, 0.8)  # tried in turn where the text is improbable
LEAST_LOGPROB, MOST_RATIO, MOST_SILENCE = -1.0, 2.4, 0.6  # what Whisper's authors hold for improbable


@dataclass(frozen=True)
class Word:
    """Times in seconds from the start of the piece."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Segment:
    """`sure` is how sure Whisper is, by its own names; `words` None where they were not asked for."""

    start: float
    end: float
    text: str
    sure: dict[str, float]
    words: list[Word] | None = None


class Ear(Protocol):
    """A loaded model. `languages` are those that it hears, `["en"]` for one that hears only English."""

    languages: list[str]

    def hear(self, samples: Samples, language: str, words: bool) -> tuple[list[Segment], str]:
        """What is said in at most 30 s, and the language of it; `language` is "" to find out."""
        ...
