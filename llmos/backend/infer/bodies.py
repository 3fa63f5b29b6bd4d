"""What a request sends: the members of an object, or those of a form that a script gathers."""

from __future__ import annotations

from dataclasses import dataclass

from tree_sitter import Node

from llmos.backend.infer.found import Field
from llmos.backend.infer.kinds import field_of
from llmos.backend.infer.page import Form
from llmos.backend.infer.syntax import (
    WRAPPINGS,
    Parameter,
    arguments_of,
    callee_name,
    callee_object,
    part,
    text_of,
    walk,
)
from llmos.backend.infer.values import NAMES, Bound, Given, Project
from llmos.contracts import Json

FORM_DATA = frozenset({"FormData", "URLSearchParams"})
LOOKUPS = frozenset({"getElementById", "querySelector", "$"})


@dataclass(frozen=True)
class Body:
    """`is_known` is False when the source does not tell what is sent."""

    fields: tuple[Field, ...] = ()
    is_known: bool = True
    is_file: bool = False


@dataclass(frozen=True)
class Bodies:
    """Reads bodies of one front end, whose forms and types are these."""

    project: Project
    forms: list[Form]
    types: dict[str, list[Field]]

    def read(self, at: Bound | None, given: Given) -> Body:
        if at is None:
            return Body()
        name, inner = _serialized(at, self.project, given)
        if name == "FormData":
            return self._form_data(inner, given)
        return self._object(inner, given)

    def origin(self, at: Bound, given: Given) -> Parameter | None:
        """The parameter that what is sent comes in by."""
        found = _origin(self.project, _serialized(at, self.project, given)[1], given)
        return self.project.parameter(found[1]) if found is not None else None

    def _object(self, at: Bound, given: Given) -> Body:
        owner = self.project.settled(at, given)
        if owner is not None and (form := _gathered(owner)) is not None:
            return self._form_data(form, given)
        fields = {name: field_of(self.project, name, bound, given) for name, bound in self.project.members(at, given)}
        for found in self._assigned(at, given):
            fields.setdefault(found.name, found)
        if fields:
            return Body(tuple(fields.values()))
        if typed := self._typed(at, given):
            return Body(typed)
        is_empty = owner is not None and (owner.node.type == "object" or text_of(owner.node) in ("null", "undefined"))
        return Body(is_known=is_empty)

    def _form_data(self, at: Bound, given: Given) -> Body:
        """`new FormData(form)`, and what was appended to it or set on the object made from it."""
        owner = self.project.settled(at, given) or at
        form = self._form(owner, given)
        fields = {found.name: found for found in form.fields} if form is not None else {}
        for name, value in _appended(at):
            fields.setdefault(name, field_of(self.project, name, value, given))
        return Body(tuple(fields.values()), is_known=bool(fields) or form is not None)

    def _form(self, made: Bound, given: Given) -> Form | None:
        """The form that is named, or the only one there is."""
        named = arguments_of(made.node) if made.node.type == "new_expression" else []
        if not named and made.node.type == "new_expression":
            return None
        if named and (found := self.project.settled(Bound(named[0], made.script), given)) is not None:
            wanted = arguments_of(found.node) if found.node.type == "call_expression" else []
            if wanted and callee_name(found.node) in LOOKUPS:
                name = text_of(wanted[0]).strip("\"'`").removeprefix("#").removeprefix("form#")
                if exact := [form for form in self.forms if form.id == name]:
                    return exact[0]
        sent_by_scripts = [form for form in self.forms if form.fields]
        return sent_by_scripts[0] if len(sent_by_scripts) == 1 else None

    def refined(self, fields: dict[str, Field], at: Bound | None, given: Given) -> dict[str, Field]:
        """Types that assignments to the sent object tell better than a form: `values.stars = Number(values.stars)`."""
        for found in self._assigned(_serialized(at, self.project, given)[1], given) if at is not None else ():
            if found.name in fields and not found.guessed:
                fields[found.name] = _converted(fields[found.name], found)
        return fields

    def _assigned(self, at: Bound, given: Given) -> list[Field]:
        """`data.title = ...` after `const data = {}`, in the function where the object is made."""
        source = _origin(self.project, at, given)
        if source is None:
            return []
        name, place = source
        scope = place.script.function_around(place.node)
        found = []
        for node in place.script.within(scope, "assignment_expression"):
            left, right = part(node, "left"), part(node, "right")
            if left is None or right is None or left.type != "member_expression":
                continue
            if text_of(part(left, "object")) == name:
                member = field_of(self.project, text_of(part(left, "property")), Bound(right, place.script), given)
                found.append(Field(member.name, member.schema, guessed=member.guessed))
        return found

    def _typed(self, at: Bound, given: Given) -> tuple[Field, ...]:
        """A parameter whose TypeScript type is an interface, also `Omit<Todo, "id">` and `Partial<Todo>`."""
        origin = _origin(self.project, at, given)
        binding = self.project.parameter(origin[1]) if origin is not None else None
        if not isinstance(binding, Parameter) or binding.annotation is None:
            return ()
        text = text_of(binding.annotation)
        found = next((node for node in walk(binding.annotation) if text_of(node) in self.types), None)
        if found is None:
            return ()
        left_out = {text_of(node).strip("\"'") for node in walk(binding.annotation) if node.type == "string"}
        kept = [member for member in self.types[text_of(found)] if member.name not in left_out or "Omit" not in text]
        optional = "Partial" in text
        return tuple(Field(m.name, m.schema, m.required and not optional, m.guessed) for m in kept)


