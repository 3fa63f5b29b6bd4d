"""JSON Pointers (RFC 6901): the addresses of everything in a state."""

from collections.abc import Iterable

import jsonpatch
import jsonpointer
from jsonpointer import JsonPointerException

from llmos.contracts import Json
from llmos.errors import PatchError, StateError

_MISSING = object()


def split_pointer(pointer: str) -> tuple[str, ...]:
    """The unescaped parts; none for the whole state. Raises PatchError."""
    try:
        return tuple(jsonpatch.path_split(pointer))
    except (JsonPointerException, TypeError, AttributeError) as error:
        raise PatchError(f"{pointer!r} is not a JSON Pointer; write it like /collection/id/field.") from error


def join_pointer(parts: Iterable[str]) -> str:
    return str(jsonpatch.path_join(list(parts)))


def part_of(value: Json, pointer: str, where: str) -> Json:
    """What lies at `pointer` in a state. Raises StateError, which names the state as `where`, when nothing does."""
    split_pointer(pointer)
    found = jsonpointer.resolve_pointer(value, pointer, _MISSING)
    if found is _MISSING or isinstance(found, jsonpointer.EndOfList):
        raise StateError(f"There is nothing at {pointer} in the state of {where}.")
    return found
