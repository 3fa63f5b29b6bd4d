"""Radio buttons and check boxes that belong together, gathered under the label that names them."""

from __future__ import annotations

from llmos.pages.parts import CHOICES, Box, Leaf, Part, elements_of
from llmos.pages.seen import Element


def grouped(box: Box) -> Box:
    """The box with each run of two or more choices of one kind as a group."""
    if box.type == "row":
        return Box("row", tuple(_inside(part) for part in box.parts))
    out: list[Part] = []
    queue = [piece for part in box.parts for piece in _legend_apart(part)]
    while queue:
        run = _run(queue)
        if _num_choices(queue[:run]) < 2:
            out.append(_inside(queue.pop(0)))
            continue
        out.append(Box("group", tuple(queue[:run]), _take_legend(out)))
        del queue[:run]
    return Box(box.type, tuple(out))


def _inside(part: Part) -> Part:
    return grouped(part) if isinstance(part, Box) else part


def _legend_apart(part: Part) -> list[Part]:
    """A row of a label and then choices, as that label and the row of choices."""
    match part:
        case Box("row", (Leaf(label) as first, *rest)) if label.kind == "Label":
            if len(rest) == 1 and isinstance(rest[0], Box) and all(_kind(inner) for inner in rest[0].parts):
                return [first, *rest[0].parts]
            if len(rest) > 1 and all(_kind(other) for other in rest):
                return [first, Box("row", tuple(rest))]
    return [part]


def _kind(part: Part) -> str | None:
    """Which kind of choice a part is: a choice, a column of choices, or a row that starts with one."""
    match part:
        case Leaf(element):
            return element.kind if element.kind in CHOICES else None
        case Box("column", inner):
            return _kind(inner[0]) if all(_kind(other) for other in inner) else None
        case Box("row", (Leaf() as first, *rest)):
            return _kind(first) if all(isinstance(other, Leaf) for other in rest) else None
        case Box("row", cells):
            return _kind(cells[0]) if all(_kind(cell) for cell in cells) else None
    return None


def _run(parts: list[Part]) -> int:
    """How many of the first parts are choices of one kind, each perhaps with a note below it."""
    kind = _kind(parts[0])
    if kind is None:
        return 0
    run = 1
    while run < len(parts):
        if _kind(parts[run]) != kind and not (_is_note(parts, run) and _repeats(parts, run, kind)):
            break
        run += 1
    return run


def _is_note(parts: list[Part], at: int) -> bool:
    match parts[at - 1], parts[at]:
        case Leaf(choice), Leaf(note):
            return choice.kind in CHOICES and note.kind == "Label" and note.box.left > choice.box.left
    return False


def _repeats(parts: list[Part], at: int, kind: str) -> bool:
    """Whether more than one choice has such a note: a single one belongs to what follows."""
    after = at + 1 < len(parts) and _kind(parts[at + 1]) == kind
    before = at >= 3 and _is_note(parts, at - 2)
    return after or before


def _num_choices(parts: list[Part]) -> int:
    return sum(element.kind in CHOICES for part in parts for element in elements_of(part))


def _take_legend(before: list[Part]) -> Element | None:
    match before:
        case [*_, Leaf(element)] if element.kind == "Label":
            before.pop()
            return element
    return None