def _serialized(at: Bound, project: Project, given: Given) -> tuple[str, Bound]:
    """The object inside `JSON.stringify(...)` or `new URLSearchParams(...)`, and what it is wrapped in."""
    whole = project.settled(at, given) or at
    node = whole.node
    if node.type == "call_expression" and callee_name(node) == "stringify" and arguments_of(node):
        return "JSON", Bound(arguments_of(node)[0], whole.script)
    if node.type == "new_expression" and text_of(part(node, "constructor")) in FORM_DATA:
        if text_of(part(node, "constructor")) == "FormData":
            return "FormData", at if at.node.type in NAMES else whole
        inner = arguments_of(node)
        return "URLSearchParams", Bound(inner[0], whole.script) if inner else whole
    return "", at


def _gathered(owner: Bound) -> Bound | None:
    """The `new FormData(...)` inside `Object.fromEntries(...)`."""
    if owner.node.type == "call_expression" and callee_name(owner.node) == "fromEntries":
        for node in walk(owner.node):
            if node.type == "new_expression" and text_of(part(node, "constructor")) == "FormData":
                return Bound(node, owner.script)
    return None


def _appended(at: Bound) -> list[tuple[str, Bound]]:
    """`data.append("name", value)` on a variable."""
    if at.node.type not in NAMES:
        return []
    name, scope = text_of(at.node), at.script.function_around(at.node)
    found = []
    for node in at.script.within(scope, "call_expression"):
        if callee_name(node) in ("append", "set"):
            given = arguments_of(node)
            if len(given) >= 2 and text_of(callee_object(node)) == name and given[0].type == "string":
                found.append((text_of(given[0]).strip("\"'"), Bound(given[1], at.script)))
    return found


def _origin(project: Project, at: Bound, given: Given) -> tuple[str, Bound] | None:
    """The variable that holds the object where it was made, through the parameters that it was passed by."""
    for _ in range(4):
        node = at.node
        while node.type in WRAPPINGS and node.named_children:
            node = node.named_children[0]
        at = Bound(node, at.script)
        if node.type == "binary_expression":
            right = part(node, "right")
            at = Bound(right, at.script) if right is not None else at
            continue
        if node.type not in NAMES:
            return None
        passed = project.passed(at, given)
        if passed is None:
            return text_of(node), at
        at = passed
    return None


def _converted(field: Field, found: Field) -> Field:
    """The choices of a form as what a script makes of them."""
    if found.schema.get("type") not in ("number", "integer", "boolean"):
        return field
    schema: dict[str, Json] = {key: value for key, value in field.schema.items() if key in ("minimum", "maximum")}
    schema["type"] = found.schema["type"]
    choices = field.schema.get("enum", [])
    if choices and all(str(choice).lstrip("-").isdigit() for choice in choices):
        schema |= {"type": "integer", "enum": sorted(int(choice) for choice in choices)}
    return Field(field.name, schema, field.required, field.guessed)


def is_upload(node: Node) -> bool:
    return any(text_of(inner) == "files" for inner in walk(node))
