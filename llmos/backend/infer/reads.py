"""Which members of an answer a front end reads: by the variable that holds it, and by what items are called."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tree_sitter import Node

from llmos.backend.infer.syntax import (
    FUNCTIONS,
    Script,
    arguments_of,
    callee_name,
    callee_object,
    part,
    text_of,
    walk,
)
from llmos.backend.infer.words import word_set

LOOPS = frozenset({"map", "forEach", "filter", "find", "some", "every", "sort", "flatMap", "reduce"})
NAMES = frozenset({"identifier", "property_identifier"})
MAX_NAMES = 200  # nodes looked at for the name of what is gone through
DOM = word_set(
    "length className classList textContent innerHTML innerText outerHTML dataset style children parentElement target"
    " parentNode currentTarget key firstChild nextSibling tagName ok json then status headers current prototype"
    " constructor disabled hidden onclick data"
)


def reads_of_variables(script: Script) -> dict[str, set[str]]:
    """`title` for `todo` where the source says `todo.title`; and for `todos[]` where a callback over them says so."""
    found: dict[str, set[str]] = {}
    members = {node.id: _read(node, script) for node in script.listed.get("member_expression", [])}
    for read in members.values():
        if read is not None:
            found.setdefault(read[0], set()).add(read[1])
    for node in walk(script.root):
        for name, item, body in _iterated(node):
            for inner in script.within(body, "member_expression"):
                read = members[inner.id]
                if read is not None and read[0] == item:
                    found.setdefault(f"{name}[]", set()).add(read[1])
    return found


def names_of_answer(site: Node, script: Script) -> set[str]:
    """Variables that hold what a request was answered, in the function that sent it."""
    scope = script.function_around(site)
    names = _declared(site, script) | _then_parameters(site, script)
    # `const data = await response.json(); setTodos(data)`; at the top of a script nearly everything would follow
    for _ in range(2 if scope.id != script.root.id else 0):
        for kind in ("variable_declarator", "call_expression"):
            for node in script.within(scope, kind):
                names |= _passed_on(node, names)
    return names


def _passed_on(node: Node, names: set[str]) -> set[str]:
    if node.type == "variable_declarator":
        value = part(node, "value")
        return _names(part(node, "name")) if value is not None and _mentions(value, names) else set()
    name = callee_name(node).removeprefix("set") if node.type == "call_expression" else ""
    if name and name != callee_name(node):
        given = [argument for argument in arguments_of(node) if argument.type not in FUNCTIONS]
        return {name[0].lower() + name[1:]} if any(_mentions(argument, names) for argument in given) else set()
    return set()


def _mentions(value: Node, names: set[str]) -> bool:
    """Whether it is one of the names, or what its `.json()`, `.data`, `Object.values` or sorting gives."""
    return any(node.type == "identifier" and text_of(node) in names for node in walk(value)) and not any(
        node.type in FUNCTIONS for node in walk(value) if node is not value and callee_name(node) not in LOOPS
    )


def _declared(site: Node, script: Script) -> set[str]:
    passed = ("await_expression", "parenthesized_expression", "member_expression")
    outer = next((one for one in script.above(site) if one.id != site.id and one.type not in passed), None)
    return _names(part(outer, "name")) if outer is not None and outer.type == "variable_declarator" else set()


def _then_parameters(site: Node, script: Script) -> set[str]:
    """The parameters along `.then(...).then(...)`, and what the callbacks hand on."""
    found: set[str] = set()
    for call in script.above(site):
        if call.id == site.id or call.type == "member_expression":
            continue
        if call.type != "call_expression" or callee_name(call) not in ("then", "catch", "finally"):
            break
        for callback in arguments_of(call)[:1] if callee_name(call) == "then" else []:
            if callback.type in FUNCTIONS:
                found |= set() if _gives_json(callback) else _first_parameter(callback)
            elif text_of(callback).startswith("set"):
                name = text_of(callback)[3:]
                found.add(name[:1].lower() + name[1:])
    return found


def _gives_json(callback: Node) -> bool:
    """`(response) => response.json()`: what it is given is no answer yet."""
    return any(node.type == "call_expression" and callee_name(node) in ("json", "text") for node in walk(callback))


def _first_parameter(function: Node) -> set[str]:
    single, listed = part(function, "parameter"), part(function, "parameters")
    first = single if single is not None else listed.named_children[0] if listed and listed.named_children else None
    return _names(part(first, "pattern") or first)


def _names(pattern: Node | None) -> set[str]:
    if pattern is None:
        return set()
    if pattern.type == "identifier":
        return {text_of(pattern)}
    return {text_of(node) for node in walk(pattern) if node.type == "shorthand_property_identifier_pattern"}


def _read(node: Node, script: Script) -> tuple[str, str] | None:
    """`todo` and `title` of `todo.title`, unless that is called or set."""
    owner, member = part(node, "object"), text_of(part(node, "property"))
    outer = script.parent(node)
    called = outer is not None and outer.type == "call_expression" and part(outer, "function") == node
    assigned = outer is not None and outer.type == "assignment_expression" and part(outer, "left") == node
    if owner is None or owner.type != "identifier" or called or assigned or member in DOM or member.startswith("__"):
        return None
    return text_of(owner), member


def _iterated(node: Node) -> Iterator[tuple[str, str, Node]]:
    """The list, the name of one item, the code about it: `todos.map((todo) => ...)`, `for (const todo of todos)`."""
    if node.type == "call_expression" and callee_name(node) in LOOPS:
        callback = next((argument for argument in arguments_of(node) if argument.type in FUNCTIONS), None)
        names = _first_parameter(callback) if callback is not None else set()
        body = part(callback, "body")
        for name in _listed(callee_object(node)):
            yield from ((name, item, body) for item in names if body is not None)
    elif node.type == "for_in_statement":
        body, items = part(node, "body"), _names(part(node, "left"))
        for name in _listed(part(node, "right")):
            yield from ((name, item, body) for item in items if body is not None)


def _listed(node: Node | None) -> set[str]:
    """The names in what is gone through: `todos` of `Object.values(todos).filter(...)`, `data` of `result.data`."""
    if node is None:
        return set()
    return {text_of(inner) for inner in islice(walk(node), MAX_NAMES) if inner.type in NAMES} - {"Object"}
