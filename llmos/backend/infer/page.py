"""What an HTML page tells: its forms, its htmx attributes, its inline scripts."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag

from llmos.backend.infer.found import Field
from llmos.contracts import Json
from llmos.pages.forms import inputs
from llmos.state.files import FORMAT

VERBS = ("get", "post", "put", "patch", "delete")
SCRIPT_TYPES = frozenset({"", "module", "text/javascript", "application/javascript", "text/babel", "text/jsx", "ts"})
UNSENT = frozenset({"submit", "button", "reset", "image"})
MAX_ELEMENTS = 20_000
MAX_FORMS = 100
MAX_CONTROLS = 200  # of one form


@dataclass(frozen=True)
class Form:
    """`action` is None when no address is written at the form; then a script sends it, or nobody does."""

    id: str
    action: str | None
    method: str
    fields: tuple[Field, ...]
    where: str


@dataclass
class Page:
    title: str = ""
    forms: list[Form] = field(default_factory=list)
    scripts: list[tuple[int, str]] = field(default_factory=list)  # first line, text
    notes: list[str] = field(default_factory=list)


def read_page(name: str, text: str) -> Page:
    page = Page()
    soup = BeautifulSoup(text, "html5lib")
    if soup.title is not None and not name.endswith((".vue", ".svelte")):
        page.title = " ".join(soup.title.get_text().split())
    for position, tag in enumerate(soup.find_all(True)):
        if position >= MAX_ELEMENTS:
            page.notes.append(f"{name} has more than {MAX_ELEMENTS} elements; only those were looked at.")
            break
        _look(page, name, tag)
    return page


def _look(page: Page, name: str, tag: Tag) -> None:
    where = f"{name}:{tag.sourceline or 1}"
    if tag.name == "script" and str(tag.get("type", "")) in SCRIPT_TYPES and not tag.has_attr("src"):
        page.scripts.append((tag.sourceline or 1, str(tag.string or "")))
    if len(page.forms) >= MAX_FORMS:
        return
    if tag.name == "form":
        page.forms.append(_form(page, tag, where))
        if len(page.forms) == MAX_FORMS:
            page.notes.append(f"{where}: only the first {MAX_FORMS} forms were read.")
    for attribute, value in tag.attrs.items():
        if attribute.startswith("on") and "fetch" in str(value):
            page.scripts.append((tag.sourceline or 1, str(value)))
    page.forms.extend(_htmx(page, tag, where))


def _form(page: Page, tag: Tag, where: str) -> Form:
    action = str(tag["action"]).strip() if tag.has_attr("action") else None
    method = str(tag.get("method", "get")).upper()
    return Form(str(tag.get("id", "")), action or None, method, form_fields(page, tag, where), where)


def _htmx(page: Page, tag: Tag, where: str) -> Iterator[Form]:
    for verb in VERBS:
        address = tag.get(f"hx-{verb}") or tag.get(f"data-hx-{verb}")
        if not address:
            continue
        form = tag if tag.name == "form" else tag.find_parent("form")
        sends = verb not in ("get", "delete")
        fields = form_fields(page, form or _around(tag), where) if sends else ()
        page.notes.append(
            f"{where}: htmx puts the answer into the page as HTML, and a backend here answers JSON: "
            "show it with a script, or with htmx's client-side-templates extension."
        )
        yield Form("", str(address), verb.upper(), fields, where)


def _around(tag: Tag) -> Tag:
    """An input that htmx sends by itself, as what a form would hold."""
    holder = BeautifulSoup("<form></form>", "html5lib").form
    assert holder is not None
    holder.append(copy.copy(tag))
    return holder


def form_fields(page: Page, form: Tag, where: str) -> tuple[Field, ...]:
    """What the form sends, in its order: `llmos.pages.forms` reads it, once what it does not know is taken out."""
    whole = copy.copy(form)
    bounds: dict[str, dict[str, Json]] = {}
    files: dict[str, Field] = {}
    for position, control in enumerate(whole.find_all(["input", "select", "textarea", "button"])):
        kind, name = str(control.get("type", "text")).lower(), str(control.get("name", ""))
        if position == MAX_CONTROLS:
            page.notes.append(f"{where}: only the first {MAX_CONTROLS} fields of this form were read.")
        if control.name == "button" or kind in UNSENT or not name or position >= MAX_CONTROLS:
            control.decompose()
        elif kind == "file":
            files.setdefault(name, _file(control, name))
            control.decompose()
        elif kind == "password":
            page.notes.append(f"{where}: the password `{name}` is left out: it would be stored as it was typed.")
            control.decompose()
        else:
            bounds[name] = _bounds(control, kind)
    texts = (
        Field(found.name, _schema({**found.schema, **bounds.get(found.name, {})}, found.required), found.required)
        for found in inputs(str(whole))
    )
    return (*texts, *files.values())


def _file(control: Tag, name: str) -> Field:
    """What `accept` names is what a backend takes; a wildcard or an extension is no type."""
    kinds = [kind.strip().lower() for kind in str(control.get("accept", "")).split(",")]
    is_bounded = all(re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", kind) for kind in kinds)
    schema: dict[str, Json] = {"format": FORMAT}
    if is_bounded:
        schema["properties"] = {"type": {"enum": kinds}}
    many = {"type": "array", "items": schema}
    return Field(name, many if control.has_attr("multiple") else schema, control.has_attr("required"))


def _bounds(control: Tag, kind: str) -> dict[str, Json]:
    """What the attributes of a control say of its value, and `inputs` does not read."""
    if kind == "radio" and not control.has_attr("value"):
        control["value"] = "on"
    found: dict[str, Json] = {}
    if kind in ("number", "range"):
        whole = "." not in str(control.get("step", "1")) and control.get("step") != "any"
        found["type"] = "integer" if whole else "number"
        found |= {"maxLength": None, "minLength": None}
        for attribute, bound in (("min", "minimum"), ("max", "maximum")):
            if (number := _number(str(control.get(attribute, "")))) is not None:
                found[bound] = number
    for attribute, bound in (("maxlength", "maxLength"), ("minlength", "minLength")):
        if control.name != "select" and str(control.get(attribute, "")).isdigit():
            found[bound] = int(str(control[attribute]))
    return found


def _schema(schema: dict[str, Json], required: bool) -> dict[str, Json]:
    """Without what is void, and without the empty choice of a select: what was left empty was not sent."""
    kept = {key: value for key, value in schema.items() if value is not None}
    if kept.get("type") in ("integer", "number"):
        kept = {key: value for key, value in kept.items() if key in ("type", "minimum", "maximum", "enum")}
    if "enum" in kept:
        kept["enum"] = [choice for choice in kept["enum"] if choice != ""]
        if not kept["enum"]:
            del kept["enum"]
        elif all(re.fullmatch("0|-?[1-9][0-9]{0,14}", str(choice)) for choice in kept["enum"]):
            kept = {"type": "integer", "enum": sorted(int(choice) for choice in kept["enum"])}
    return kept


def _number(text: str) -> int | float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else number if abs(number) < 1e15 else None
