"""How alike short texts are: by meaning where there is an embedding model, else by the words and letters they share."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from llmos.contracts import Embedder
from llmos.errors import EngineError, ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

WORD = 1.0
LETTERS = 0.3  # three letters in a row; they find "subtract" in "subtracting"


class Likeness:
    """Keeps the vectors of the texts that are compared with, as they are the same for each message."""

    def __init__(self, embedder: Embedder | None = None, file: Path | None = None) -> None:
        """`file` keeps them for the next time."""
        self._embedder = embedder
        self._file = file
        self._vectors: dict[str, Vector] = {}

    async def of(self, text: str, others: Sequence[str]) -> tuple[list[float], str]:
        """A number up to 1 for each of the others, and how it was found: "meaning" or "words"."""
        if self._embedder is not None:
            try:
                return await self._by_meaning(self._embedder, text, others), "meaning"
            except (EngineError, ModelError):  # words still tell
                pass
        return by_words(text, others), "words"

    async def _by_meaning(self, embedder: Embedder, text: str, others: Sequence[str]) -> list[float]:
        import numpy as np

        if not self._vectors:
            self._vectors = _read(self._file, embedder.model)
        new = [other for other in dict.fromkeys(others) if other not in self._vectors]
        vector, *vectors = await embedder.embed([text, *new])
        self._vectors |= {other: np.asarray(one, np.float32) for other, one in zip(new, vectors, strict=True)}
        if new and self._file is not None:
            _write(self._file, embedder.model, self._vectors)
        alike = np.stack([self._vectors[other] for other in others]) @ np.asarray(vector, np.float32)
        return [float(number) for number in alike]


def _read(file: Path | None, model: str) -> dict[str, Vector]:
    """What was kept of this model; nothing where the file is none, or another model's."""
    import numpy as np

    try:
        with np.load(file or "") as kept:
            if str(kept["model"]) == model:
                return dict(zip(map(str, kept["texts"]), kept["vectors"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        pass
    return {}


def _write(file: Path, model: str, vectors: Mapping[str, Vector]) -> None:
    """A disk that cannot take it costs the next kernel the time."""
    import numpy as np

    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new.npz")
        np.savez(new, model=np.array(model), texts=np.array([*vectors]), vectors=np.stack([*vectors.values()]))
        new.replace(file)


def by_words(text: str, others: Sequence[str]) -> list[float]:
    """The cosine of what each text is made of, where what many of the others hold counts less."""
    made = [_parts(other) for other in others]
    held = Counter(part for parts in made for part in parts)

    def weighed(parts: Counter[str]) -> dict[str, float]:
        weights = {
            p: n * (LETTERS if p[0] == "#" else WORD) * math.log(1 + len(others) / (1 + held[p]))
            for p, n in parts.items()
        }
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        return {part: weight / length for part, weight in weights.items()}

    wanted = weighed(_parts(text))
    return [sum(wanted.get(part, 0.0) * weight for part, weight in weighed(parts).items()) for parts in made]


def _parts(text: str) -> Counter[str]:
    """Words, numbers as one, signs, and the letters of words three at a time."""
    words = re.findall(r"[^\W\d_]+|\d+|[^\w\s]", text.lower())
    parts = Counter("0" if word.isdecimal() else word for word in words)
    for word in words:
        padded = f" {word} "
        parts.update(f"#{padded[i : i + 3]}" for i in range(len(padded) - 2) if word.isalpha())
    return parts
