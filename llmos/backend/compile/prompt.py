"""What the model is told to write a handler: the functions it may call, worked handlers, the rule of one route."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from llmos.backend.compile.run import parameters
from llmos.backend.compile.shots import CHECKED, SETS
from llmos.backend.examples import Example
from llmos.backend.request import body_shape
from llmos.backend.routes import Route, Rules, sends
from llmos.backend.shape import Shape
from llmos.contracts import ChatRequest, Json, Message
from llmos.state.files import FORMAT

MAX_TOKENS = 600
MAX_EXAMPLES = 4
BY_TURNS = 8  # candidates that are written after one or the other of the first two sets
MAX_EXAMPLE_CHARS = 950
UNFIT = re.compile(r"(A|If a|If the|If any) (body|field)( that)? does not fit,? (is answered|answer) (400|422)\.")

SYSTEM = """\
Write one Python function that answers one kind of HTTP request to a web backend. \
It reaches what is stored through these functions alone:
get(collection, id) -> the stored document as a dict, or None
get_all(collection) -> a list of all documents
find(collection, field, value) -> a list of the documents whose field has that value
count(collection) -> how many there are
add(collection, fields) -> the new document, stored; its id and created are set for it
put(collection, id, fields) -> the document, stored under this id, in place of the one before
update(collection, id, fields) -> the stored document with these fields changed
remove(collection, id) -> None; the document is gone
remove_all(collection) -> None
value(name), set_value(name, value): what is stored once, not in a collection
now() -> the time as text
The function returns a status and a body. A refusal has its reason as the body.
A dict that get returned is a copy: only update changes what is stored.
Types and required fields of the body were checked before."""


@dataclass(frozen=True)
class Shown:
    """An example, with what was looked up for it."""

    example: Example
    found: dict[str, Json] = field(default_factory=dict)


def question(
    rules: Rules, route: Route, shapes: dict[str, Shape], examples: list[Shown], *, seed: int, temperature: float
) -> ChatRequest:
    """The request for one candidate; its answer continues after the function's first line."""
    turns = [Message("system", SYSTEM)]
    for told, code in SETS[set_of(seed)]:
        turns += [Message("user", told), Message("assistant", f"```python\n{code}\n```")]
    turns += [Message("user", describe(rules, route, shapes, examples)), Message("assistant", header(route))]
    return ChatRequest(
        tuple(turns), max_tokens=MAX_TOKENS, temperature=temperature, seed=seed, stop=("```",), top_p=0.95
    )


def set_of(seed: int) -> int:
    """Which of the SETS the candidate of this seed is written after: the first two by turns, then the last one."""
    return seed % 2 if seed < BY_TURNS else 2


def header(route: Route) -> str:
    return f"```python\ndef handle({', '.join(parameters(route))}):\n"


def describe(rules: Rules, route: Route, shapes: dict[str, Shape], examples: list[Shown]) -> str:
    stored = "\n".join(f"Stored in `{name}`: {_fields(shape)}" for name, shape in shapes.items())
    query = f"?{'&'.join(route.query)}" if route.query else ""
    shown = [text for example in examples if len(text := _example(example)) <= MAX_EXAMPLE_CHARS]
    is_checked = body_shape(route, shapes) is not None and sends(route.method) and {400, 422} & {*route.statuses}
    rule = f"Rule of {route.name}{query}: {_left_to_say(route.rule) if is_checked else route.rule}"
    checked = CHECKED if is_checked else ""
    told = "\n".join(shown[:MAX_EXAMPLES])
    lines = [rules.introduction, stored, _who(route, shapes), _looked_up(route), rule, told, checked]
    return "\n\n".join(line for line in lines if line)


def _left_to_say(rule: str) -> str:
    """Without the sentences about what code has checked before: a small model would look for something to refuse."""
    sentences = re.split(r"(?<=\.)\s+", rule)
    left = [sentence for sentence in sentences if not UNFIT.fullmatch(sentence)]
    return " ".join(left) or rule


def _who(route: Route, shapes: dict[str, Shape]) -> str:
    """What a handler must know of users; that it reaches only theirs is not up to it."""
    if not route.user:
        return ""
    private = ", ".join(f"`{name}`" for name, shape in shapes.items() if shape.is_private)
    told = f" Of {private} all functions see only this user's documents, and `user` is set for it." if private else ""
    return f"The request comes from a user: `user` is the name.{told}"


def _looked_up(route: Route) -> str:
    names = ", ".join(f"`{name}`" for name in route.lookups)
    return f"Looked up before the function is called, and given to it: {names}." if names else ""


def _fields(shape: Shape) -> str:
    told = ", ".join(f'"{name}": {_kind(shape, part)}' for name, part in shape.fields.items())
    return f"{{{told}}}"


def _kind(shape: Shape, part: dict[str, Json]) -> str:
    if "enum" in part:
        return "one of " + ", ".join(json.dumps(choice, ensure_ascii=False) for choice in part["enum"])
    kind = part.get("type")
    if kind == "array":
        return f"list of {_kind(shape, shape.source.resolved(part.get('items', {})))}"
    if part.get("format") == FORMAT:
        return 'file, as a dict with "name", "type", "size" and "sha256"'
    if kind == "object":
        inner = ", ".join(
            f'"{name}": {_kind(shape, shape.source.resolved(of))}' for name, of in part.get("properties", {}).items()
        )
        return f"{{{inner}}}"
    if isinstance(kind, list):
        return " or ".join("text" if name == "string" else str(name) for name in kind)
    return str(part.get("format") or ("text" if kind == "string" else kind or "anything"))


def _example(shown: Shown) -> str:
    """One request with its answer in a line or two."""
    example = shown.example
    asked, expected = example.request, example.expect
    query = "&".join(f"{name}={value}" for name, value in asked.query.items())
    address = f"{asked.path}?{query}" if query else asked.path
    body = "" if asked.body is None else f" {_json(asked.body)}"
    before = f" with {_json(example.state)}" if any(example.state.values()) else ""
    found = "".join(f", {name} = {_json(value)}" for name, value in shown.found.items())
    told = expected.model_fields_set if expected.status < 400 else set()  # a refusal changes nothing
    answer = f" {_json(expected.body)}" if "body" in told else ""
    after = f"; afterwards {_json(expected.state)}" if "state" in told else ""
    by = f" by {asked.user}" if asked.user else ""
    return f"Example: {asked.method} {address}{by}{body}{before}{found} -> {expected.status}{answer}{after}"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
