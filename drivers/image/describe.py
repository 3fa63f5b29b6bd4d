"""The page in few words, for a small language model: one line an element, what stands in a row together."""

from __future__ import annotations

from collections.abc import Iterator

from drivers.image.elements import FIELDS, Element
from drivers.image.layout import Group, Node


def describe(page: Group, ids: dict[int, int]) -> str:
    return "\n".join(line for child in page.children for line in _lines(child, ids, 0))


def _lines(node: Node, ids: dict[int, int], depth: int) -> Iterator[str]:
    indent = "  " * depth
    if isinstance(node, Element):
        yield f"{indent}{ids[id(node)]}. {_words(node, ids)}"
        return
    if node.type != "column" or depth:
        yield f"{indent}{node.type}:"
    for child in node.children:
        yield from _lines(child, ids, depth + 1)


def _words(element: Element, ids: dict[int, int]) -> str:
    said: str = element.cls
    if element.text:
        said += f' "{element.text}"'
    if element.cls in FIELDS and element.caption is not None:
        said += f" for {ids[id(element.caption)]}"
    if element.checked is not None:
        said += " checked" if element.checked else " unchecked"
    return said
