"""Documents that come one by one, from the lines of a table or the items of a list, put under their keys."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from llmos.contracts import Json
from llmos.errors import SchemaMismatch, StateError
from llmos.state.schema import StateSchema
from llmos.state.tables import is_number


class Row(NamedTuple):
    """`where` names it in errors, such as "Line 4"; `key` is empty where the document has none yet."""

    where: str
    key: str
    document: Json


def keyed(schema: StateSchema, collection: str, rows: Iterable[Row], next_number: int) -> dict[str, Json]:
    """The documents by key: their own, else that of their `id`, else a new one.

    Raises StateError, SchemaMismatch that name the row and the field.
    """
    named = [row._replace(key=row.key or _own_key(row.document)) for row in rows]
    numbers = [int(row.key) for row in named if is_number(row.key)]
    fresh = schema.new_keys(collection, max([next_number, *(number + 1 for number in numbers)]))
    documents: dict[str, Json] = {}
    places: dict[str, str] = {}
    for row in named:
        key = row.key or next(fresh)
        if key in places:
            raise StateError(f"{row.where}: {key} stands in {places[key].lower()} already; give it another key.")
        documents[key] = _checked(schema, collection, row.where, key, row.document)
        places[key] = row.where
    return documents


def items(documents: list[Json]) -> Iterator[Row]:
    for number, document in enumerate(documents, 1):
        yield Row(f"Item {number}", "", document)


def _own_key(document: Json) -> str:
    key = document.get("id") if isinstance(document, dict) else None
    return str(key) if isinstance(key, str | int) and not isinstance(key, bool) else ""


def _checked(schema: StateSchema, collection: str, where: str, key: str, document: Json) -> Json:
    document = _with_id(schema, collection, key, document)
    try:
        schema.check_document(collection, key, document)
    except SchemaMismatch as error:
        raise SchemaMismatch(f"{where}: {error}") from error
    return document


def _with_id(schema: StateSchema, collection: str, key: str, document: Json) -> Json:
    """Where the schema speaks of an id and the document has none, it is the key."""
    part = schema.resolved(schema.collections[collection]).get("properties", {}).get("id")
    if part is None or not isinstance(document, dict) or "id" in document:
        return document
    is_number = schema.resolved(part).get("type") in ("integer", "number") and key.isdecimal()
    return {"id": int(key) if is_number else key, **document}
