"""A state, or one collection of it, as the text of a file and back. What is read becomes one patch."""

import json
from typing import Any, Literal, NoReturn

from llmos.contracts import Json
from llmos.errors import StateError
from llmos.state.csv_files import read_csv, write_csv
from llmos.state.patch import Patch
from llmos.state.pointer import join_pointer
from llmos.state.rows import items, keyed
from llmos.state.store import AppState

Format = Literal["json", "csv"]


def exported(state: AppState, format: Format, collection: str | None) -> str:
    """Raises StateError for an unknown collection, or for CSV of more than one."""
    if format == "csv":
        name = _one_collection(state, collection)
        return write_csv(state.schema, name, state.get(join_pointer([name])))
    value = state.get("" if collection is None else join_pointer([_known(state, collection)]))
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def import_patch(state: AppState, text: str, format: Format, collection: str | None, *, replace: bool) -> Patch:
    """The patch that puts into `state` what `text` holds; with `replace` nothing else stays, there or in `collection`.

    Raises StateError, SchemaMismatch that name the line or the pointer.
    """
    if format == "csv":
        name = _one_collection(state, collection)
        rows = read_csv(state.schema, name, text)
        return _documents(state, name, keyed(state.schema, name, rows, state.next_number(name)), replace=replace)
    value = parse_json(text)
    if collection is not None:
        name = _known(state, collection)
        return _documents(state, name, _by_key(state, name, value), replace=replace)
    return whole_patch(state, value, replace=replace)


def whole_patch(state: AppState, value: Json, *, replace: bool) -> Patch:
    """The patch that puts `value`, which has the form of a whole state, into `state`."""
    if not isinstance(value, dict):
        raise StateError(
            f"The state of {state.app} is an object of collections and values; name the one this is with --collection."
        )
    _check_names(state, value)
    patch: Patch = []
    for name in state.schema.collections:
        if name in value or replace:
            patch += _documents(state, name, _by_key(state, name, value.get(name, {})), replace=replace)
    for name in state.schema.values:
        patch += _value(state, name, value, replace=replace)
    return patch


def parse_json(text: str) -> Json:
    """Raises StateError that names the line."""
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_unique, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise StateError(f"Line {error.lineno}, column {error.colno} is not JSON: {error.msg}.") from error
    except RecursionError as error:
        raise StateError("The file is nested too deeply to be a state.") from error


def _documents(state: AppState, name: str, documents: dict[str, Json], *, replace: bool) -> Patch:
    stored = state.get(join_pointer([name]))
    gone = [key for key in stored if key not in documents] if replace else []
    changed = {key: new for key, new in documents.items() if key not in stored or not _same(stored[key], new)}
    return [
        *({"op": "remove", "path": join_pointer([name, key])} for key in gone),
        *(
            {"op": "replace" if key in stored else "add", "path": join_pointer([name, key]), "value": new}
            for key, new in changed.items()
        ),
    ]


def _value(state: AppState, name: str, given: dict[str, Json], *, replace: bool) -> Patch:
    path, defaults = join_pointer([name]), state.schema.defaults
    if name in given or (replace and name in defaults):
        new = given.get(name, defaults.get(name))
        if not state.has(name):
            return [{"op": "add", "path": path, "value": new}]
        return [] if _same(state.get(path), new) else [{"op": "replace", "path": path, "value": new}]
    return [{"op": "remove", "path": path}] if replace and state.has(name) else []


def _by_key(state: AppState, name: str, value: Json) -> dict[str, Json]:
    """Documents by key, or a list of them, whose keys are their ids."""
    if isinstance(value, list):
        return keyed(state.schema, name, items(value), state.next_number(name))
    if not isinstance(value, dict):
        raise StateError(f"/{name} is a collection; write an object of documents by key, or a list of them.")
    for key, document in value.items():
        state.schema.check_document(name, key, document)
    return value


def _same(one: Json, other: Json) -> bool:
    """As JSON: 1 is not true."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _one_collection(state: AppState, collection: str | None) -> str:
    if collection is not None:
        return _known(state, collection)
    if len(state.schema.collections) != 1:
        names = ", ".join(state.schema.collections) or "none"
        raise StateError(f"A CSV file is one collection of {state.app}; name it with --collection: {names}.")
    return next(iter(state.schema.collections))


def _known(state: AppState, collection: str) -> str:
    state.count(collection)  # raises for one that is not there
    return collection


def _check_names(state: AppState, value: dict[str, Json]) -> None:
    known = [*state.schema.collections, *state.schema.values]
    strange = next((name for name in value if name not in known), None)
    if strange is not None:
        raise StateError(f"The state of {state.app} has no {strange!r}; it has: {', '.join(known) or 'nothing'}.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise StateError(f"The file has the member {twice!r} twice in one object; keep one.")
    return members


def _no_number(name: str) -> NoReturn:
    raise StateError(f"The file holds {name}, which JSON does not have.")
