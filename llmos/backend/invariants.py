"""What an app declares to hold whatever is committed: `products.stock >= 0`, and `sum(accounts.balance)` constant.

A commit costs what it changes: only documents that it touches are looked at, before and after.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

from llmos.backend.routes import Route
from llmos.contracts import Json
from llmos.errors import AppError, InvariantBroken
from llmos.kernel.app import InvariantSettings
from llmos.state.patch import Patch, touched_places
from llmos.state.store import AppState

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}
_ALWAYS = re.compile(r"\s*(\w+)\.(\w+)\s*(>=|<=|==|!=|>|<)\s*(?:(-?\d+(?:\.\d+)?)|(\w+))\s*")
_SUM = re.compile(r"\s*sum\((\w+)\.(\w+)\)\s*")

ROUNDING = Fraction(1, 10**12)  # of the numbers that are added up

Documents = dict[tuple[str, str], Json]


@dataclass(frozen=True)
class Always:
    """A field of each document of a collection, compared with a number or with another field of it."""

    text: str
    collection: str
    field: str
    operator: str
    bound: float | str

    def holds(self, document: dict[str, Json]) -> bool:
        left = document.get(self.field)
        right = document.get(self.bound) if isinstance(self.bound, str) else self.bound
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            return True  # what is not there breaks nothing; the schema says what must be there
        return _COMPARE[self.operator](left, right)


@dataclass(frozen=True)
class Constant:
    """A sum over a collection that only the routes in `but` may change."""

    text: str
    collection: str
    field: str
    but: frozenset[str]

    def keeps(self, before: Documents, after: Documents) -> bool:
        """Whether the sum over these documents stays. Integers are exact; floats may differ by what rounding does."""
        old, new = list(self._numbers(before)), list(self._numbers(after))
        difference = abs(sum(map(Fraction, new), Fraction()) - sum(map(Fraction, old), Fraction()))
        if all(isinstance(number, int) for number in (*old, *new)):
            return difference == 0
        return difference <= ROUNDING * sum((abs(Fraction(number)) for number in (*old, *new)), Fraction())

    def _numbers(self, documents: Documents) -> Iterator[float]:
        for (name, _), document in documents.items():
            value = document.get(self.field) if name == self.collection and isinstance(document, dict) else None
            if isinstance(value, int | float):
                yield value


class Invariants:
    """Those of one app."""

    def __init__(self, declared: InvariantSettings, state: AppState, routes: Collection[str] | None = None) -> None:
        """Raises AppError for one that cannot be read, or that names a route which is none of `routes`."""
        self._state = state
        self._always = [_always(text, state) for text in declared.always]
        self._constant = [_constant(text, but, state) for text, but in declared.constant.items()]
        named = {name for constant in self._constant for name in constant.but}
        if routes is not None and (unknown := named.difference(routes)):
            raise AppError(f"app.toml: [invariants.constant]: prompt.md has no `## {min(unknown)}`.")

    @contextmanager
    def kept(self, route: Route, patch: Patch) -> Iterator[None]:
        """Compare what the patch touches before and after. Raises InvariantBroken; the caller undoes the commit."""
        if not (self._always or self._constant):
            yield
            return
        before = self._touched(patch)
        yield
        after = self._touched(patch)  # a document that is gone is not in a collection named as a whole
        after |= {place: self._state.document(*place) for place in before.keys() - after.keys()}
        self._check_always(after)
        for constant in self._constant:
            if route.name not in constant.but and not constant.keeps(before, after):
                raise InvariantBroken(f"{constant.text} would change, and {route.name} may not change it.")

    def _check_always(self, documents: Documents) -> None:
        for rule in self._always:
            for (collection, key), document in documents.items():
                if collection == rule.collection and isinstance(document, dict) and not rule.holds(document):
                    raise InvariantBroken(f"{rule.text} would not hold for /{collection}/{key}.")

    def _touched(self, patch: Patch) -> Documents:
        found: Documents = {}
        for place in touched_places(patch):
            if place and place[0] not in self._state.schema.collections:
                continue
            for name in place[:1] or self._state.schema.collections:
                if len(place) > 1:
                    found[name, place[1]] = self._state.document(name, place[1])
                else:
                    found |= {(name, key): document for key, document in self._state.page(name, -1).items()}
        return found


def _always(text: str, state: AppState) -> Always:
    match = _ALWAYS.fullmatch(text)
    fields = [] if match is None else [name for name in (match[2], match[5]) if name is not None]
    if match is None or not _has_fields(state, match[1], fields):
        raise AppError(f"app.toml: [invariants] always: {text!r} is not understood; write COLLECTION.FIELD >= 0.")
    return Always(text, match[1], match[2], match[3], match[5] if match[4] is None else _number(match[4]))


def _constant(text: str, but: tuple[str, ...], state: AppState) -> Constant:
    match = _SUM.fullmatch(text)
    if match is None or not _has_fields(state, match[1], [match[2]]):
        raise AppError(f"app.toml: [invariants.constant]: {text!r} is not understood; write sum(COLLECTION.FIELD).")
    return Constant(text, match[1], match[2], frozenset(but))


def _number(text: str) -> float:
    return float(text) if "." in text else int(text)


def _has_fields(state: AppState, collection: str, fields: list[str]) -> bool:
    """Whether the schema has this collection, and does not tell of its fields without these."""
    if collection not in state.schema.collections:
        return False
    known = state.schema.resolved(state.schema.collections[collection]).get("properties", {})
    return not known or known.keys() >= set(fields)
