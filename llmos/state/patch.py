"""JSON Patch (RFC 6902) on a part of a state: apply it, invert it, say what it touches."""

import json
from collections.abc import Iterator, Mapping

import jsonpatch
import jsonpointer

from llmos.contracts import Json
from llmos.errors import PatchError
from llmos.state.pointer import join_pointer, split_pointer

OPERATIONS = frozenset({"add", "remove", "replace", "move", "copy", "test"})

Patch = list[dict[str, Json]]


def checked_patch(patch: Json) -> Patch:
    """A copy of `patch` that JSON can store. Raises PatchError when it is no list of RFC 6902 operations."""
    try:
        text = json.dumps(patch, ensure_ascii=False, allow_nan=False)
        text.encode()
        operations = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise PatchError(f"The patch holds what JSON cannot store: {error}.") from error
    if not isinstance(operations, list):
        raise PatchError("A patch is a list of operations; send [] for no change.")
    for operation in operations:
        if not isinstance(operation, dict) or operation.get("op") not in OPERATIONS:
            raise PatchError(f"{operation!r} is not an operation; op is one of {', '.join(sorted(OPERATIONS))}.")
    return operations


def adding(values: Mapping[str, Json]) -> Patch:
    """The patch that puts each of these collections and values into a state."""
    return [{"op": "add", "path": join_pointer([name]), "value": value} for name, value in values.items()]


def touched_places(patch: Patch) -> Iterator[tuple[str, ...]]:
    """The parts of every pointer that the patch names."""
    for operation in patch:
        for member in ("path", "from"):
            if member in operation:
                yield split_pointer(operation[member])


def apply_patch(before: Json, patch: Patch) -> Json:
    """The value after `patch`; `before` stays as it is. Raises PatchError."""
    try:
        return jsonpatch.apply_patch(before, patch)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as error:
        raise PatchError(f"The patch does not apply: {str(error)[:300]}.") from error


def overwrites(value: Json, patch: Patch) -> bool:
    """Whether an `add` of the patch would replace a member that `value` has."""
    for operation in patch:
        *parents, key = split_pointer(operation["path"])
        parent = jsonpointer.resolve_pointer(value, join_pointer(parents), None)
        if operation["op"] == "add" and isinstance(parent, dict) and key in parent:
            return True
    return False


def diff(before: Json, after: Json, *, guarded: bool = False) -> Patch:
    """The patch from `before` to `after`; a guarded one tests every value before it overwrites it."""
    # no moves: a moved value would tie two documents together that have nothing to do with each other
    difference = jsonpatch.JsonPatch.from_diff(before, after, optimization=False, generate_test_ops=guarded)
    return list(difference.patch)
