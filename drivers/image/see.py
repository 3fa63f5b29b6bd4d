"""`see`: the whole way from a picture to the page drawn on it, as plain values for JSON."""

from __future__ import annotations

from typing import Any

from drivers.image.agreed import TRUST, Sight, agreed, is_hinted, is_letter
from drivers.image.describe import describe
from drivers.image.elements import TYPED, Element, fuse, in_menus, is_placeholder, with_captions
from drivers.image.eye.classes import HOLDERS, TEXTS
from drivers.image.geometry import Box
from drivers.image.glance import glance
from drivers.image.layout import HELD, Group, Node, arrange, in_order
from drivers.image.picture import Picture
from drivers.image.reading import Line, read
from drivers.image.shapes import MARKS, detect
from drivers.image.states import with_states

Json = dict[str, Any]
SIGNS = ("Icon", "Divider")  # of which alone no page is made
NOTHING = "No drawn page was found: there are no boxes and no readable text on this picture."


def see(picture: Picture) -> Json:
    picture = picture.flat()
    sights = glance(picture.rgb)
    areas = [one for one in sights or () if one.cls in HOLDERS and one.score >= TRUST.new]
    elements = _elements(picture, sights, areas)
    size: Json = {"width": picture.width, "height": picture.height}
    if all(element.cls in SIGNS for element in elements):
        return {
            "kind": "none",
            "reason": NOTHING,
            **size,
            "elements": [],
            "areas": [],
            "layout": _tree(arrange([]), {}),
            "text": NOTHING,
        }
    page = arrange(elements, (one.box for one in areas if one.cls == "Card"))
    ids = {id(element): number for number, element in enumerate(in_order(page), 1)}
    return {
        "kind": "page",
        **size,
        "elements": [_element(e, ids, picture) for e in in_order(page)],
        "areas": [_area(one, elements, ids, picture) for one in areas],
        "layout": _tree(page, ids),
        "text": describe(page, ids),
    }


def _elements(picture: Picture, sights: list[Sight] | None, areas: list[Sight]) -> list[Element]:
    drawn = detect(picture)
    if sights is None:
        found = fuse(drawn, read(picture, drawn))
    else:
        drawn = [shape for shape in drawn if not is_letter(shape, sights)]
        # an outline that the eye has no hint of would take the words within with it
        things = [one for one in sights if one.cls not in TEXTS and (one.cls not in HOLDERS or one.score >= TRUST.new)]
        outlines = [shape for shape in drawn if shape.kind in (*MARKS, "rule") or is_hinted(shape.box, things)]
        found = agreed(fuse(outlines, read(picture, drawn)), sights)
    menus = [one.box for one in areas if one.cls == "Navigation"]
    return with_captions(with_states(in_menus(found, menus), picture.ink))


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
    if element.perhaps and element.perhaps != element.cls:  # more may have been known of it since
        plain["perhaps"] = element.perhaps
    if element.cls in TYPED and element.text:
        plain["placeholder"] = is_placeholder(element.text)
    return plain


def _area(area: Sight, elements: list[Element], ids: dict[int, int], picture: Picture) -> Json:
    """What holds several elements, and which."""
    held = sorted(ids[id(e)] for e in elements if e.box.inside(area.box) > HELD)
    return {
        "class": area.cls,
        "box": _fractions(area.box, picture),
        "elements": held,
        "score": round(area.score, 3),
    }


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
