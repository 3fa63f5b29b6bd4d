"""`{"ref": POINTER}` in an answer stands for the value that lies there, so that the model copies nothing.

`/body`, `/query` and `/now` are the request's, `/user` is there in an app with users, what was looked up lies under its
name; every other pointer leads into the state. `{"ref": P, "with": {...}}` is the object at P with some members set.
`{"list": "/todos"}` is the list of a collection's documents, and with `"where": {FIELD: VALUE}` of those whose field is
that.
"""

from __future__ import annotations

from collections.abc import Callable

import jsonpointer

from llmos.backend.shape import Shape
from llmos.backend.window import Window
from llmos.contracts import Json
from llmos.errors import AnswerError, StateError
from llmos.state.pointer import split_pointer

RESERVED = frozenset({"body", "query", "now"})

Read = Callable[[str], Json]


def is_reference(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("ref"), str) and value.keys() <= {"ref", "with"}


def is_list(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("list"), str) and value.keys() <= {"list", "where"}


def resolve(value: Json, read: Read) -> Json:
    """`value` with every reference in it replaced; what was put in is not looked at again. Raises AnswerError."""
    if is_list(value):
        return _resolve_list(value, read)
    if is_reference(value):
        return _resolve_reference(value, read)
    if isinstance(value, dict):
        return {name: resolve(part, read) for name, part in value.items()}
    if isinstance(value, list):
        return [resolve(part, read) for part in value]
    return value


def reader(window: Window, shapes: dict[str, Shape], state: Read, *, telling: bool = False) -> Read:
    """Reads pointers into the request and the state. `/body` alone is what a client may set, `/body/x` is as sent.

    `telling` is for the body of an answer: documents come with the address they are read at, which is never stored.
    """
    shape = shapes.get(window.target or "")
    creates = window.method in ("POST", "PUT")
    query = window.query | (shape.coerced(window.query) if shape else {})  # a text that names a number is that number
    request = {"body": window.body, "query": query, "now": window.now}
    if window.user is not None:
        request["user"] = window.user
    request |= window.found

    def read(pointer: str) -> Json:
        try:
            if pointer == "/body" and shape is not None:
                return shape.filled(shape.settable(window.body)) if creates else shape.settable(window.body)
            if split_pointer(pointer)[:1] and split_pointer(pointer)[0] in request:
                return jsonpointer.resolve_pointer(request, pointer)
            value = state(pointer)
            return _outward(value, split_pointer(pointer), shapes, window.base) if telling else value
        except (StateError, jsonpointer.JsonPointerException) as error:
            raise AnswerError(f"There is nothing at {pointer}.") from error

    return read


def _resolve_reference(value: dict[str, Json], read: Read) -> Json:
    found = read(value["ref"])
    if "with" not in value:
        return found
    members = resolve(value["with"], read)
    if not isinstance(found, dict) or not isinstance(members, dict):
        raise AnswerError(f'"with" sets members of an object, and {value["ref"]} is none.')
    return members | {name: part for name, part in found.items() if name not in members}


def _resolve_list(value: dict[str, Json], read: Read) -> Json:
    found = read(value["list"])
    if not isinstance(found, dict):
        raise AnswerError(f'"list" names a collection, and {value["list"]} is none.')
    wanted = resolve(value.get("where", {}), read)
    if not isinstance(wanted, dict):
        raise AnswerError('"where" is an object of fields, each with the value it must have.')
    return [document for document in found.values() if _has(document, wanted)]


def _has(document: Json, wanted: dict[str, Json]) -> bool:
    return not wanted or (
        isinstance(document, dict) and all(document.get(name) == part for name, part in wanted.items())
    )


def _outward(value: Json, place: tuple[str, ...], shapes: dict[str, Shape], base: str) -> Json:
    if len(place) == 2 and place[0] in shapes:
        return shapes[place[0]].outward(place[1], value, base)
    if len(place) == 1 and place[0] in shapes:
        return {key: shapes[place[0]].outward(key, document, base) for key, document in value.items()}
    return value
