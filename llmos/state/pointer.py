"""JSON Pointers (RFC 6901): the addresses of everything in a state."""

from collections.abc import Iterable

import jsonpatch
from jsonpointer import JsonPointerException

from llmos.errors import PatchError


def split_pointer(pointer: str) -> tuple[str, ...]:
    """The unescaped parts; none for the whole state. Raises PatchError."""
    try:
        return tuple(jsonpatch.path_split(pointer))
    except (JsonPointerException, TypeError, AttributeError) as error:
        raise PatchError(f"{pointer!r} is not a JSON Pointer; write it like /collection/id/field.") from error


def join_pointer(parts: Iterable[str]) -> str:
    return str(jsonpatch.path_join(list(parts)))
