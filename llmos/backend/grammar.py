"""The JSON Schema of an answer, made for one request: it admits only what that request may do.

llama.cpp turns it into a grammar, so it keeps to types, enum, const, anyOf and $ref; bounds and formats are checked at
the commit. The order of the properties is the order in which the model writes them.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmos.backend.routes import Route
from llmos.backend.shape import Shape
from llmos.backend.window import Window
from llmos.contracts import Json
from llmos.state.pointer import join_pointer, split_pointer
from llmos.state.schema import StateSchema

MAX_OPERATIONS = 12
MAX_DEPTH = 4
SUCCESSES = (200, 201, 204)
REFUSALS = (404, 409, 422)


def answer_schema(route: Route, window: Window, shapes: dict[str, Shape], schema: StateSchema) -> Json:
    """Either a status below 400 with what changes and the body, or a refusal with its reason.

    Where the rule names 404, a document that is not stored leaves only the refusal.
    """
    accepted: dict[str, Json] = {"status": {"enum": successes(route)}}
    operations = [] if window.reading else list(_operations(window, shapes, schema))
    if operations:
        accepted["patch"] = {"type": "array", "items": {"anyOf": operations}, "maxItems": MAX_OPERATIONS}
    referring = [_object({"ref": {"enum": _pointers(window)}}), *_lists(route, window, shapes)]
    accepted["body"] = {"anyOf": [*referring, {"type": _literals(route)}]}
    refused = {"status": {"enum": refusals(route, window)}, "error": {"type": "string"}}
    sent = (join_pointer(["body", name]) for name in window.body)
    given = ["/now", "/body", *_who(window), *sent, *_found(window)]
    return {
        "anyOf": [_object(refused)] if _is_absent(route, window) else [_object(accepted), _object(refused)],
        "$defs": {"given": _object({"ref": {"enum": given}})},
    }


def successes(route: Route) -> list[int]:
    return [status for status in route.statuses if status < 400] or list(SUCCESSES)


def refusals(route: Route, window: Window) -> list[int]:
    """Those the rule names; a body that does not fit can always be refused as such."""
    named = [status for status in route.statuses if 400 <= status < 500] or list(REFUSALS)
    return list(dict.fromkeys([*named, *([422] if window.problems else [])]))


def _is_absent(route: Route, window: Window) -> bool:
    return window.absent and 404 in route.statuses and route.method != "PUT"


def _literals(route: Route) -> list[str]:
    """Only an answer that may be 204 needs to say nothing."""
    return ["object", "array", "string", "number", "boolean", *(["null"] if 204 in successes(route) else [])]


def _pointers(window: Window) -> list[str]:
    """What the body may refer to: everything that is stored, or would be after the answer's patch."""
    documents = [*window.named, *window.head, *_new_documents(window)]
    names = [join_pointer([name]) for name in [*window.collections, *window.values]]
    return list(dict.fromkeys([*documents, *names, *_who(window), *_found(window)]))


def _who(window: Window) -> list[str]:
    return [] if window.user is None else ["/user"]


def _found(window: Window) -> Iterator[str]:
    """What was looked up, as a whole and by its members."""
    for name, found in window.found.items():
        yield join_pointer([name])
        yield from (join_pointer([name, member]) for member in (found if isinstance(found, dict) else ()))


def _lists(route: Route, window: Window, shapes: dict[str, Shape]) -> Iterator[Json]:
    """The documents of a collection, or those whose fields are what the client asked for."""
    for name in window.collections:
        listed: dict[str, Json] = {"list": {"const": join_pointer([name])}}
        yield _object(listed)
        asked = [query for query in route.query if query in window.query and query in shapes[name].fields]
        if asked:
            where = {query: _object({"ref": {"const": join_pointer(["query", query])}}) for query in asked}
            yield _object({**listed, "where": _object(where)})


def _new_documents(window: Window) -> list[str]:
    """Where a document may be added: under the next id, or where PUT names one."""
    added = [join_pointer([name, collection.next_id]) for name, collection in window.collections.items()]
    named = [pointer for pointer, document in window.named.items() if document is None]
    return added if window.method == "POST" else named if window.method == "PUT" else []


def _operations(window: Window, shapes: dict[str, Shape], schema: StateSchema) -> Iterator[Json]:
    for pointer in _new_documents(window):
        yield _operation("add", [pointer], _document(pointer, shapes, window))
    if window.method == "DELETE" and window.target and not window.named:
        yield _operation("replace", [join_pointer([window.target])], {"const": {}})
    stored = list(window.reachable)
    if stored and window.method in ("DELETE", "POST"):
        yield _object({"op": {"const": "remove"}, "path": {"enum": stored}})
    if stored and window.method == "PUT":
        for pointer in stored:
            yield _operation("replace", [pointer], _document(pointer, shapes, window))
    if window.method != "DELETE":
        yield from _merges(window)
        yield from _field_operations(window, shapes)
    for name, part in schema.values.items():
        op = "replace" if name in window.values else "add"
        yield _operation(op, [join_pointer([name])], _value(schema, part, window, MAX_DEPTH))


