"""A spreadsheet as Markdown, one table a sheet, by calamine: values and not formulas."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable

from python_calamine import CalamineWorkbook, PasswordError

from drivers.files.documents.convert import Unreadable
from drivers.files.documents.rows import as_table


def convert(data: bytes) -> str:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError as error:
        raise Unreadable("is protected by a password") from error
    names = book.sheet_names
    tables = [(name, as_table(map(_texts, book.get_sheet_by_name(name).iter_rows()))) for name in names]
    return "\n\n".join(f"# {name}\n\n{table or '(This sheet is empty.)'}" for name, table in tables)


def _texts(row: Iterable[object]) -> list[str]:
    return [_text(value) for value in row]


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)
