"""JavaScript and TypeScript as trees (tree-sitter), and which name stands for what where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

FUNCTIONS = frozenset(
    {"function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function"}
)
SCOPES = FUNCTIONS | {"statement_block", "program", "for_statement", "for_in_statement", "class_body", "catch_clause"}
WRAPPINGS = frozenset({"parenthesized_expression", "as_expression", "non_null_expression", "satisfies_expression"})


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function, or with `member` a part of one that is taken apart: `({ method = "GET" }) => ...`."""

    function: int
    index: int
    member: str = ""
    default: Node | None = None
    annotation: Node | None = None


@dataclass(frozen=True)
class Value:
    """A variable and what it is set to first, as React's `useState` does; `is_fixed` when it stays that."""

    node: Node | None
    is_fixed: bool = False


Binding = Parameter | Value


@dataclass
class Script:
    """One parsed text. `first_line` is where it begins in its file."""

    name: str
    root: Node
    first_line: int = 1
    scopes: dict[int, dict[str, Binding]] = field(default_factory=dict)
    functions: dict[str, list[Node]] = field(default_factory=dict)

    def where(self, node: Node) -> str:
        return f"{self.name}:{node.start_point.row + self.first_line}"

    def binding(self, name: str, at: Node) -> Binding | None:
        node: Node | None = at
        while node is not None:
            if (found := self.scopes.get(node.id, {}).get(name)) is not None:
                return found
            node = node.parent
        return None


@cache
def _parser(plain_typescript: bool) -> Parser:
    """Where JSX may be, `<T>x` cannot: two grammars."""
    tongue = tree_sitter_typescript.language_typescript() if plain_typescript else tree_sitter_typescript.language_tsx()
    return Parser(Language(tongue))


def parse(name: str, text: str, first_line: int = 1) -> Script:
    """Never fails: what is no JavaScript becomes error nodes in the tree."""
    tree = _parser(name.endswith((".ts", ".mts"))).parse(text.encode("utf-8", "surrogatepass"))
    script = Script(name, tree.root_node, first_line)
    for node in walk(tree.root_node):
        if node.type == "variable_declarator":
            _declare(script, node)
        elif node.type in FUNCTIONS:
            _define(script, node)
    return script


def walk(root: Node) -> Iterator[Node]:
    """Every node, parents first, in the text's order."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def text_of(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""


def part(node: Node | None, name: str) -> Node | None:
    return node.child_by_field_name(name) if node is not None else None


def arguments_of(call: Node) -> list[Node]:
    given = part(call, "arguments")
    return [child for child in given.named_children if child.type != "comment"] if given is not None else []


def callee_name(call: Node) -> str:
    """The last name of what is called: `get` of `api.get(...)`."""
    callee = part(call, "function")
    if callee is not None and callee.type == "await_expression":  # `await f<T>(x)` is read as `(await f)<T>(x)`
        callee = callee.named_children[0] if callee.named_children else None
    return (
        text_of(part(callee, "property"))
        if callee is not None and callee.type == "member_expression"
        else text_of(callee)
    )


def callee_object(call: Node) -> Node | None:
    callee = part(call, "function")
    if callee is not None and callee.type == "await_expression":
        callee = callee.named_children[0] if callee.named_children else None
    return part(callee, "object") if callee is not None and callee.type == "member_expression" else None


def enclosing_function(node: Node) -> Node | None:
    above = node.parent
    while above is not None and above.type not in FUNCTIONS:
        above = above.parent
    return above


def property_name(node: Node | None) -> str:
    """The key of a member, without its quotation marks."""
    return text_of(node).strip("\"'`") if node is not None else ""


def function_name(node: Node) -> str:
    """What a function is called by, or nothing."""
    if (own := part(node, "name")) is not None:
        return text_of(own)
    above = node.parent
    while above is not None and above.type in WRAPPINGS | {"call_expression", "arguments"}:
        above = above.parent  # `const load = useCallback(async () => ...)`
    if above is None:
        return ""
    if above.type == "variable_declarator":
        return text_of(part(above, "name"))
    if above.type in ("pair", "public_field_definition"):
        return property_name(part(above, "key") or part(above, "name"))
    return ""


def _scope(node: Node) -> Node:
    above = node.parent
    while above is not None and above.type not in SCOPES:
        above = above.parent
    return above if above is not None else node


def _declare(script: Script, node: Node) -> None:
    name, value = part(node, "name"), part(node, "value")
    names = script.scopes.setdefault(_scope(node).id, {})
    if name is None:
        return
    if name.type == "identifier":
        names[text_of(name)] = Value(
            value, is_fixed=node.parent is not None and text_of(node.parent).startswith("const")
        )
    elif name.type == "array_pattern" and name.named_children and value is not None:
        given = arguments_of(value) if value.type == "call_expression" else []
        if value.type == "call_expression" and callee_name(value) in ("useState", "useReducer"):
            names[text_of(name.named_children[0])] = Value(given[0] if given else None)


def _define(script: Script, node: Node) -> None:
    if name := function_name(node):
        script.functions.setdefault(name, []).append(node)
    names = script.scopes.setdefault(node.id, {})
    single = part(node, "parameter")
    listed = part(node, "parameters")
    given = [single] if single is not None else listed.named_children if listed is not None else []
    for index, parameter in enumerate(child for child in given if child.type != "comment"):
        pattern = part(parameter, "pattern") or parameter
        default = part(parameter, "value")
        if pattern.type == "identifier":
            names[text_of(pattern)] = Parameter(node.id, index, "", default, part(parameter, "type"))
        elif pattern.type == "object_pattern":
            names.update(_taken_apart(pattern, node.id, index))


def _taken_apart(pattern: Node, function: int, index: int) -> Iterator[tuple[str, Binding]]:
    for member in pattern.named_children:
        if member.type == "shorthand_property_identifier_pattern":
            yield text_of(member), Parameter(function, index, text_of(member))
        elif member.type == "object_assignment_pattern":
            name = text_of(part(member, "left"))
            yield name, Parameter(function, index, name, part(member, "right"))
        elif member.type == "pair_pattern":
            yield text_of(part(member, "value")), Parameter(function, index, property_name(part(member, "key")))