def _merges(window: Window) -> Iterator[Json]:
    """A stored document with the body on top, in one operation however many fields were sent."""
    for pointer in window.reachable if window.body else ():
        merged = _object({"ref": {"const": pointer}, "with": _object({"ref": {"const": "/body"}})})
        yield _operation("replace", [pointer], merged)


def _field_operations(window: Window, shapes: dict[str, Shape]) -> Iterator[Json]:
    """Set a field of a stored document, whether it is there or not, as `add` does.

    Of those that no client sets, the ones that were looked up by the same name.
    """
    found = {name for result in window.found.values() if isinstance(result, dict) for name in result} - {"id"}
    for collection, shape in shapes.items():
        stored = [pointer for pointer in window.reachable if split_pointer(pointer)[0] == collection]
        for name, part in shape.fields.items():
            if stored and (name not in shape.own or name in found):
                paths = [pointer + join_pointer([name]) for pointer in stored]
                is_file = name in shape.files
                value = _file(name, window) if is_file else _value(shape.source, part, window, MAX_DEPTH)
                yield _operation("add", paths, value)


def _operation(op: str, paths: list[str], value: Json) -> Json:
    return _object({"op": {"const": op}, "path": {"enum": paths}, "value": value})


def _document(pointer: str, shapes: dict[str, Shape], window: Window) -> Json:
    """A new document: the body as it was sent, with what the app itself must set; or its fields spelled out."""
    collection, key = split_pointer(pointer)
    shape = shapes[collection]
    fields = {name: _field(shape, name, key, window) for name in shape.fields if name not in _unsaid(shape)}
    if not fields:
        return {}
    sent = shape.settable(window.body)
    given = sent.keys() | shape.defaults.keys()
    set_here = [name for name in fields if name in shape.own or (name in shape.required and name not in given)]
    if not sent:
        return {"type": "object", "properties": fields, "required": set_here, "additionalProperties": False}
    # what the client left out stays out, unless the rule speaks of it: a small model invents it otherwise
    spoken_of = {name: part for name, part in fields.items() if name in sent or name in window.words}
    ordered = {name: fields[name] for name in [*set_here, *spoken_of]}
    spelled_out = {"type": "object", "properties": ordered, "required": set_here, "additionalProperties": False}
    beside = {name: part for name, part in ordered.items() if name not in shape.files}  # they come with the body
    must = [name for name in set_here if name in beside]
    extended = {"type": "object", "properties": beside, "required": must, "additionalProperties": False}
    return {"anyOf": [_object({"ref": {"const": "/body"}, "with": extended}), spelled_out]}


def _unsaid(shape: Shape) -> list[str]:
    """What is never stored, what only code sets: whose a document is, and what it begins with."""
    return [*shape.derived, *(["user"] if shape.is_private else []), *(shape.own & shape.defaults.keys())]


def _field(shape: Shape, name: str, key: str, window: Window) -> Json:
    part = shape.fields[name]
    if name == "id":
        return {"const": int(key) if part.get("type") in ("integer", "number") and key.isdigit() else key}
    if name in shape.own and part.get("format") == "date-time":
        return _object({"ref": {"const": "/now"}})
    return _file(name, window) if name in shape.files else _value(shape.source, part, window, MAX_DEPTH)


def _file(name: str, window: Window) -> Json:
    """What came in the field of this name, or nothing: no model makes a file up."""
    sent = [_object({"ref": {"const": join_pointer(["body", name])}})] if name in window.body else []
    return {"anyOf": [*sent, {"type": "null"}]}


def _value(schema: StateSchema, part: Json, window: Window, depth: int) -> Json:
    """A value of the app's schema, or a reference to what the request gave."""
    plain = _plain(schema, part, depth)
    may_refer = window.body or window.user or part.get("format") == "date-time"
    return {"anyOf": [{"$ref": "#/$defs/given"}, plain]} if may_refer else plain


def _plain(schema: StateSchema, part: Json, depth: int) -> Json:
    part = schema.resolved(part) if isinstance(part, dict) else {}
    if depth == 0:
        return {}
    for choice in ("const", "enum"):
        if choice in part:
            return {choice: part[choice]}
    for choice in ("anyOf", "oneOf"):
        if choice in part:
            return {"anyOf": [_plain(schema, option, depth - 1) for option in part[choice]]}
    if part.get("type") == "array":
        return {"type": "array", "items": _plain(schema, part.get("items", {}), depth - 1)}
    if part.get("type") == "object" and "properties" in part:
        properties = {name: _plain(schema, inner, depth - 1) for name, inner in part["properties"].items()}
        return {"type": "object", "properties": properties, "required": part.get("required", [])}
    return {"type": part["type"]} if "type" in part else {}


def _object(properties: dict[str, Json]) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
