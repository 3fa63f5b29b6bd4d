"""What a handler sees of the state, and the patch that its changes add up to. Nothing is stored here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping

from llmos.backend.compile.source import READS, WRITES
from llmos.backend.scope import Scoped
from llmos.backend.shape import Shape
from llmos.contracts import Json
from llmos.errors import HandlerError
from llmos.state.patch import Patch
from llmos.state.pointer import join_pointer
from llmos.state.tables import is_number

MAX_CHANGES = 10_000
EVERYTHING = -1

Document = dict[str, Json]
Function = Callable[..., Json]


class View:
    """One request's view: documents are read when they are asked for, and changes are seen by later reads."""

    def __init__(
        self,
        state: Scoped,
        shapes: Mapping[str, Shape],
        now: str,
        base: str = "",
        make_uuid: Callable[[], uuid.UUID] = uuid.uuid4,
    ) -> None:
        self.patch: Patch = []
        self.part: tuple[int, str | None] = (EVERYTHING, None)  # how many `get_all` reads, and behind which key
        self._state = state
        self._shapes = shapes
        self._now = now
        self._base = base
        self._make_uuid = make_uuid
        self._changed: dict[str, dict[str, Document | None]] = {name: {} for name in shapes}
        self._values: Document = {}

    def functions(self, *, reading: bool) -> dict[str, Function]:
        """What a handler may call; one that answers GET is given nothing that changes anything."""
        return {name: getattr(self, name) for name in (READS if reading else READS | WRITES)}

    def get(self, collection: str, id: Json) -> Document | None:
        key = _key(id)
        document = self._stored(collection, key)
        return None if document is None else self._outward(collection, key, document)

    def get_all(self, collection: str) -> list[Document]:
        self._shape(collection)
        return self._listed(collection, self._state.page(collection, *self.part), lambda _: True)

    def find(self, collection: str, field: str, value: Json) -> list[Document]:
        shape = self._shape(collection)
        wanted = shape.coerced({field: value}).get(field, value) if isinstance(value, str) else value
        if isinstance(wanted, dict | list):
            return [document for document in self.get_all(collection) if document.get(field) == wanted]
        found = self._state.find(collection, field, wanted)
        return self._listed(collection, found, lambda document: document.get(field) == wanted)

    def count(self, collection: str) -> int:
        changed = self._changed[self._shape(collection).collection]
        if not changed:
            return self._state.count(collection)
        return len(self.get_all(collection))

    def value(self, name: str) -> Json:
        self._require_value(name)
        if name in self._values:
            return self._values[name]
        return self._state.get(join_pointer([name])) if self._state.has(name) else None

    def now(self) -> str:
        return self._now

    def add(self, collection: str, fields: Document) -> Document:
        shape = self._shape(collection)
        return self._put(shape, self._next_key(shape), fields)

    def put(self, collection: str, id: Json, fields: Document) -> Document:
        if self._state.is_foreign(self._shape(collection).collection, _key(id)):
            raise HandlerError(f"{join_pointer([collection, _key(id)])} is not this user's to change.")
        return self._put(self._shape(collection), _key(id), fields)

    def update(self, collection: str, id: Json, fields: Document) -> Document:
        shape, key, fields = self._shape(collection), _key(id), _plain(fields)
        before = self._stored(collection, key)
        if before is None:
            raise HandlerError(f"There is no {join_pointer([collection, key])} to change.")
        changes = {name: value for name, value in fields.items() if name not in _made(shape)}
        changes |= {name: self._now for name in _stamps(shape) if name.startswith("updated")}
        for name, value in changes.items():
            if name not in before or not _same(before[name], value):
                self._change({"op": "add", "path": join_pointer([collection, key, name]), "value": value})
        self._changed[collection][key] = before | changes
        return self._outward(collection, key, before | changes)

    def remove(self, collection: str, id: Json) -> None:
        key = _key(id)
        if self._stored(collection, key) is None:
            raise HandlerError(f"There is no {join_pointer([collection, key])} to remove.")
        self._change({"op": "remove", "path": join_pointer([collection, key])})
        self._changed[collection][key] = None

    def remove_all(self, collection: str) -> None:
        self._shape(collection)
        gone = dict.fromkeys([*self._state.page(collection, EVERYTHING), *self._changed[collection]])
        if self._state.is_private(collection):
            for key in gone:
                if self._stored(collection, key) is not None:
                    self.remove(collection, key)
        else:
            self._change({"op": "replace", "path": join_pointer([collection]), "value": {}})
        self._changed[collection] = gone

    def set_value(self, name: str, value: Json) -> None:
        self._require_value(name)
        self._values[name] = _plain(value)
        self._change({"op": "add", "path": join_pointer([name]), "value": self._values[name]})

    def _require_value(self, name: str) -> None:
        if name not in self._state.schema.values:
            raise HandlerError(f"The state has no value {name!r}.")

    def _put(self, shape: Shape, key: str, fields: Document) -> Document:
        made: Document = dict.fromkeys(_stamps(shape), self._now)
        if "id" in shape.fields:
            made["id"] = typed_id(shape, key)
        if shape.is_private:
            made["user"] = self._state.user
        given = {name: value for name, value in _plain(fields).items() if name not in _made(shape)}
        document = shape.filled({**made, **given})
        self._change({"op": "add", "path": join_pointer([shape.collection, key]), "value": document})
        self._changed[shape.collection][key] = document
        return self._outward(shape.collection, key, document)

    def _next_key(self, shape: Shape) -> str:
        if self._state.schema.has_uuids(shape.collection):
            return str(self._make_uuid())
        added = [int(key) for key in self._changed[shape.collection] if is_number(key)]
        return str(max([self._state.next_number(shape.collection), *(key + 1 for key in added)]))

    def _stored(self, collection: str, key: str) -> Document | None:
        changed = self._changed[self._shape(collection).collection]
        return changed[key] if key in changed else self._state.document(collection, key)

    def _listed(self, collection: str, found: dict[str, Json], fits: Callable[[Document], bool]) -> list[Document]:
        changed = self._changed[collection]
        now = {key: document for key, document in found.items() if key not in changed}
        now |= {key: document for key, document in changed.items() if document is not None and fits(document)}
        keys = sorted(now, key=lambda key: (len(key), key)) if changed else now
        return [self._outward(collection, key, now[key]) for key in keys]

    def _outward(self, collection: str, key: str, document: Document) -> Document:
        return dict(self._shapes[collection].outward(key, document, self._base))

    def _shape(self, collection: str) -> Shape:
        if collection not in self._shapes:
            raise HandlerError(f"The state has no collection {collection!r}.")
        return self._shapes[collection]

    def _change(self, operation: Document) -> None:
        self.patch.append(operation)
        if len(self.patch) > MAX_CHANGES:
            raise HandlerError(f"The handler made more than {MAX_CHANGES} changes.")


def _key(id: Json) -> str:
    """A number that is whole is one key, however it was written."""
    return str(int(id)) if isinstance(id, float) and id.is_integer() else str(id)


def _plain(value: Json) -> Json:
    """`value` as it will be stored."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (ValueError, TypeError, RecursionError) as error:
        raise HandlerError(f"That cannot be stored: {error}.") from error


def _same(one: Json, other: Json) -> bool:
    """As it is stored: 1 is neither true nor 1.0."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def typed_id(shape: Shape, key: str) -> Json:
    """The id as the schema has it: a number where it is one. "007" is none: it would be read as the id of another."""
    numeric = shape.fields.get("id", {}).get("type") in ("integer", "number")
    return int(key) if numeric and is_number(key) and str(int(key)) == key else key


def _stamps(shape: Shape) -> list[str]:
    """The times that the app sets itself."""
    return [
        name
        for name in shape.own
        if shape.fields[name].get("format") == "date-time" and name.startswith(("created", "updated"))
    ]


def _made(shape: Shape) -> set[str]:
    """What no handler sets."""
    return {"id", *_stamps(shape), *shape.derived, *(["user"] if shape.is_private else [])}
