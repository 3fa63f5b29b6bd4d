"""What `image.see` was unsure of, told to a person, and what a person says of it."""

from __future__ import annotations

import re
from typing import Any

from llmos.contracts import Json
from llmos.pages.built import AS
from llmos.pages.seen import KINDS
from llmos.pages.wording import similarity

MOST = 3
WORDS = {
    "Label": "label",
    "Heading": "heading",
    "Paragraph": "paragraph",
    "Link": "link",
    "Button": "button",
    "TextBox": "text box",
    "TextArea": "text area",
    "ComboBox": "drop-down",
    "CheckBox": "check box",
    "RadioButton": "radio button",
    "Toggle": "switch",
    "Slider": "slider",
    "Image": "image",
}
ALSO = {"dropdown": "ComboBox", "checkbox": "CheckBox", "input": "TextBox", "picture": "Image", "toggle": "Toggle"}
KIND_OF = {word: kind for kind, word in WORDS.items()} | ALSO
WRITING = ("Label", "Heading", "Paragraph")
CHECKED = ("CheckBox", "RadioButton", "Toggle")
FIELDS = ("TextBox", "TextArea", "ComboBox", "Slider", "Toggle")
ALIKE = 0.8
SAID = re.compile(
    rf"""(?:\band\s+)?(?:["“„](?P<quoted>[^"”“\n]+)["”“]|(?P<bare>[^".;\n]+?))\s+is\s+an?\s+(?P<kind>{"|".join(KIND_OF)})\b[.;,]?""",
    re.IGNORECASE,
)
NUMBER = re.compile(r"number (?P<id>\d+)", re.IGNORECASE)


def doubts(seen: dict[str, Any]) -> list[str]:
    """At most MOST sentences; first what changes how a control works, then the least sure."""
    unsure = [entry for entry in seen["elements"] if _matters(entry)]
    unsure.sort(key=lambda entry: (_is_writing(entry), entry["score"]))
    texts = [entry["text"] for entry in seen["elements"]]
    return [_told(entry, is_named=texts.count(entry["text"]) == 1) for entry in unsure[:MOST]]


def corrected(seen: dict[str, Any], said: str) -> tuple[dict[str, Any], str]:
    """`seen` with the kinds that a person gave its elements, as in `"Cart" is a label`, and what else was said."""
    elements = {entry["id"]: entry for entry in seen["elements"]}

    def take(found: re.Match[str]) -> str:
        entry = _named(found["quoted"] or found["bare"], seen["elements"])
        if entry is None:
            return found[0]
        elements[entry["id"]] = _turned(entry, KIND_OF[found["kind"].lower()])
        return ""

    rest = " ".join(SAID.sub(take, said).split())
    labels = {id for id, entry in elements.items() if entry["class"] == "Label"}
    named = [entry if entry.get("caption") in labels else _without(entry, "caption") for entry in elements.values()]
    return {**seen, "elements": named}, rest


def _matters(entry: Json) -> bool:
    kind, other = (AS.get(name, name) for name in (entry["class"], entry.get("perhaps")))
    return kind != other and kind in KINDS and other in KINDS


def _is_writing(entry: Json) -> bool:
    return entry["class"] in WRITING and entry["perhaps"] in WRITING


def _told(entry: Json, *, is_named: bool) -> str:
    words = entry["text"].replace('"', "'")
    name = f'"{words}"' if words and is_named else f"number {entry['id']}"
    kind, other = (_with_article(WORDS.get(entry[key], "image")) for key in ("class", "perhaps"))
    return f"{name} was taken for {kind}; if it is {other}, send the picture again and say: {name} is {other}."


def _with_article(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _named(what: str, elements: list[Json]) -> Json | None:
    """The element that has this number or, most nearly, these words."""
    if number := NUMBER.fullmatch(what.strip()):
        return next((entry for entry in elements if entry["id"] == int(number["id"])), None)
    worded = [entry for entry in elements if entry["text"]]
    best = max(worded, key=lambda entry: similarity(what, entry["text"]), default=None)
    return best if best and similarity(what, best["text"]) >= ALIKE else None


def _turned(entry: Json, kind: str) -> Json:
    """The same element as another kind: only fields have captions, and only choices are checked."""
    turned = {**_without(entry, "perhaps"), "class": kind}
    if kind not in FIELDS:
        turned = _without(turned, "caption")
    return turned if kind in CHECKED else _without(turned, "checked")


def _without(entry: Json, key: str) -> Json:
    return {name: value for name, value in entry.items() if name != key}
