"""Reading order and the tree of rows and columns, by cutting the page where it is blank."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from drivers.image.elements import Element
from drivers.image.geometry import Box, around

TOLERANCE = 0.18  # share of a box, at either end, that may reach into its neighbour's row or column


@dataclass(frozen=True)
class Group:
    """Several things side by side (row) or one above the other (column)."""

    type: Literal["row", "column"]
    children: tuple[Node, ...]


Node = Element | Group
Span = Callable[[Box], tuple[float, float]]


def arrange(elements: list[Element]) -> Group:
    """The page as a column; every element is in it once."""
    atoms = _with_their_captions(elements)
    return Group("column", tuple(_row(row) for row in _cut(atoms, _vertical)))


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
    rows = _cut(nodes, _vertical)
    if len(rows) == 1:
        return _stack(nodes)
    return Group("column", tuple(_row(row) for row in rows))


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
