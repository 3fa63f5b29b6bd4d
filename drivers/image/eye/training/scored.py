"""How much of what is on pages was seen, counted as object detection does."""

from __future__ import annotations

import numpy as np

from drivers.image.eye.peaks import Seen, overlaps
from drivers.image.eye.training.page import Mark

ENOUGH = 0.5  # intersection over union


def f1(pages: list[tuple[list[Mark], list[Seen]]], *, with_class: bool) -> float:
    """Of all pages together, each a pair of what is there and what was seen."""
    hits = sum(_hits(marks, seen, with_class) for marks, seen in pages)
    total = sum(len(marks) + len(seen) for marks, seen in pages)
    return 2 * hits / total if total else 0.0


def _hits(marks: list[Mark], seen: list[Seen], with_class: bool) -> int:
    """Pairs of a mark and what was seen of it, each in one pair at most, the best pairs first."""
    if not marks or not seen:
        return 0
    shared = overlaps(np.array([mark.box for mark in marks]), np.array([one.box for one in seen]))
    if with_class:
        shared *= np.array([[mark.cls == one.cls for one in seen] for mark in marks])
    used_marks: set[int] = set()
    used_seen: set[int] = set()
    for at in np.argsort(-shared, axis=None):
        mark, one = divmod(int(at), len(seen))
        if shared[mark, one] < ENOUGH:
            break
        if mark not in used_marks and one not in used_seen:
            used_marks.add(mark)
            used_seen.add(one)
    return len(used_marks)
