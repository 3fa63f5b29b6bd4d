"""`see`: the whole way from a picture to the page drawn on it, as plain values for JSON."""

from __future__ import annotations

from typing import Any

from drivers.image.describe import describe
from drivers.image.elements import Element, fuse
from drivers.image.geometry import Box
from drivers.image.layout import Group, Node, arrange, in_order
from drivers.image.picture import Picture
from drivers.image.reading import Line, read
from drivers.image.shapes import detect

Json = dict[str, Any]
NOTHING = "No drawn page was found: there are no boxes and no readable text on this picture."


def see(picture: Picture) -> Json:
    picture = picture.flat()
    shapes = detect(picture)
    elements = fuse(shapes, read(picture, shapes))
    size: Json = {"width": picture.width, "height": picture.height}
    if not elements:
        return {
            "kind": "none",
            "reason": NOTHING,
            **size,
            "elements": [],
            "layout": _tree(arrange([]), {}),
            "text": NOTHING,
        }
    page = arrange(elements)
    ids = {id(element): number for number, element in enumerate(in_order(page), 1)}
    return {
        "kind": "page",
        **size,
        "elements": [_element(e, ids, picture) for e in in_order(page)],
        "layout": _tree(page, ids),
        "text": describe(page, ids),
    }


def ocr(picture: Picture) -> Json:
    lines = read(picture, [])
    return {
        "width": picture.width,
        "height": picture.height,
        "lines": [_line(line, picture) for line in lines],
        "text": "\n".join(line.text for line in lines),
    }


def _element(element: Element, ids: dict[int, int], picture: Picture) -> Json:
    plain: Json = {
        "id": ids[id(element)],
        "class": element.cls,
        "box": _fractions(element.box, picture),
        "text": element.text,
        "score": round(element.score, 3),
    }
    if element.caption is not None:
        plain["caption"] = ids[id(element.caption)]
    if element.checked is not None:
        plain["checked"] = element.checked
    return plain


def _line(line: Line, picture: Picture) -> Json:
    return {"text": line.text, "box": _fractions(line.box, picture), "score": round(line.score, 3)}


def _fractions(box: Box, picture: Picture) -> dict[str, float]:
    part = picture.fractions(box)
    sides = {"left": part.left, "top": part.top, "width": part.width, "height": part.height}
    return {name: round(value, 4) for name, value in sides.items()}


def _tree(node: Node, ids: dict[int, int]) -> Json:
    if isinstance(node, Group):
        return {"type": node.type, "children": [_tree(child, ids) for child in node.children]}
    return {"type": "element", "id": ids[id(node)]}
