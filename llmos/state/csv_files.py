"""A collection as a CSV file: a line a document, a column a field, the key first. Reading gives what was written.

Covers: texts that a spreadsheet would run as a formula. Those that begin with one of = + - @, a tab or a line break (or
are empty, or begin with an apostrophe) are written with an apostrophe in front, and read without it.
Does not cover: programs that run formulas in other places of a cell.
"""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, NoReturn

from llmos.contracts import Json
from llmos.errors import StateError
from llmos.state.rows import Row
from llmos.state.schema import StateSchema

KEY = "_key"
GUARDED = tuple("=+-@\t\r\n'＝＋－＠")
_MISSING = object()


def write_csv(schema: StateSchema, collection: str, documents: dict[str, Json]) -> str:
    """An empty cell is a member that is not there; what is neither a text nor a number is written as JSON."""
    strange = next((key for key, document in documents.items() if not isinstance(document, dict)), None)
    if strange is not None:
        raise StateError(f"/{collection}/{strange} is not an object, so it has no columns; export it as JSON.")
    columns = _columns(schema, collection, [name for document in documents.values() for name in document])
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([KEY, *map(_guarded, columns)])
    for key, document in documents.items():
        cells = [column.write(document[name]) if name in document else "" for name, column in columns.items()]
        writer.writerow([_guarded(key), *cells])
    return file.getvalue()


def read_csv(schema: StateSchema, collection: str, text: str) -> Iterator[Row]:
    """The lines as documents, not yet checked. Raises StateError that names the line."""
    lines = _lines(text)
    _, header = next(lines, (1, []))
    names = [_unguarded(name) for name in header]
    _check_header(names)
    columns = _columns(schema, collection, names)
    for number, cells in lines:
        if len(cells) > len(names):
            raise StateError(f"Line {number} has {len(cells)} cells under {len(names)} columns; quote its commas.")
        given = {name: cell for name, cell in zip(names, cells, strict=False) if cell != ""}
        key = _unguarded(given.pop(KEY, ""))
        yield Row(f"Line {number}", key, {name: columns[name].read(cell) for name, cell in given.items()})


class _Column:
    def __init__(self, schema: StateSchema, part: Json) -> None:
        self._validator: Any = schema.validator.evolve(schema=part)
        self._kind = schema.resolved(part).get("type") if isinstance(part, dict) else None

    def write(self, value: Json) -> str:
        if isinstance(value, str) and (self._kind == "string" or _parsed(value) is _MISSING):
            return _guarded(value)
        return json.dumps(value, ensure_ascii=False)

    def read(self, cell: str) -> Json:
        """What the cell says; where it can be read as a value and as a text, what the schema takes."""
        text = _unguarded(cell)
        if self._kind == "string" or text != cell:
            return text
        value = _parsed(cell)
        if self._kind == "integer" and isinstance(value, float) and value.is_integer():
            return int(value)
        if value is _MISSING or (not self._validator.is_valid(value) and self._validator.is_valid(text)):
            return text
        return value


def _columns(schema: StateSchema, collection: str, more: list[str]) -> dict[str, _Column]:
    """Those of the schema in its order, then `more`."""
    shape = schema.resolved(schema.collections[collection])
    properties = shape.get("properties", {})
    if KEY in properties:
        raise StateError(f"/{collection} has a field called {KEY}, as the column of keys is; use JSON for it.")
    names = dict.fromkeys([*properties, *more])
    rest = shape.get("additionalProperties", {})
    return {name: _Column(schema, properties.get(name, rest)) for name in names if name != KEY}


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not blank, with the number of the first line that each takes."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    number = 1
    try:
        for cells in reader:
            if cells:
                yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise StateError(f"Line {number} is not CSV: {error}.") from error


def _check_header(names: list[str]) -> None:
    if not names:
        raise StateError("The file is empty; its first line names the columns.")
    if "" in names:
        raise StateError("Line 1 has a column without a name; name it after a field.")
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise StateError(f"Line 1 names the column {twice!r} twice; keep one.")


def _guarded(text: str) -> str:
    return f"'{text}" if text == "" or text.startswith(GUARDED) else text


def _unguarded(cell: str) -> str:
    """Only what `_guarded` puts there is taken away: a text may begin with an apostrophe of its own."""
    is_guarded = cell.startswith("'") and (cell == "'" or cell[1:].startswith(GUARDED))
    return cell[1:] if is_guarded else cell


def _parsed(cell: str) -> Any:  # noqa: ANN401
    """The JSON of a cell; spreadsheets write truths in capitals."""
    if cell in ("TRUE", "FALSE"):
        return cell == "TRUE"
    try:
        return json.loads(cell, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return _MISSING


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")
