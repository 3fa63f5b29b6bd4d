"""What an expression comes to, as far as the source tells, by reading alone: nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product

from tree_sitter import Node

from llmos.backend.infer.syntax import (
    WRAPPINGS,
    Parameter,
    Script,
    Value,
    arguments_of,
    callee_name,
    callee_object,
    part,
    property_name,
    text_of,
)

MAX_DEPTH = 24
MAX_ALTERNATIVES = 6
MAX_LOOKS = 300_000  # expressions looked at in one front end, however they refer to each other
NAMES = frozenset({"identifier", "shorthand_property_identifier"})
SAME_TEXT = frozenset({"encodeURIComponent", "encodeURI", "String", "toString", "trim", "URL"})


@dataclass(frozen=True)
class Unknown:
    """A piece of an address that is only known at run time; `parameter` when a function is given it."""

    name: str
    parameter: Parameter | None = None


Piece = str | Unknown
Pieces = tuple[Piece, ...]
Given = Mapping[tuple[int, int], "Bound | None"]  # arguments by function and position; None where nothing was given


@dataclass(frozen=True)
class Bound:
    """An expression with where it stands: names in it mean what they mean there."""

    node: Node
    script: Script


@dataclass
class Project:
    """All scripts of a front end. A name that a script does not know is looked for at the top of the others."""

    scripts: list[Script] = field(default_factory=list)
    looks: int = 0

    def _may_look(self, depth: int) -> bool:
        self.looks += 1
        return depth <= MAX_DEPTH and self.looks < MAX_LOOKS

    def binding(self, name: str, at: Bound) -> tuple[Value | Parameter | None, Script]:
        if (found := at.script.binding(name, at.node)) is not None:
            return found, at.script
        for script in self.scripts:
            if (found := script.scopes.get(script.root.id, {}).get(name)) is not None:
                return found, script
        return None, at.script

    def settled(self, at: Bound, given: Given, depth: int = 0) -> Bound | None:
        """The expression that a name, a wrapping or a choice leads to; None where that is only known at run time."""
        node = at.node
        if not self._may_look(depth):
            return None
        if node.type in WRAPPINGS | {"await_expression"} and node.named_children:
            return self.settled(Bound(node.named_children[0], at.script), given, depth + 1)
        if node.type == "binary_expression" and text_of(part(node, "operator")) in ("&&", "||", "??"):
            return self._first(node, at, given, depth)
        if node.type == "ternary_expression":
            branches = [part(node, "consequence"), part(node, "alternative")]
            found = [self.settled(Bound(b, at.script), given, depth + 1) for b in branches if b is not None]
            return next((bound for bound in found if bound is not None and not _is_nothing(bound.node)), None)
        if node.type in NAMES:
            return self._named(at, given, depth)
        if node.type == "member_expression":
            return self._member(at, given, depth)
        return at

    def _first(self, node: Node, at: Bound, given: Given, depth: int) -> Bound | None:
        """`a && b` is b, `a || b` is what can be known of the two."""
        sides = [part(node, "left"), part(node, "right")]
        if text_of(part(node, "operator")) == "&&":
            sides.reverse()
        found = (self.settled(Bound(side, at.script), given, depth + 1) for side in sides if side is not None)
        return next((bound for bound in found if bound is not None), None)

    def _named(self, at: Bound, given: Given, depth: int) -> Bound | None:
        name = text_of(at.node)
        binding, script = self.binding(name, at)
        if isinstance(binding, Value):
            return self.settled(Bound(binding.node, script), given, depth + 1) if binding.node is not None else None
        return self._argument(binding, script, given, depth) if isinstance(binding, Parameter) else None

    def _argument(self, parameter: Parameter, script: Script, given: Given, depth: int) -> Bound | None:
        passed = given.get((parameter.function, parameter.index))
        if passed is not None and parameter.member:
            passed = self.member(passed, parameter.member, given, depth + 1)
        if passed is not None:
            return self.settled(passed, given, depth + 1)
        known = (parameter.function, parameter.index) in given
        return Bound(parameter.default, script) if known and parameter.default is not None else None

    def _member(self, at: Bound, given: Given, depth: int) -> Bound | None:
        inner = part(at.node, "object")
        if inner is None:
            return None
        if inner.type == "this":
            return self._of_this(at, depth)
        found = self.member(Bound(inner, at.script), text_of(part(at.node, "property")), given, depth + 1)
        return self.settled(found, given, depth + 1) if found is not None else None

    def _of_this(self, at: Bound, depth: int) -> Bound | None:
        """`this.base`, as the class sets it: to a value, or to what its constructor is given where one is made."""
        name = text_of(part(at.node, "property"))
        for node in at.script.listed.get("assignment_expression", []):
            right = part(node, "right")
            if right is not None and text_of(part(node, "left")) == f"this.{name}":
                set_to = Bound(right, at.script)
                return self.passed(set_to, self._constructed(set_to)) or self.settled(set_to, {}, depth + 1)
        for node in at.script.listed.get("public_field_definition", []):
            value = part(node, "value")
            if value is not None and text_of(part(node, "name")) == name:
                return Bound(value, at.script)
        return None

    def _constructed(self, at: Bound) -> Given:
        """What the constructor around `at` is given, where the class is first made."""
        parameter = self.parameter(at)
        around = [node for node in at.script.above(at.node) if node.type in ("class_declaration", "class")]
        if parameter is None or not around:
            return {}
        for script in self.scripts:
            for made in script.listed.get("new_expression", []):
                if text_of(part(made, "constructor")) == text_of(part(around[0], "name")):
                    given = enumerate(arguments_of(made))
                    return {(parameter.function, index): Bound(one, script) for index, one in given}
        return {}

    def member(self, at: Bound, name: str, given: Given, depth: int = 0) -> Bound | None:
        """A member of an object literal, also one that was spread into it."""
        owner = self.settled(at, given, depth + 1)
        if owner is None or owner.node.type != "object" or depth > MAX_DEPTH:
            return None
        for child in reversed(owner.node.named_children):
            if child.type == "pair" and property_name(part(child, "key")) == name:
                value = part(child, "value")
                return Bound(value, owner.script) if value is not None else None
            if child.type == "shorthand_property_identifier" and text_of(child) == name:
                return Bound(child, owner.script)
            if child.type == "spread_element" and child.named_children:
                spread = Bound(child.named_children[0], owner.script)
                if (found := self.member(spread, name, given, depth + 1)) is not None:
                    return found
        return None

    def texts(self, at: Bound, given: Given, depth: int = 0) -> list[Pieces]:
        """The texts that an expression may come to, at least one and at most a few."""
        node, deeper = at.node, depth + 1
        if not self._may_look(depth):
            return [(Unknown(_last_name(node)),)]
        if node.type == "string":
            return [("".join(map(text_of, node.named_children)),)]
        if node.type == "number":
            return [(text_of(node),)]
        if node.type == "template_string":
            return self._joined(node.named_children, at.script, given, deeper)
        if node.type in ("string_fragment", "escape_sequence"):
            return [(text_of(node),)]
        if node.type in WRAPPINGS | {"template_substitution"} and node.named_children:
            return self.texts(Bound(node.named_children[0], at.script), given, deeper)
        if node.type == "binary_expression" and text_of(part(node, "operator")) == "+":
            sides = [part(node, "left"), part(node, "right")]
            return self._joined([side for side in sides if side is not None], at.script, given, deeper)
        if node.type == "ternary_expression":
            return self._either(node, at.script, given, deeper)
        if node.type in ("call_expression", "new_expression"):
            return self._called(at, given, deeper)
        return self._looked_up(at, given, deeper)

    def _joined(self, nodes: list[Node], script: Script, given: Given, depth: int) -> list[Pieces]:
        options = [self.texts(Bound(node, script), given, depth) for node in nodes if node.type != "comment"]
        return [
            tuple(p for pieces in combined for p in pieces) for combined in islice(product(*options), MAX_ALTERNATIVES)
        ]

    def _either(self, node: Node, script: Script, given: Given, depth: int) -> list[Pieces]:
        branches = [part(node, "consequence"), part(node, "alternative")]
        found = [self.texts(Bound(branch, script), given, depth) for branch in branches if branch is not None]
        return [pieces for options in found for pieces in options][:MAX_ALTERNATIVES]

    def _called(self, at: Bound, given: Given, depth: int) -> list[Pieces]:
        name = callee_name(at.node) or text_of(part(at.node, "constructor"))
        passed, owner = arguments_of(at.node), callee_object(at.node)
        inner = passed[0] if passed else owner
        if name in SAME_TEXT and inner is not None:
            return self.texts(Bound(inner, at.script), given, depth)
        if name in ("toUpperCase", "toLowerCase") and owner is not None:
            return self.texts(Bound(owner, at.script), given, depth)
        return [(Unknown(_last_name(at.node)),)]

    def passed(self, at: Bound, given: Given, depth: int = 0) -> Bound | None:
        """What was given for the parameter that a plain name stands for, as it is written at the call."""
        parameter = self.parameter(at)
        found = given.get((parameter.function, parameter.index)) if parameter is not None else None
        if found is None or parameter is None or not parameter.member:
            return found
        return self.member(found, parameter.member, given, depth + 1)

    def _looked_up(self, at: Bound, given: Given, depth: int) -> list[Pieces]:
        if (passed := self.passed(at, given, depth)) is not None:
            return self.texts(passed, given, depth)
        found = self.settled(at, given, depth)
        if found is not None and found.node.id != at.node.id and not _is_nothing(found.node):
            texts = self.texts(found, given, depth)
            if self._stays(at) or _is_address(texts[0]):
                return texts
        return [(Unknown(_last_name(at.node), self.parameter(at)),)]

    def _stays(self, at: Bound) -> bool:
        """Whether what the expression is set to first is what it is."""
        binding, _ = self.binding(text_of(at.node), at) if at.node.type in NAMES else (None, None)
        return not isinstance(binding, Value) or binding.is_fixed

    def parameter(self, at: Bound) -> Parameter | None:
        """The parameter that a plain name stands for."""
        binding, _ = self.binding(text_of(at.node), at) if at.node.type in NAMES else (None, None)
        return binding if isinstance(binding, Parameter) else None

    def members(self, at: Bound, given: Given, depth: int = 0) -> Iterator[tuple[str, Bound]]:
        """Names and values of an object literal; what is spread into it and cannot be known is left out."""
        owner = self.settled(at, given, depth)
        if owner is None or owner.node.type != "object" or depth > MAX_DEPTH:
            return
        for child in owner.node.named_children:
            value = part(child, "value")
            if child.type == "pair" and value is not None:
                yield property_name(part(child, "key")), Bound(value, owner.script)
            elif child.type == "shorthand_property_identifier":
                yield text_of(child), Bound(child, owner.script)
            elif child.type == "spread_element" and child.named_children:
                yield from self.members(Bound(child.named_children[0], owner.script), given, depth + 1)


def _is_nothing(node: Node) -> bool:
    return node.type in ("undefined", "null") or text_of(node) == "undefined"


def _is_address(pieces: Pieces) -> bool:
    return bool(pieces) and isinstance(pieces[0], str) and pieces[0].startswith(("/", "http"))


def _last_name(node: Node) -> str:
    """`id` of `todo.id`, `event.target.dataset.id` and `getId()`."""
    if node.type == "member_expression":
        return text_of(part(node, "property"))
    if node.type in ("call_expression", "new_expression"):
        return callee_name(node)
    if node.type == "subscript_expression":
        return property_name(part(node, "index"))
    return text_of(node) if node.type in NAMES else "value"
