"""A CSV or TSV file as a Markdown table, whatever separates its values."""

from __future__ import annotations

import csv
import io

from drivers.files.documents.convert import Unreadable
from drivers.files.documents.rows import as_table
from drivers.files.encoding import encoding_of

SAMPLE_CHARS = 10_000


def convert(data: bytes) -> str:
    encoding = encoding_of(data)
    if encoding is None:
        raise Unreadable("holds no text")
    text = encoding.decode(data)
    return as_table(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text[:SAMPLE_CHARS])))


def _delimiter(sample: str) -> str:
    try:
        return csv.Sniffer().sniff(sample, ",;\t|").delimiter
    except csv.Error:
        return "\t" if "\t" in sample.partition("\n")[0] else ","
