"""What a commit changed, for people: each place with what it held before and after."""

from __future__ import annotations

from dataclasses import dataclass

from llmos.contracts import Json
from llmos.state.patch import Patch


@dataclass(frozen=True)
class Change:
    """One place of the state. `what` is "added", "changed" or "removed"; what was not there is None."""

    path: str
    what: str
    before: Json = None
    after: Json = None


def changes(inverse: Patch) -> list[Change]:
    """The changes that a commit's inverse takes back, in the order in which it made them.

    The inverse is guarded: it tests the value that the commit left before it overwrites or removes it.
    """
    found: list[Change] = []
    left: dict[str, Json] = {}
    for operation in inverse:
        op, path = operation["op"], operation["path"]
        if op == "test":
            left[path] = operation["value"]
        elif op == "add":
            found.append(Change(path, "removed", before=operation["value"]))
        elif op == "remove":
            found.append(Change(path, "added", after=left.pop(path, None)))
        else:
            found.append(Change(path, "changed", operation["value"], left.pop(path, None)))
    return found[::-1]
