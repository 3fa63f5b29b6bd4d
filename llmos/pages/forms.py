"""The backend that a page's form needs: what an entry is, the rules of its routes, and examples of both."""

from __future__ import annotations

from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

from llmos.contracts import Json
from llmos.pages.match import choice_text

ANYTHING = "..."  # in an example: any value will do, such as the time
LONGEST = {"textarea": 4000, "input": 400}  # characters of one value
FORMATS = {"email": "email", "date": "date", "time": "time", "url": "uri"}
KINDS = {"email": "an e-mail address", "tel": "a phone number", "date": "a date", "url": "an address"}
SAMPLES = {"email": "ada@example.org", "date": "2026-03-14", "time": "09:30", "url": "https://example.org"}


@dataclass(frozen=True)
class Input:
    """One value of an entry. `schema` is its JSON Schema, `says` what it is in a few words."""

    name: str
    schema: dict[str, Json]
    says: str
    required: bool = False

    @property
    def sample(self) -> Json:
        if choices := self.schema.get("enum"):
            return choices[0]
        if self.schema["type"] == "boolean":
            return True
        if self.schema["type"] == "number":
            return 2
        return SAMPLES.get(self.schema.get("format", ""), "Ada")


def inputs(html: str) -> tuple[Input, ...]:
    """What the forms of a finished page send, in their order."""
    found: dict[str, Input] = {}
    soup = BeautifulSoup(html, "html5lib")
    for tag in soup.find_all(["input", "select", "textarea", "button"], attrs={"name": True}):
        name = str(tag["name"])
        if name not in found:
            same = soup.find_all(tag.name, attrs={"name": name})
            found[name] = _input(name, tag, same)
    return tuple(found.values())


def schema(fields: tuple[Input, ...]) -> Json:
    """The state: one collection of entries."""
    entry = {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "created": {"type": "string", "format": "date-time", "readOnly": True},
            **{field.name: field.schema for field in fields},
        },
        "required": ["id", "created", *(field.name for field in fields if field.required)],
        "additionalProperties": False,
    }
    collection = {"type": "object", "additionalProperties": entry}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"entries": collection},
    }


def prompt(title: str, fields: tuple[Input, ...]) -> str:
    """The rules of the routes in plain English."""
    lines = "\n".join(f"- `{field.name}`: {field.says}" for field in fields)
    needed = ", ".join(f"`{field.name}`" for field in fields if field.required)
    check = f"If {needed} is missing or empty, or another field does not fit," if needed else "If a field does not fit,"
    return f"""{title}: the backend of a website's form. What people send is kept in `entries`, by id.

An entry has `id`, `created` and, as far as they were sent:
{lines}

## POST /entries
{check} answer 422 and change nothing. Otherwise add the body as a new entry under the next id, with that `id` and \
with `created` set to now. Answer 201 with the stored entry.

## GET /entries
Answer 200 with the list of all entries.

## GET /entries/{{id}}
If there is no entry with this id, answer 404. Otherwise answer 200 with the entry.

## DELETE /entries/{{id}}
If there is no entry with this id, answer 404 and change nothing. Otherwise remove the entry and answer 204 \
without a body.
"""


def examples(fields: tuple[Input, ...]) -> dict[str, Json]:
    """Golden requests and answers by name."""
    body = {field.name: field.sample for field in fields}
    entry = {"id": 1, "created": "2026-01-02T03:04:05Z", **body}
    fresh = {**entry, "created": ANYTHING}
    stored = {"entries": {"1": entry}}
    empty: Json = {"entries": {}}
    cases = {
        "store": _example(empty, "POST", "/entries", 201, body=body, answer=fresh, state={"entries": {"1": fresh}}),
        "list": _example(stored, "GET", "/entries", 200, answer=[entry]),
        "read": _example(stored, "GET", "/entries/1", 200, answer=entry),
        "read-unknown": _example(stored, "GET", "/entries/7", 404, state=stored),
        "delete": _example(stored, "DELETE", "/entries/1", 204, state=empty),
        "delete-unknown": _example(stored, "DELETE", "/entries/7", 404, state=stored),
    }
    if any(field.required for field in fields):
        cases["store-incomplete"] = _example(empty, "POST", "/entries", 422, body={}, state=empty)
    return {name: {"name": name, **case} for name, case in cases.items()}


def _example(
    before: Json, method: str, path: str, status: int, *, body: Json = None, answer: Json = None, state: Json = None
) -> dict[str, Json]:
    request = {"method": method, "path": path} | ({} if body is None else {"body": body})
    expect = {"status": status} | ({} if answer is None else {"body": answer})
    return {"state": before, "request": request, "expect": expect | ({} if state is None else {"state": state})}


def _input(name: str, tag: Tag, same: list[Tag]) -> Input:
    required = any(other.has_attr("required") for other in same)
    type = str(tag.get("type", "text"))
    if tag.name == "button":
        return _choice(name, [str(other["value"]) for other in same], required, "the button that was pressed")
    if tag.name == "select":
        options = [str(option.get("value", option.get_text(strip=True))) for option in tag.find_all("option")]
        return _choice(name, options, required, "one")
    if type == "radio":
        return _choice(name, [str(other["value"]) for other in same], required, "one")
    if type == "checkbox":
        return Input(name, {"type": "boolean"}, f"true when “{choice_text(tag)}” is checked")
    if type in ("number", "range"):
        return Input(name, {"type": "number"}, "a number", required)
    return _text(name, tag.name, type, required)


def _choice(name: str, options: list[str], required: bool, what: str) -> Input:
    says = f"{what} of {', '.join(f'“{option}”' for option in options)}"
    return Input(name, {"type": "string", "enum": list(dict.fromkeys(options))}, says, required)


def _text(name: str, tag: str, type: str, required: bool) -> Input:
    value: dict[str, Json] = {"type": "string", "maxLength": LONGEST[tag]}
    if required:
        value["minLength"] = 1
    if type in FORMATS:
        value["format"] = FORMATS[type]
    kind = KINDS.get(type, "text")
    return Input(name, value, f"{kind}, required" if required else kind, required)
