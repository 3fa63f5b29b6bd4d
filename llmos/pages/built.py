"""What the eye tells apart, as what a page is built of: a switch is a check box, a video stands as a picture."""

from __future__ import annotations

from typing import Any

from llmos.contracts import Json

AS = {"TextArea": "TextBox", "Toggle": "CheckBox", "Video": "Image", "Chart": "Image"}
LEFT_OUT = ("Icon", "Divider")  # the words beside a sign say it, and the page's own style parts its sections


def built(seen: dict[str, Any]) -> dict[str, Any]:
    """The same result with elements of the kinds that pages have, and a layout of just these."""
    known = {entry["id"]: entry for entry in seen["elements"]}
    kept = {id: _entry(entry, known) for id, entry in known.items() if entry["class"] not in LEFT_OUT}
    for entry in seen["elements"]:
        if entry["class"] == "Toggle":
            kept.pop(entry.get("caption"), None)  # its words are the check box's own
    for entry in kept.values():
        if entry.get("caption") not in kept:
            entry.pop("caption", None)
    return {**seen, "elements": list(kept.values()), "layout": _layout(seen["layout"], set(kept))}


def _entry(entry: Json, known: dict[int, Json]) -> Json:
    kind = entry["class"]
    made = {**entry, "class": AS.get(kind, kind)}
    if kind == "TextArea":
        made["multiline"] = True
    if kind == "Toggle":
        caption = known.get(made.pop("caption", None), {})
        made["text"] = made.get("text") or caption.get("text", "")
    return made


def _layout(node: Json, kept: set[int]) -> Json:
    if node["type"] == "element":
        return node
    children = [_layout(child, kept) for child in node["children"]]
    return {**node, "children": [child for child in children if child.get("children") or child.get("id") in kept]}
