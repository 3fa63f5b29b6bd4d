"""Keys that Textual reads otherwise than the shell means them."""

from __future__ import annotations

from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


def tell_alt_digits() -> None:
    """alt and a digit is that key in every terminal, as it is where the kitty protocol tells it.

    Elsewhere it comes as escape and the digit, which Textual takes for what a Mac's keyboard writes there (`¡` for 1).
    """
    sequences = cast("dict[str, object]", ANSI_SEQUENCES_KEYS)
    for digit in "123456789":
        sequences.pop(f"\x1b{digit}", None)
