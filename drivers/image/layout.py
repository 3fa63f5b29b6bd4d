"""Reading order and the tree of rows and columns, by cutting the page where it is blank."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from drivers.image.elements import Element
from drivers.image.geometry import Box, around

HELD = 0.7  # the share of a thing that lies in the card it belongs to
TOLERANCE = 0.18  # share of a box, at either end, that may reach into its neighbour's row or column


@dataclass(frozen=True)
class Group:
    """Several things side by side (row), one above the other (column), or so within a frame of their own (card)."""

    type: Literal["row", "column", "card"]
    children: tuple[Node, ...]


Node = Element | Group
Span = Callable[[Box], tuple[float, float]]


def arrange(elements: list[Element], cards: Iterable[Box] = ()) -> Group:
    """The page as a column; every element is in it once. `cards` are frames that hold several things together."""
    nodes = _with_their_captions(elements)
    for card in sorted(cards, key=lambda box: box.area):
        held = [node for node in nodes if _box(node).inside(card) > HELD]
        if 1 < len(held) < len(nodes):
            inside = {id(node) for node in held}
            nodes = [*(node for node in nodes if id(node) not in inside), Group("card", _rows(held))]
    return Group("column", _rows(nodes))


def _rows(nodes: list[Node]) -> tuple[Node, ...]:
    return tuple(_row(row) for row in _cut(nodes, _vertical))


def in_order(node: Node) -> Iterator[Element]:
    """The elements in the order one reads them."""
    if isinstance(node, Element):
        yield node
        return
    for child in node.children:
        yield from in_order(child)


def _with_their_captions(elements: list[Element]) -> list[Node]:
    """A field and the text above it stay together; the rest stands alone."""
    pairs = {id(e.caption): e for e in elements if e.caption and e.caption.box.bottom < e.box.y}
    paired = {id(e) for e in pairs.values()}
    atoms: list[Node] = []
    for element in elements:
        if id(element) in pairs:
            atoms.append(Group("column", (element, pairs[id(element)])))
        elif id(element) not in paired:
            atoms.append(element)
    return atoms


def _stack(nodes: list[Node]) -> Node:
    """What no cut separates, from the top down."""
    return Group("column", tuple(sorted(nodes, key=lambda n: (_box(n).y, _box(n).left))))


def _row(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    columns = _cut(nodes, _horizontal)
    if len(columns) == 1:
        return _stack(nodes)
    return Group("row", tuple(_column(column) for column in columns))


def _column(nodes: list[Node]) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    return _stack(nodes) if len(_cut(nodes, _vertical)) == 1 else Group("column", _rows(nodes))


def _cut(nodes: list[Node], span: Span) -> list[list[Node]]:
    """Groups whose spans, a little shortened, do not touch."""
    groups: list[list[Node]] = []
    end = float("-inf")
    thinnest = min((stop - start for start, stop in (span(_box(n)) for n in nodes)), default=0.0)
    for node in sorted(nodes, key=lambda n: _shortened(*span(_box(n)), thinnest)):
        start, stop = _shortened(*span(_box(node)), thinnest)
        if start >= end or not groups:
            groups.append([])
        groups[-1].append(node)
        end = max(end, stop)
    return groups


def _shortened(start: float, stop: float, thinnest: float) -> tuple[float, float]:
    slack = TOLERANCE * min(stop - start, 2 * thinnest)
    return start + slack, stop - slack


def _vertical(box: Box) -> tuple[float, float]:
    return box.top, box.bottom


def _horizontal(box: Box) -> tuple[float, float]:
    return box.left, box.right


def _box(node: Node) -> Box:
    return node.box if isinstance(node, Element) else around(_box(child) for child in node.children)
