"""An app's documents: versioned, checked by its schema, changed only by committed patches."""

import time
from dataclasses import dataclass
from typing import Any

from llmos.contracts import Json
from llmos.errors import Conflict, PatchError, SchemaMismatch, StateError
from llmos.state.database import Database
from llmos.state.patch import Patch, apply_patch, checked_patch, diff, overwrites, touched_places
from llmos.state.pointer import join_pointer, part_of, split_pointer
from llmos.state.schema import StateSchema
from llmos.state.tables import Tables, encode, is_searchable, migrations

EVERYTHING = -1


@dataclass(frozen=True)
class Commit:
    """One change. `at` is seconds since 1970; `inverse` leads back, unless later commits are in its way."""

    version: int
    at: float
    patch: Patch
    inverse: Patch
    cause: dict[str, Json]


class AppState:
    """Collections of documents and plain values of one app, addressed by JSON Pointer.

    `commit` costs what it changes, unless a pointer names a whole collection or the whole state.
    A collection always exists and is never an array: the key "-" is refused, `next_id` names new documents.
    """

    def __init__(self, db: Database, app: str, schema: Json) -> None:
        migrations.apply(db)
        self.app = app
        self.schema = StateSchema(schema)
        self.db = db
        self._tables = Tables(db, app)

    @property
    def version(self) -> int:
        """0 for a state that was never written, then one more with each commit."""
        with self.db.snapshot():
            return self._tables.version()

    def get(self, pointer: str) -> Json:
        """A field, a document, a collection, or with "" the whole state. Raises StateError when it is not there."""
        parts = split_pointer(pointer)
        with self.db.snapshot():
            return part_of(self._load([parts]), pointer, self.app)

    def document(self, collection: str, key: str) -> Json | None:
        with self.db.snapshot():
            return self._tables.read(self._collection(collection), [key]).get(key)

    def has(self, name: str) -> bool:
        """Whether a collection or plain value is there; a value without a default may not be."""
        with self.db.snapshot():
            return name in self._load([(name,)])

    def count(self, collection: str) -> int:
        with self.db.snapshot():
            return self._tables.count(self._collection(collection))

    def page(self, collection: str, limit: int, after: str | None = None) -> dict[str, Json]:
        """Up to `limit` documents by key, in the order of their ids, starting behind the key `after`."""
        with self.db.snapshot():
            return self._tables.page(self._collection(collection), limit, after)

    def find(self, collection: str, field: str, value: str | float | None) -> dict[str, Json]:
        """Documents whose `field` is `value` (None: or not there), in the order of their ids.

        Once it is `indexed`, at the cost of these.
        """
        name = self._collection(collection)
        with self.db.snapshot():
            if is_searchable(field, value):
                found = self._tables.find(name, field, value)
            else:
                found = self._tables.page(name, EVERYTHING, None)
        # SQLite has no truths and no lists: to it, true is 1 and [1] is the text "[1]"
        return {key: part for key, part in found.items() if isinstance(part, dict) and part.get(field) == value}

    def index(self, collection: str, field: str) -> None:
        """Make `find` by this field cost what it finds, and each write a little more."""
        name = self._collection(collection)
        if is_searchable(field, None):
            with self.db.atomic():
                self._tables.index(name, field)

    def holders(self, digest: str) -> list[tuple[str, str]]:
        """The documents that refer to a file, by collection and key."""
        with self.db.snapshot():
            return self._tables.holders(digest)

    def next_id(self, collection: str) -> str:
        """The key for a new document: a new UUID where the schema's ids are such, else the next number."""
        return next(self.schema.new_keys(self._collection(collection), self.next_number(collection)))

    def next_number(self, collection: str) -> int:
        """One more than the greatest number that was ever a key, those of deleted documents included."""
        with self.db.snapshot():
            return self._tables.next_id(self._collection(collection))

    def commit(self, patch: Json, base_version: int | None = None, *, cause: dict[str, Json]) -> Commit | None:
        """Apply `patch` in one transaction; None when it changes nothing.

        Raises Conflict when `base_version` is no longer the newest, PatchError when the patch does not apply,
        SchemaMismatch when a changed document would not fit the schema. Then nothing has changed.
        """
        operations = checked_patch(patch)
        with self.db.atomic():
            version = self._tables.version_for_writing()
            if base_version not in (None, version):
                raise Conflict(f"The state of {self.app} is at version {version}, not {base_version}; read it again.")
            before = self._load(list(touched_places(operations)))
            after = apply_patch(before, operations)
            inverse = diff(after, before, guarded=True)
            if not inverse:
                return None
            self._store(before, after)
            return self._log(Commit(version + 1, time.time(), operations, inverse, cause))

    def log(self, limit: int = 50) -> list[Commit]:
        """The newest commits, newest first."""
        return self._commits(0, limit)

    def at(self, version: int) -> Json:
        """The whole state as it was; costs the commits since. Raises StateError for an unknown version."""
        with self.db.snapshot():
            self._check_version(version, least=0)
            state = self.get("")
            for commit in self._commits(version):
                state = apply_patch(state, commit.inverse)
            return state

    def commit_at(self, version: int) -> Commit:
        """The commit that led to a version. Raises StateError when there is none."""
        with self.db.snapshot():
            self._check_version(version, least=1)
            [row] = self._tables.commits(version - 1, upto=version)
            return Commit(*row)

    def diff(self, old: int, new: int) -> Patch:
        """The patch that leads from one version to another."""
        with self.db.snapshot():
            return diff(self.at(old), self.at(new))

    def undo(self, version: int) -> Commit:
        """Commit the inverse of one commit. Raises Conflict when later commits changed the same values."""
        with self.db.atomic():
            inverse = self.commit_at(version).inverse
            try:
                # JSON Patch can test that a value is there, but not that none is
                part = self._load(list(touched_places(inverse)))
                commit = None if overwrites(part, inverse) else self.commit(inverse, cause={"undo": version})
            except (PatchError, SchemaMismatch):
                commit = None
            if commit is None:
                raise Conflict(
                    f"Version {version} of {self.app} cannot be undone: a later commit changed the same values; "
                    "undo that one first."
                )
            return commit

    def _collection(self, name: str) -> str:
        if name not in self.schema.collections:
            known = ", ".join(self.schema.collections) or "none"
            raise StateError(f"{self.app} has no collection {name!r}; it has: {known}.")
        return name

    def _check_version(self, version: int, least: int) -> None:
        newest = self._tables.version()
        if not least <= version <= newest:
            raise StateError(f"{self.app} has no version {version}; its versions are {least} to {newest}.")

    def _load(self, places: list[tuple[str, ...]]) -> dict[str, Any]:
        """The part of the state that holds `places`; collections are there, with the named documents alone."""
        part: dict[str, Any] = {name: {} for name in self.schema.collections}
        for place in places:
            names = place[:1] or [*self.schema.collections, *self.schema.values]
            for name in names:
                if name in self.schema.values:
                    part |= self._value(name)
                elif name in self.schema.collections:
                    part[name] |= self._documents(name, place[1:2])
        return part

    def _value(self, name: str) -> dict[str, Json]:
        rows = self._tables.read(name, [""])
        if rows:
            return {name: rows[""]}
        defaults = self.schema.defaults
        return {name: defaults[name]} if name in defaults else {}

    def _documents(self, name: str, key: tuple[str, ...]) -> dict[str, Json]:
        return self._tables.read(name, key) if key else self._tables.page(name, EVERYTHING, None)

    def _store(self, before: dict[str, Json], after: Json) -> None:
        if not isinstance(after, dict):
            raise SchemaMismatch(f"The state of {self.app} is an object and cannot become something else.")
        for name in before.keys() | after.keys():
            if name in self.schema.collections:
                self._store_collection(name, before[name], after.get(name))
            elif name in self.schema.values:
                self._store_value(name, before, after)
            else:
                known = ", ".join([*self.schema.collections, *self.schema.values])
                raise SchemaMismatch(f"The state's schema knows no {join_pointer([name])}; it knows {known}.")

    def _store_value(self, name: str, before: dict[str, Json], after: dict[str, Json]) -> None:
        if name in after:
            self.schema.check_value(name, after[name])
            self._tables.put(name, "", after[name])
        elif name in self.schema.required or name in self.schema.defaults:
            raise SchemaMismatch(f"/{name} always has a value; replace it instead of removing it.")
        else:
            self._tables.delete(name, "")

    def _store_collection(self, name: str, before: dict[str, Json], after: Json) -> None:
        if not isinstance(after, dict):
            raise SchemaMismatch(f"/{name} is a collection; remove its documents, or replace it with {{}}.")
        for key in before.keys() - after.keys():
            self._drop(name, key)
        for key, document in after.items():
            if key not in before:
                self._store_new(name, key, document)
            elif encode(before[key]) != encode(document):  # as JSON: 1 is not true, and a key may have moved
                self.schema.check_document(name, key, document)
                self._put(name, key, document)

    def _store_new(self, name: str, key: str, document: Json) -> None:
        if key in ("", "-"):
            raise PatchError(f"A document of /{name} needs an id, such as {self.next_id(name)}.")
        self.schema.check_document(name, key, document)
        self._put(name, key, document)
        self._tables.retire_id(name, key)

    def _put(self, name: str, key: str, document: Json) -> None:
        self._tables.put(name, key, document)
        if self.schema.has_files:
            self._tables.set_files(name, key, self.schema.digests(name, document))

    def _drop(self, name: str, key: str) -> None:
        self._tables.delete(name, key)
        if self.schema.has_files:
            self._tables.set_files(name, key, ())

    def _log(self, commit: Commit) -> Commit:
        self._tables.set_version(commit.version)
        self._tables.add_commit(commit.version, commit.at, commit.patch, commit.inverse, commit.cause)
        return commit

    def _commits(self, after: int, limit: int = EVERYTHING) -> list[Commit]:
        return [Commit(*row) for row in self._tables.commits(after, limit)]
