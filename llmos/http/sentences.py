"""Text that is still being written, as sentences that can be spoken."""

import re

END = re.compile(r"[.!?…]+[\"”’')\]]*(?=\s)|\n")
ABBREVIATION = re.compile(r"(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nos|vs|e\.g|i\.e|cf|approx|[A-Z])\.$")


class Sentences:
    """Give it text as it comes; it gives back each sentence once that has ended."""

    def __init__(self) -> None:
        self._held = ""

    def add(self, text: str) -> list[str]:
        self._held += text
        done: list[str] = []
        while (end := _end(self._held)) is not None:
            done.append(self._held[:end])
            self._held = self._held[end:]
        return [sentence.strip() for sentence in done if sentence.strip()]

    def rest(self) -> list[str]:
        """What was not ended; nothing is held afterwards."""
        held, self._held = self._held.strip(), ""
        return [held] if held else []


def sentences(text: str) -> list[str]:
    """A whole text's."""
    split = Sentences()
    return [*split.add(text), *split.rest()]


def _end(text: str) -> int | None:
    """Where the first sentence ends, once what follows shows that it does."""
    for found in END.finditer(text):
        after = text[found.end() :].lstrip()
        if found[0] == "\n":
            return found.end()
        if not after:
            return None
        if not after[0].islower() and not ABBREVIATION.search(text[: found.end()]):
            return found.end()
    return None
