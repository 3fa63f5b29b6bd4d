"""JavaScript and TypeScript as trees (tree-sitter), and which name stands for what where."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

FUNCTIONS = frozenset(
    {"function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function"}
)
SCOPES = FUNCTIONS | {"statement_block", "program", "for_statement", "for_in_statement", "class_body", "catch_clause"}
LISTED = frozenset({"call_expression", "assignment_expression", "variable_declarator", "member_expression"})
LISTED |= {"new_expression", "public_field_definition"}
MAX_CLIMBED = 300  # levels up from a name to where it is declared
MAX_TEXT_BYTES = 4000  # of a name or an address; what is longer is neither
MAX_WITHIN = 1000  # nodes of one type looked at in one function
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
    classes: set[str] = field(default_factory=set)
    listed: dict[str, list[Node]] = field(default_factory=dict)
    starts: dict[str, list[int]] = field(default_factory=dict)
    parents: dict[int, Node] = field(
        default_factory=dict
    )  # tree-sitter looks for a parent from the root down, each time

    def within(self, scope: Node, kind: str) -> Iterator[Node]:
        """The nodes of one type in a function, without walking through the rest of it."""
        nodes = self.listed.get(kind, [])
        first = bisect_left(self.starts.get(kind, []), scope.start_byte)
        for node in nodes[first : first + MAX_WITHIN]:
            if node.start_byte >= scope.end_byte:
                return
            if node.end_byte <= scope.end_byte:
                yield node

    def where(self, node: Node) -> str:
        return f"{self.name}:{node.start_point.row + self.first_line}"

    def binding(self, name: str, at: Node) -> Binding | None:
        for node in self.above(at):
            if (found := self.scopes.get(node.id, {}).get(name)) is not None:
                return found
        return None

    def parent(self, node: Node) -> Node | None:
        return self.parents.get(node.id)

    def above(self, node: Node) -> Iterator[Node]:
        """The node, what it stands in, and so on, as far as a reader would look."""
        current: Node | None = node
        for _ in range(MAX_CLIMBED):
            if current is None:
                return
            yield current
            current = self.parent(current)

    def function_around(self, node: Node) -> Node:
        """The innermost one, or the whole script."""
        return next((one for one in self.above(node) if one.type in FUNCTIONS and one.id != node.id), self.root)


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
        script.parents.update((child.id, node) for child in node.named_children)
        if node.type in LISTED:
            script.listed.setdefault(node.type, []).append(node)
            script.starts.setdefault(node.type, []).append(node.start_byte)
        if node.type == "class_declaration":
            script.classes.add(text_of(part(node, "name")))
        if node.type == "variable_declarator":
            _declare(script, node)
        elif node.type in FUNCTIONS:
            _define(script, node)
    return script


def walk(root: Node) -> Iterator[Node]:
    """Every node but punctuation, parents first, in the text's order."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.named_children))


def text_of(node: Node | None) -> str:
    if node is None or node.end_byte - node.start_byte > MAX_TEXT_BYTES:
        return ""
    return (node.text or b"").decode("utf-8", "replace")


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


def property_name(node: Node | None) -> str:
    """The key of a member, without its quotation marks."""
    return text_of(node).strip("\"'`") if node is not None else ""


def function_name(script: Script, node: Node) -> str:
    """What a function is called by, or nothing."""
    if (own := part(node, "name")) is not None:
        return text_of(own)
    passed = WRAPPINGS | {"call_expression", "arguments"}  # `const load = useCallback(async () => ...)`
    outer = next((one for one in script.above(node) if one.id != node.id and one.type not in passed), None)
    if outer is not None and outer.type == "variable_declarator":
        return text_of(part(outer, "name"))
    if outer is not None and outer.type in ("pair", "public_field_definition"):
        return property_name(part(outer, "key") or part(outer, "name"))
    return ""


def _scope(script: Script, node: Node) -> Node:
    return next((outer for outer in script.above(node) if outer.type in SCOPES and outer.id != node.id), node)


def _declare(script: Script, node: Node) -> None:
    name, value = part(node, "name"), part(node, "value")
    names = script.scopes.setdefault(_scope(script, node).id, {})
    if name is None:
        return
    if name.type == "identifier":
        names[text_of(name)] = Value(value, is_fixed=_is_const(script.parent(node)))
    elif name.type == "array_pattern" and name.named_children and value is not None:
        given = arguments_of(value) if value.type == "call_expression" else []
        if value.type == "call_expression" and callee_name(value) in ("useState", "useReducer"):
            names[text_of(name.named_children[0])] = Value(given[0] if given else None)


def _is_const(declaration: Node | None) -> bool:
    return declaration is not None and text_of(part(declaration, "kind")) == "const"


def _define(script: Script, node: Node) -> None:
    if name := function_name(script, node):
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
