"""Which JSON a value is: by how it is written, by its TypeScript type, and at last by its name."""

from __future__ import annotations

from tree_sitter import Node

from llmos.backend.infer.found import Field
from llmos.backend.infer.syntax import (
    Parameter,
    Script,
    Value,
    arguments_of,
    callee_name,
    part,
    property_name,
    text_of,
    walk,
)
from llmos.backend.infer.values import NAMES, Bound, Given, Project
from llmos.backend.infer.words import word_set
from llmos.contracts import Json

TIME: dict[str, Json] = {"type": "string", "format": "date-time"}
BOOLEANS = word_set(
    "done complete completed checked active enabled archived favorite favourite read published important liked pinned"
    " visible urgent available bought finished closed public private"
)
NUMBERS = word_set("price amount cost total rating score lat lng latitude longitude weight height balance")
INTEGERS = word_set("count quantity qty age stars year position order priority votes likes number points")
CALLS = {
    **dict.fromkeys(("Number", "parseFloat"), "number"),
    **dict.fromkeys(("parseInt", "round", "floor", "ceil", "now"), "integer"),
    **dict.fromkeys(("Boolean", "includes", "some", "every"), "boolean"),
    **dict.fromkeys(
        ("String", "trim", "toString", "toLowerCase", "toUpperCase", "join", "toFixed", "prompt"), "string"
    ),
}
LITERALS = frozenset({"true", "false", "number", "string", "null", "array", "unary_expression"})
MAX_DEPTH = 6

Known = dict[str, Json] | None


def field_of(project: Project, name: str, at: Bound, given: Given) -> Field:
    """A member of a body. What is always sent as the same literal, such as `done: false`, is not required."""
    known = _written(project, at, given, 0)
    fixed = at.node.type in LITERALS or (at.node.type == "string" and not at.node.named_children)
    if known is None:
        return Field(name, guess(name), required=not fixed, guessed=True)
    return Field(name, known, required=not fixed)


def guess(name: str) -> dict[str, Json]:
    """By its name alone."""
    plain = name.lower()
    if name.startswith(("is_", "has_")) or (name[:2] == "is" and name[2:3].isupper()) or plain in BOOLEANS:
        return {"type": "boolean"}
    if plain.startswith(("created", "updated")) or name.endswith(("At", "_at")):
        return dict(TIME)
    if plain == "id" or plain in INTEGERS or name.endswith(("Id", "_id", "Count")):
        return {"type": "integer"}
    return {"type": "number"} if plain in NUMBERS else {"type": "string"}


def type_members(script: Script) -> dict[str, list[Field]]:
    """The members of every interface and object type of a script, by its name."""
    found: dict[str, list[Field]] = {}
    for node in walk(script.root):
        body = None
        if node.type == "interface_declaration":
            body = part(node, "body")
        elif node.type == "type_alias_declaration":
            body = part(node, "value")
        if body is not None and body.type in ("interface_body", "object_type"):
            members = [child for child in body.named_children if child.type == "property_signature"]
            found[text_of(part(node, "name"))] = [_member(member) for member in members]
    return found


def _member(member: Node) -> Field:
    name = property_name(part(member, "name"))
    annotation = part(member, "type")
    known = of_type(annotation) if annotation is not None else None
    if annotation is not None and known is None:
        known = {}  # a type that is not plain: any JSON will do
    optional = any(child.type == "?" for child in member.children)
    return Field(name, guess(name) if known is None else known, required=not optional, guessed=known is None)


def of_type(node: Node | None, depth: int = 0) -> Known:
    """The JSON Schema of a TypeScript type, where it is a plain one."""
    if node is None or depth > MAX_DEPTH:
        return None
    if node.type in ("type_annotation", "parenthesized_type", "readonly_type") and node.named_children:
        return of_type(node.named_children[-1], depth + 1)
    text = text_of(node)
    if node.type == "predefined_type":
        return {"type": text} if text in ("string", "number", "boolean") else None
    if node.type == "array_type":
        return {"type": "array", "items": of_type(node.named_children[0], depth + 1) or {}}
    if node.type == "generic_type" and text_of(part(node, "name")) in ("Array", "ReadonlyArray"):
        return {"type": "array", "items": of_type(node.named_children[-1].named_children[0], depth + 1) or {}}
    if node.type == "union_type":
        return _union(node, depth)
    if node.type == "literal_type" and text[:1] in "\"'":
        return {"type": "string", "enum": [text.strip("\"'")]}
    return dict(TIME) if text == "Date" else None


