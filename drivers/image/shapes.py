"""The eye: which drawn things are where. `detect` is the one call the rest of the driver knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from drivers.image.geometry import Box, around
from drivers.image.ink import Ink
from drivers.image.marks import has_arrow, ink_share, inner, is_crossed, plus_or_minus
from drivers.image.outlines import Outline, find_outlines
from drivers.image.picture import Picture
from drivers.image.sides import boxes_by_sides, ticked_boxes
from drivers.image.strokes import find_rules, group_prose

Kind = Literal["frame", "image", "dropdown", "tick", "radio", "plus", "minus", "rule", "prose"]

MARKS = ("tick", "radio", "plus", "minus")  # small, and told apart by what is in them
WIDEST_GAP = 7  # pixels a round mark may be open
NO_WRITING = 30.0  # pixels assumed for a letter's height on a page without any
DRAWN_IN = 0.02  # share of a frame's inside that is inked when something is drawn there
OPEN_SCORE = 0.7  # how far a box is believed that only its sides show


@dataclass(frozen=True)
class Shape:
    """A drawn thing in working pixels. `marked`: there is ink in it, such as a tick or a dot."""

    kind: Kind
    box: Box
    score: float
    marked: bool = False


def detect(picture: Picture) -> list[Shape]:
    """Everything drawn that is not writing. A trained detector can take this function's place."""
    ink = picture.ink
    unit = writing_height(ink)
    outlines = _all_outlines(ink, unit)
    shapes = [*_frames(outlines, ink, unit), *_circles(outlines, ink, unit)]
    shapes = _without_parts(shapes)
    return shapes + _lines(ink, shapes, unit)


def _all_outlines(ink: Ink, unit: float) -> list[Outline]:
    """Closed outlines, and the boxes that only their four sides show."""
    closed = [o for o in find_outlines(ink) if not o.round or o.gap <= WIDEST_GAP]
    by_sides = boxes_by_sides(ink, unit)
    ticked = [b for b in ticked_boxes(ink, unit) if not any(b.iou(s) > 0.3 for s in by_sides)]
    open_ones = [Outline(b, False, OPEN_SCORE, 0) for b in by_sides + ticked]
    return closed + [o for o in open_ones if not any(_disagree(o.box, c.box) for c in closed)]


def _disagree(box: Box, closed: Box) -> bool:
    """The same place, or one that cuts through or is filled by what is surely closed."""
    shared = box.overlap(closed) / max(1.0, min(box.area, closed.area))
    within = shared > 0.85
    return box.iou(closed) > 0.5 or (shared > 0.15 and closed.area > (0.3 if within else 0.2) * box.area)


