"""What a visitor finds on a rendered page, and how much of a sketch that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from llmos.contracts import Json
from llmos.pages.wording import similarity

ALIKE = 0.8  # from here on two texts count as the same
TEXT = {"p", "span", "legend", "label", "li", "td", "th", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "number"}
TAGS: dict[str, set[str]] = {
    "Label": TEXT,
    "Heading": {"h1", "h2", "h3", "h4", "h5", "h6"},
    "Paragraph": {"p", "li", "blockquote"},
    "Image": {"img"},
    "Link": {"a"},
    "Button": {"button", "submit"},
    "TextBox": {"text", "email", "tel", "password", "number", "date", "time", "search", "url", "textarea"},
    "ComboBox": {"select"},
    "Slider": {"range"},
    "CheckBox": {"checkbox"},
    "RadioButton": {"radio"},
}
# Every visible element with its tag (an input's is its type) and the texts by which a visitor knows it.
COLLECT = """
() => [...document.body.querySelectorAll('*')].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width > 1 && box.height > 1;
}).map((e) => {
  const own = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join(' ').trim();
  const tag = e.localName === 'input' ? e.type : e.localName;
  if (tag === 'select') return {tag, texts: [...e.options].map((o) => o.text)};
  if (tag === 'checkbox' || tag === 'radio') return {tag, texts: [...e.labels].map((l) => l.textContent.trim())};
  if (e.localName === 'input' || tag === 'textarea') return {tag, texts: [e.placeholder, e.value]};
  return {tag, texts: tag === 'a' || tag === 'button' ? [e.textContent.trim()] : [own]};
}).filter((e) => e.tag === 'img' || e.texts.some((t) => t) || ['select', 'textarea'].includes(e.tag) || e.tag in
  {text: 1, email: 1, tel: 1, password: 1, number: 1, date: 1, time: 1, search: 1, url: 1, range: 1})
"""


@dataclass(frozen=True)
class Wanted:
    """A sketched thing. Any of `kinds` will do; an empty `text` asks for none."""

    kinds: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True)
class Shown:
    tag: str
    texts: tuple[str, ...]


def shown(collected: Json) -> list[Shown]:
    """What COLLECT returned, as values."""
    return [Shown(entry["tag"], tuple(entry["texts"])) for entry in collected]


def missing(wanted: Iterable[Wanted], page: list[Shown]) -> list[Wanted]:
    """What of the sketch is not on the page, where each element stands for one thing at most."""
    things = list(wanted)
    pairs = sorted(
        ((score, i, j) for i, thing in enumerate(things) for j, e in enumerate(page) if (score := _fit(thing, e))),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    found: set[int] = set()
    used: set[int] = set()
    for _, i, j in pairs:
        if i not in found and j not in used:
            found.add(i)
            used.add(j)
    return [thing for i, thing in enumerate(things) if i not in found]


def _fit(thing: Wanted, element: Shown) -> float:
    """0 for a wrong tag or text."""
    if not any(element.tag in TAGS[kind] for kind in thing.kinds):
        return 0.0
    if not thing.text or thing.kinds[0] == "Image":
        return 0.5
    likeness = max((_likeness(thing.text, text) for text in element.texts if text), default=0.0)
    return likeness if likeness >= ALIKE else 0.0


def _likeness(one: str, other: str) -> float:
    """Signs without letters are compared as they are."""
    return similarity(one, other) if any(map(str.isalnum, one)) else float(one.strip() == other.strip())
