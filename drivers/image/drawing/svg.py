"""SVG as data: read by expat, checked against what is known to be harmless, and written anew.

Refuses: document types and entities, processing instructions, scripts and handlers, style sheets, pictures and
anything else that refers outside the drawing, `use` of what itself uses, dashes that are too fine, and what is too
large, too deep or too much. Leaves out what it does not know. So the renderer sees only what is written here.
Does not cover: how long a drawing within these limits takes, or that it breaks the renderer; `painter.py` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, tostring
from xml.parsers import expat

from drivers.image.picture import PictureError

MAX_CHARS = 200_000
MAX_ELEMENTS = 5_000
MAX_DEPTH = 40
MAX_USES = 200
MAX_USED = 20_000  # elements drawn by all uses together
LARGEST = 1e6  # a number in a drawing
FINEST_DASH = 0.2  # of the drawing's 100: a finer one is many thousand strokes
NAMESPACE = "http://www.w3.org/2000/svg"
SHAPES = ("rect", "circle", "ellipse", "line", "polyline", "polygon", "path", "text", "tspan")
GROUPS = ("svg", "g", "defs", "symbol", "use", "clipPath", "linearGradient", "radialGradient", "stop", "title", "desc")
HOSTILE = ("script", "handler", "foreignObject", "image", "feImage", "iframe", "audio", "video", "object", "embed")
STYLING = ("style", "link", "animate", "animateMotion", "animateTransform", "set")
PLACES = "x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy width height points d transform viewBox rotate pathLength"
LOOKS = """fill stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset
stroke-opacity fill-opacity fill-rule clip-rule opacity color display visibility font-size font-family font-weight
font-style text-anchor dominant-baseline letter-spacing word-spacing text-decoration stop-color stop-opacity offset
gradientUnits gradientTransform spreadMethod clip-path clipPathUnits preserveAspectRatio id paint-order"""
KNOWN = {*PLACES.split(), *LOOKS.split()}
LINK = re.compile(r"#[\w.-]{1,100}")
URL = re.compile(r"url\(\s*['\"]?([^)'\"]*)['\"]?\s*\)", re.IGNORECASE)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
CUT_OFF = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Drawing:
    """`root` is the checked SVG with a view box that is `width` x `height` of its own units."""

    root: Element
    width: float
    height: float

    @property
    def text(self) -> str:
        return tostring(self.root, "unicode")


def check(svg: str) -> Drawing:
    """Raises PictureError with what cannot be drawn and why."""
    if not svg.strip():
        raise PictureError("The drawing is empty; send SVG.")
    if len(svg) > MAX_CHARS:
        raise PictureError(f"The drawing has more than {MAX_CHARS:,} characters; draw less.")
    root = _Reader().read(svg.strip())
    _check_uses(root)
    width, height = _size(root)
    _check_dashes(root, max(width, height))
    return Drawing(root, width, height)


@dataclass
class _Reader:
    """Builds the checked copy while expat reads. `_skipped` is how deep it is in an element that is left out."""

    root: Element | None = None
    _open: list[Element] = field(default_factory=list)
    _skipped: int = 0
    _count: int = 0

    def read(self, svg: str) -> Element:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refusal("a document type, which could hold entities")
        parser.EntityDeclHandler = _refusal("entities")
        parser.ProcessingInstructionHandler = _refusal("a processing instruction")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(CUT_OFF.sub("", svg).encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise PictureError(f"The SVG is not well formed: line {error.lineno}, {what}; mend it there.") from error
        if self.root is None:
            raise PictureError("This is no SVG; begin with <svg viewBox='0 0 400 300'>.")
        return self.root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) + self._skipped >= MAX_DEPTH:
            raise PictureError(
                f"The drawing has more than {MAX_ELEMENTS:,} elements or is nested too deeply; draw less."
            )
        if tag in (*HOSTILE, *STYLING):
            raise PictureError(f"The drawing holds <{tag}>, which is not drawn here; use shapes, text and gradients.")
        if not self._open and tag != "svg":
            raise PictureError("This is no SVG; begin with <svg viewBox='0 0 400 300'>.")
        if self._skipped or space not in ("", NAMESPACE) or tag not in (*SHAPES, *GROUPS):
            self._skipped += 1
            return
        kept = _attributes(tag, attributes)
        element = SubElement(self._open[-1], tag, kept) if self._open else Element(tag, {"xmlns": NAMESPACE, **kept})
        self.root = element if self.root is None else self.root
        self._open.append(element)

    def _end(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        else:
            self._open.pop()

    def _text(self, text: str) -> None:
        if self._skipped or not self._open or self._open[-1].tag not in ("text", "tspan"):
            return
        holder = self._open[-1]
        if len(holder):
            holder[-1].tail = (holder[-1].tail or "") + text
        else:
            holder.text = (holder.text or "") + text


def _refusal(what: str) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise PictureError(f"The drawing holds {what}; write plain SVG without it.")

    return refuse


def _attributes(tag: str, given: dict[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in given.items():
        _, _, plain = name.rpartition(" ")
        if plain.lower().startswith("on"):
            raise PictureError(f"The drawing holds the handler {plain}; nothing in a drawing is run.")
        if plain == "href":
            kept["href"] = _inner_link(tag, value)
        elif plain == "style":
            kept |= _declared(value)
        elif plain in KNOWN:
            kept[plain] = _harmless(plain, value)
    return kept


def _declared(style: str) -> dict[str, str]:
    """The declarations of a style attribute, as the attributes they stand for."""
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    stripped = ((name.strip(), value.strip()) for name, value in pairs)
    return {name: _harmless(name, value) for name, value in stripped if name in KNOWN - {"id", "d"}}


def _harmless(name: str, value: str) -> str:
    if any(not LINK.fullmatch(target.strip()) for target in URL.findall(value)) or "\\" in value:
        raise PictureError(f"The drawing refers to something outside it in {name}; only url(#name) is drawn.")
    if "url" in value.lower() and not URL.search(value):
        raise PictureError(f"The value of {name} is not closed; write url(#name).")
    if name not in ("id", "font-family") and any(abs(float(number)) > LARGEST for number in NUMBER.findall(value)):
        raise PictureError(f"A number in {name} is above {LARGEST:,.0f}; draw within a few hundred units.")
    return value


def _inner_link(tag: str, value: str) -> str:
    if tag not in ("use", "linearGradient", "radialGradient") or not LINK.fullmatch(value.strip()):
        raise PictureError("The drawing refers to something outside it; draw everything within it.")
    return value.strip()


def _check_uses(root: Element) -> None:
    """What is used may not use in turn: ten such layers would draw a billion shapes."""
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    uses = [element for element in root.iter("use")]
    used = [named[key] for use in uses if (key := use.get("href", "#")[1:]) in named]
    if any(next(target.iter("use"), None) is not None for target in used):
        raise PictureError("What the drawing uses has a use in it; draw it in full there.")
    if len(uses) > MAX_USES or sum(sum(1 for _ in target.iter()) for target in used) > MAX_USED:
        raise PictureError(f"The drawing uses parts more than {MAX_USES} times, or too large ones; draw less.")


def _check_dashes(root: Element, side: float) -> None:
    for element in root.iter():
        lengths = [float(number) for number in NUMBER.findall(element.get("stroke-dasharray", ""))]
        if lengths and sum(map(abs, lengths)) < FINEST_DASH * side / 100:
            raise PictureError("The dashes of a line are too fine to be seen; make them longer or leave them out.")


def _size(root: Element) -> tuple[float, float]:
    """From the view box, else from width and height, which make one; a drawing without any is 400 x 300."""
    box = [float(number) for number in NUMBER.findall(root.get("viewBox", ""))]
    width, height = (_length(root.get(name, "")) for name in ("width", "height"))
    if len(box) != 4:
        box = [0.0, 0.0, width or 400.0, height or 300.0]
        root.set("viewBox", " ".join(f"{part:g}" for part in box))
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    if not (box[2] > 0 and box[3] > 0 and 1 / 20 <= box[2] / box[3] <= 20):
        raise PictureError("The drawing is empty or a mere line; give it a view box such as 0 0 400 300.")
    return box[2], box[3]


def _length(text: str) -> float:
    found = NUMBER.match(text.strip())
    return 0.0 if found is None or "%" in text else float(found[0])
