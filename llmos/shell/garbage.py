"""Garbage is looked for while nobody waits: a full search takes a fifth of a second, in the middle of a word."""

from __future__ import annotations

import gc

LOOK_SECONDS = 20.0
QUIET_SECONDS = 3.0  # since the last key
THRESHOLDS = (5_000, 20, 500)  # the last: full searches that Python begins by itself become rare, not none


def defer() -> None:
    """For the whole Python process, so only where the shell is all of it."""
    gc.collect()
    gc.freeze()  # what is there by now stays; nobody looks through it again
    gc.set_threshold(*THRESHOLDS)
