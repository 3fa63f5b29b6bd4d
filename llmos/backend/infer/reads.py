"""Which members of an answer a front end reads: by the variable that holds it, and by what items are called."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from llmos.backend.infer.syntax import (
    FUNCTIONS,
    Script,
    arguments_of,
    callee_name,
    callee_object,
    enclosing_function,
    part,
    text_of,
    walk,
)
from llmos.backend.infer.words import word_set

LOOPS = frozenset({"map", "forEach", "filter", "find", "some", "every", "sort", "flatMap", "reduce"})
DOM = word_set(
    "length className classList textContent innerHTML innerText outerHTML dataset style children parentElement target"
    " parentNode currentTarget key firstChild nextSibling tagName ok json then status headers current prototype"
    " constructor disabled hidden onclick data"
)


def reads_of_variables(script: Script) -> dict[str, set[str]]:
    """`title` for `todo` where the source says `todo.title`; and for `todos[]` where a callback over them says so."""
    found: dict[str, set[str]] = {}
    for node in walk(script.root):
        if (read := _read(node)) is not None:
            found.setdefault(read[0], set()).add(read[1])
        for name, item, body in _iterated(node):
            for inner in walk(body):
                read = _read(inner)
                if read is not None and read[0] == item:
                    found.setdefault(f"{name}[]", set()).add(read[1])
    return found


def names_of_answer(site: Node) -> set[str]:
    """Variables that hold what a request was answered, in the function that sent it."""
    scope = enclosing_function(site)
    names = _declared(site) | _then_parameters(site)
    for _ in range(2 if scope is not None else 0):  # `const data = await response.json(); setTodos(data)`
        assert scope is not None
        for node in walk(scope):
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


def _declared(site: Node) -> set[str]:
    above = site.parent
    while above is not None and above.type in ("await_expression", "parenthesized_expression", "member_expression"):
        above = above.parent
    return _names(part(above, "name")) if above is not None and above.type == "variable_declarator" else set()


def _then_parameters(site: Node) -> set[str]:
    """The parameters along `.then(...).then(...)`, and what the callbacks hand on."""
    found: set[str] = set()
    call = site
    while call.parent is not None and call.parent.type == "member_expression" and call.parent.parent is not None:
        call = call.parent.parent
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


def _read(node: Node) -> tuple[str, str] | None:
    """`todo` and `title` of `todo.title`, unless that is called or set."""
    if node.type != "member_expression":
        return None
    owner, member = part(node, "object"), text_of(part(node, "property"))
    above = node.parent
    called = above is not None and above.type == "call_expression" and part(above, "function") == node
    assigned = above is not None and above.type == "assignment_expression" and part(above, "left") == node
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
    return {text_of(inner) for inner in walk(node) if inner.type in ("identifier", "property_identifier")} - {"Object"}
