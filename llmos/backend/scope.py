"""What one user sees of an app's state, and may change: of a private collection only the documents that are theirs.

A collection is private when its documents have a readOnly field `user`. Whoever answers a request, a handler or the
model, reads through `Scoped`, where the documents of others are not there. What it would change is guarded at the
commit as well: a patch that touches another's document, or a private collection as a whole, is refused.
Not covered: plain values and collections without such a field are everybody's; ids are given out over all users, so
that a number tells how many documents there ever were, and nothing of what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from llmos.backend.shape import Shape
from llmos.contracts import Json
from llmos.errors import AppError, PatchError, StateError
from llmos.kernel.app import App
from llmos.state.patch import Patch, touched_places
from llmos.state.pointer import join_pointer, split_pointer
from llmos.state.store import AppState


class Scoped:
    """A state as `user` sees it; as it is where there are no users (None), for then nothing is private."""

    def __init__(self, state: AppState, shapes: Mapping[str, Shape], user: str | None) -> None:
        self.user = user
        self.schema = state.schema
        self._state = state
        self._private = {name for name, shape in shapes.items() if shape.is_private}

    @property
    def version(self) -> int:
        """Of the whole state: it grows with the commits of all users."""
        return self._state.version

    def is_private(self, collection: str) -> bool:
        return collection in self._private

    def is_foreign(self, collection: str, key: str) -> bool:
        """Whether there is such a document, and it is another's."""
        return self.is_private(collection) and not self._may_have(self._state.document(collection, key))

    def document(self, collection: str, key: str) -> Json | None:
        return None if self.is_foreign(collection, key) else self._state.document(collection, key)

    def page(self, collection: str, limit: int, after: str | None = None) -> dict[str, Json]:
        """The first `limit` documents, from the one behind the key `after` on; -1 is no limit."""
        if not self.is_private(collection):
            return self._state.page(collection, limit, after)
        mine = self._mine(collection)
        if after is not None:
            mine = {key: document for key, document in mine.items() if (len(key), key) > (len(after), after)}
        return mine if limit < 0 else dict(list(mine.items())[:limit])

    def find(self, collection: str, field: str, value: str | float | None) -> dict[str, Json]:
        if not self.is_private(collection):
            return self._state.find(collection, field, value)
        return {key: document for key, document in self._mine(collection).items() if document.get(field) == value}

    def count(self, collection: str) -> int:
        return len(self._mine(collection)) if self.is_private(collection) else self._state.count(collection)

    def get(self, pointer: str) -> Json:
        """As `AppState.get`. Raises StateError where there is nothing, or nothing of this user's."""
        place = split_pointer(pointer)
        if not place:
            return self._state.get("") | {name: self._mine(name) for name in self._private}
        if not self.is_private(place[0]):
            return self._state.get(pointer)
        if len(place) == 1:
            return self._mine(place[0])
        if self.is_foreign(place[0], place[1]):
            raise StateError(f"There is nothing at {pointer} in the state of {self._state.app}.")
        return self._state.get(pointer)

    def has(self, name: str) -> bool:
        return self._state.has(name)

    def next_id(self, collection: str) -> str:
        return self._state.next_id(collection)

    def next_number(self, collection: str) -> int:
        return self._state.next_number(collection)

    def stamped(self, patch: Patch) -> Patch:
        """`patch` with the user set on every document of a private collection that it stores, whatever it says."""
        return [self._stamp(operation) for operation in patch]

    @contextmanager
    def guarded(self, patch: Patch) -> Iterator[None]:
        """Around the commit of `patch`. Raises PatchError when it touches what is not this user's, before or after;
        the caller undoes the commit.
        """
        places = [place for place in touched_places(patch) if self._is_guarded(place)]
        self._check(places)
        yield
        self._check(places)

    def _stamp(self, operation: dict[str, Json]) -> dict[str, Json]:
        place, value = split_pointer(operation["path"]), operation.get("value")
        if len(place) != 2 or not self.is_private(place[0]) or not isinstance(value, dict):
            return operation
        return operation | {"value": value | {"user": self.user}}

    def _is_guarded(self, place: tuple[str, ...]) -> bool:
        return self.is_private(place[0]) if place else bool(self._private)

    def _check(self, places: list[tuple[str, ...]]) -> None:
        for place in places:
            if len(place) < 2:
                raise PatchError(f"{join_pointer(place) or 'The state'} holds documents of others; change one's own.")
            if self.is_foreign(place[0], place[1]):
                raise PatchError(f"{join_pointer(place[:2])} is not this user's to change.")

    def _mine(self, collection: str) -> dict[str, Json]:
        if self.user is None:
            return {}
        found = self._state.find(collection, "user", self.user)
        return {key: document for key, document in found.items() if self._may_have(document)}

    def _may_have(self, document: Json) -> bool:
        """Nothing is there for anybody to have; what is there is one user's."""
        if document is None:
            return True
        return isinstance(document, dict) and self.user is not None and document.get("user") == self.user


def check_users(app: App, shapes: Mapping[str, Shape], state: AppState) -> None:
    """Make ready what scoping needs. Raises AppError when schema.json and app.toml do not go together."""
    for name, shape in shapes.items():
        if not shape.is_private:
            continue
        if not app.http.users:
            raise AppError(f"schema.json: /{name} belong to users; write users = true under [http] in app.toml.")
        if shape.fields["user"].get("type") != "string":
            raise AppError(f"schema.json: `user` of /{name} is a user's name; give it the type string.")
        state.index(name, "user")
    if app.http.users and "user" in state.schema.source["properties"]:
        raise AppError("schema.json must not call anything 'user': that name is who asks.")