def _union(node: Node, depth: int) -> Known:
    """Choices between texts become an enum; `null` and `undefined` say nothing of the type."""
    options = [child for child in node.named_children if text_of(child) not in ("null", "undefined")]
    known = [of_type(child, depth + 1) for child in options]
    if known and all(option is not None and "enum" in option for option in known):
        return {"type": "string", "enum": [value for option in known if option for value in option["enum"]]}
    return known[0] if len(known) == 1 else None


def _written(project: Project, at: Bound, given: Given, depth: int) -> Known:
    node = at.node
    if depth > MAX_DEPTH:
        return None
    if node.type in ("true", "false"):
        return {"type": "boolean"}
    if node.type == "number":
        return {"type": "integer" if text_of(node).isdigit() else "number"}
    if node.type in ("string", "template_string"):
        return {"type": "string"}
    if node.type == "array":
        first = node.named_children[0] if node.named_children else None
        items = _written(project, Bound(first, at.script), given, depth + 1) if first is not None else None
        return {"type": "array", "items": items or {}}
    if node.type == "object":
        return _object(project, at, given, depth)
    if node.type == "unary_expression":
        return _unary(node)
    if node.type == "binary_expression":
        return _binary(project, at, given, depth)
    return _derived(project, at, given, depth)


def _derived(project: Project, at: Bound, given: Given, depth: int) -> Known:
    node = at.node
    if node.type in ("call_expression", "new_expression"):
        return _called(node)
    if node.type == "member_expression":
        last = text_of(part(node, "property"))
        kind = {"checked": "boolean", "valueAsNumber": "number", "value": "string", "length": "integer"}.get(last)
        return {"type": kind} if kind else None
    if node.type in NAMES:
        return _variable(project, at, given, depth)
    inner = project.settled(at, given)
    return _written(project, inner, given, depth + 1) if inner is not None and inner.node.id != node.id else None


def _variable(project: Project, at: Bound, given: Given, depth: int) -> Known:
    binding, script = project.binding(text_of(at.node), at)
    if isinstance(binding, Value) and binding.node is not None:
        known = _written(project, Bound(binding.node, script), given, depth + 1)
        return {"type": "number"} if known == {"type": "integer"} and not binding.is_fixed else known
    if not isinstance(binding, Parameter):
        return None
    if (known := of_type(binding.annotation)) is not None:
        return known
    found = project.settled(at, given)
    return _written(project, found, given, depth + 1) if found is not None else None


def _object(project: Project, at: Bound, given: Given, depth: int) -> Known:
    members = dict(project.members(at, given))
    known = {name: _written(project, bound, given, depth + 1) or guess(name) for name, bound in members.items()}
    return {"type": "object", "properties": known}


def _unary(node: Node) -> Known:
    operator = text_of(part(node, "operator"))
    return {"!": {"type": "boolean"}, "+": {"type": "number"}, "-": {"type": "number"}}.get(operator)


def _binary(project: Project, at: Bound, given: Given, depth: int) -> Known:
    operator = text_of(part(at.node, "operator"))
    if operator in ("==", "===", "!=", "!==", "<", ">", "<=", ">="):
        return {"type": "boolean"}
    if operator in ("-", "*", "/", "%", "**"):
        return {"type": "number"}
    sides = (part(at.node, "left"), part(at.node, "right"))
    known = [_written(project, Bound(side, at.script), given, depth + 1) for side in sides if side is not None]
    if operator in ("||", "??"):
        return known[0] or known[-1]
    return {"type": "string"} if {"type": "string"} in known else None


def _called(node: Node) -> Known:
    name = callee_name(node) or text_of(part(node, "constructor"))
    if name in ("toISOString", "Date"):
        return dict(TIME)
    if name in ("useRef", "useState") and (given := arguments_of(node)):
        return {"type": "string"} if given[0].type == "string" else None
    return {"type": CALLS[name]} if name in CALLS else None