def writing_height(ink: Ink) -> float:
    """The usual height of a tall letter or a joined word, in pixels."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink.mask, connectivity=8)
    heights = [h for _, _, w, h, _ in stats[1:count].tolist() if 3 * ink.stroke < h < ink.height / 4 and w < 8 * h]
    if not heights:
        return NO_WRITING
    usual = float(np.median(heights))
    return float(np.percentile([h for h in heights if h < 2 * usual], 75))


def _frames(outlines: list[Outline], ink: Ink, unit: float) -> list[Shape]:
    rectangles = [o for o in outlines if not o.round]
    return [shape for o in rectangles if (shape := _frame(o, rectangles, ink, unit))]


def _frame(outline: Outline, others: list[Outline], ink: Ink, unit: float) -> Shape | None:
    box = outline.box
    if is_small(box, unit):
        return _small_frame(outline, ink, unit)
    if min(box.width, box.height) < 0.55 * unit:
        return None
    if min(box.width, box.height) > 1.0 * unit and box.width < 4 * box.height and is_crossed(ink, box):
        return Shape("image", box, outline.fill)
    if box.width > 1.5 * box.height and (whole := _dropdown(box, others, ink)):
        return Shape("dropdown", whole, outline.fill)
    return Shape("frame", box, outline.fill, marked=ink_share(ink, box, 0.3 * box.height) > DRAWN_IN)


def is_small(box: Box, unit: float) -> bool:
    return max(box.width, box.height) < 1.7 * unit and 0.5 < box.width / box.height < 2.0


def _small_frame(outline: Outline, ink: Ink, unit: float) -> Shape | None:
    box = outline.box
    by_sides = not outline.gap
    smallest = max(0.6 * unit, 5 * ink.stroke) if by_sides else 0.38 * unit
    if box.height < smallest or (by_sides and _runs_on(box, ink)):
        return None
    if (sign := plus_or_minus(ink, box)) and _stands_alone(box, ink, 0.2):
        return Shape(sign, box, outline.fill)
    if not _stands_alone(box, ink, 0.4):
        return None
    middle = 1.5 * _margin(box, ink)  # a tick goes through it, a wobbling or doubled side does not reach it
    return Shape("tick", box, outline.fill, marked=ink_share(ink, box, middle) > 0.06)


def _margin(box: Box, ink: Ink) -> float:
    return max(1.5 * ink.stroke, 0.2 * min(box.width, box.height))


def _dropdown(box: Box, others: list[Outline], ink: Ink) -> Box | None:
    """The whole of a dropdown: it has a cell with an arrow at its right end, inside or beside it."""
    cells = [o.box for o in others if _ends(o.box, box) and has_arrow(ink, o.box)]
    if cells:
        return around((box, cells[0]))
    end = Box(box.right - 1.3 * box.height, box.top, box.right, box.bottom)
    return box if has_arrow(ink, end) and _is_parted(end, ink) else None


def _ends(cell: Box, box: Box) -> bool:
    inside = cell.inside(box) > 0.7 and abs(cell.right - box.right) < 0.5 * box.height
    beside = abs(cell.left - box.right) < 0.35 * box.height and cell.shared_height(box) > 0.6 * box.height
    fits = 0.5 * box.height < cell.height < 1.5 * box.height and 0.3 * box.height < cell.width < 1.9 * box.height
    fits = fits and cell.width < 0.7 * box.width
    return fits and (inside or beside)


def _is_parted(end: Box, ink: Ink) -> bool:
    """An upright line from top to bottom cuts the end off."""
    inside = inner(ink, end, 1.5 * ink.stroke)
    return bool(inside.size) and float((inside > 0).mean(axis=0)[: inside.shape[1] * 3 // 4].max()) > 0.9


def _stands_alone(box: Box, ink: Ink, gap: float) -> bool:
    """No ink to its left, as far as `gap` of its width: a letter in a word has neighbours, a box to tick has none."""
    left = round(box.left - 0.7 * ink.stroke)
    beside = ink.mask[round(box.top) : round(box.bottom), max(0, round(left - gap * box.width)) : max(0, left)]
    return float(np.count_nonzero(beside)) < 0.02 * max(beside.size, 1)


def _runs_on(box: Box, ink: Ink) -> bool:
    """The next letter follows at once, as in a word; above the middle a tick may stick out."""
    right, top = round(box.right + 0.7 * ink.stroke), round(box.y)
    return bool(ink.mask[top : round(box.bottom), right : right + round(0.2 * box.width)].any())


def _circles(outlines: list[Outline], ink: Ink, unit: float) -> list[Shape]:
    rounds = [o for o in outlines if o.round]
    large = [Shape("image", o.box, o.fill) for o in rounds if o.box.height > 2.2 * unit]
    small = [o for o in rounds if 0.33 * unit < o.box.height < 1.7 * unit]
    return large + _radios([o for o in small if _is_free(o.box, ink) and _leads(o.box, ink)], ink)


def _is_free(box: Box, ink: Ink) -> bool:
    """Nothing is joined to it: the loop of a letter has a stem or a neighbour."""
    pen = ink.stroke
    own, with_rim = (np.count_nonzero(inner(ink, box, -reach * pen)) for reach in (0.5, 2.0))
    return _stands_alone(box, ink, 0.8) and bool(with_rim < 1.15 * own)


def _leads(box: Box, ink: Ink) -> bool:
    """Something is written close to its right."""
    right = round(box.right + 2)
    return bool(ink.mask[round(box.top) : round(box.bottom), right : right + round(3 * box.width)].any())


def _radios(candidates: list[Outline], ink: Ink) -> list[Shape]:
    """Round marks that hold a dot or come in groups; a lone circle is the letter O."""
    dotted = {id(o): _has_dot(o.box, ink) for o in candidates}
    return [
        Shape("radio", o.box, o.fill, marked=dotted[id(o)])
        for o in candidates
        if dotted[id(o)] or any(o is not p and _aligned(o.box, p.box) for p in candidates)
    ]


def _has_dot(box: Box, ink: Ink) -> bool:
    inside = inner(ink, box, 0.33 * box.height)
    return bool(inside.size) and float(np.count_nonzero(inside)) / inside.size > 0.3


def _aligned(a: Box, b: Box) -> bool:
    alike = 0.6 < a.height / b.height < 1.67
    return alike and (abs(a.x - b.x) < 0.8 * a.width or abs(a.y - b.y) < 0.5 * a.height)


def _without_parts(shapes: list[Shape]) -> list[Shape]:
    """Drop what is only a piece of something larger: cells of a dropdown, triangles of a crossed box."""
    return [s for s in shapes if not any(s is not o and _is_part(s, o) for o in shapes)]


def _is_part(shape: Shape, whole: Shape) -> bool:
    if whole.box.area <= shape.box.area or shape.box.inside(whole.box) < 0.8:
        return False
    if whole.kind != "frame":
        return True
    return shape.kind in ("frame", "tick") and shape.box.height > 0.62 * whole.box.height


def _lines(ink: Ink, shapes: list[Shape], unit: float) -> list[Shape]:
    frames = [s.box for s in shapes if s.kind == "frame"]
    solid = [s.box for s in shapes if s.kind != "frame"]
    rules = find_rules(ink, frames, solid, unit)
    stacks = group_prose(rules, unit)
    prose = [Shape("prose", around(stack), 0.9) for stack in stacks]
    return prose + [Shape("rule", r, 0.9) for r in rules if not any(r in stack for stack in stacks)]
