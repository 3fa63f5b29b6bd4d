"""Which kind of document a file is, and its Markdown."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from drivers.files.refusal import Refused

MAX_BYTES = 100 * 2**20
MAX_UNPACKED_BYTES = 400 * 2**20
MAX_MARKDOWN_CHARS = 20_000_000


class Unreadable(Exception):
    """The document is damaged or protected; the message says which."""


@dataclass(frozen=True)
class Format:
    """`module` has `convert(data) -> str`; `is_text` when the file itself can be read and edited, too."""

    title: str
    suffixes: tuple[str, ...]
    module: str
    is_text: bool = False
    is_zip: bool = False


PDF = Format("PDF", (".pdf",), "pdf")
WORD = Format("Word document", (".docx",), "word", is_zip=True)
SHEETS = Format("spreadsheet", (".xlsx", ".xlsm", ".ods", ".xls"), "sheets")
HTML = Format("web page", (".html", ".htm", ".xhtml"), "html", is_text=True)
CSV = Format("table", (".csv", ".tsv"), "table", is_text=True)
FORMATS = (PDF, WORD, SHEETS, HTML, CSV)


def format_of(name: str, start: bytes) -> Format | None:
    """What a file is by its first bytes, and by the end of its name."""
    if b"%PDF-" in start[:1024]:
        return PDF
    suffix = f".{name.rpartition('.')[2].lower()}"
    found = next((one for one in FORMATS if suffix in one.suffixes), None)
    return found if found is not PDF else None


def markdown(data: bytes, kind: Format, label: str) -> str:
    """Raises Refused for what cannot be read as a document of this kind."""
    if kind.is_zip or data.startswith(b"PK\x03\x04"):
        _require_small(data, label)
    try:
        convert: Callable[[bytes], str] = import_module(f"drivers.files.documents.{kind.module}").convert
    except ImportError as error:
        raise Refused(
            f"Reading {label} needs the package {error.name}: ask the user to install llmos[documents]."
        ) from error
    try:
        text = convert(data)
    except Unreadable as error:
        raise Refused(f"{label} is a {kind.title} that {error}.") from error
    except RecursionError as error:
        source = ": ask for raw to see its source" if kind.is_text else ""
        raise Refused(f"{label} is nested too deeply to be read as a {kind.title}{source}.") from error
    except Exception as error:  # noqa: BLE001 - whatever a library says of a broken file
        raise Refused(
            f"{label} is no {kind.title} that can be read ({type(error).__name__}): it is damaged."
        ) from error
    return text[:MAX_MARKDOWN_CHARS]


def _require_small(data: bytes, label: str) -> None:
    """A small file may unpack to more than fits into memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(one.file_size for one in packed.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Refused(f"{label} is damaged: ask the user for a whole copy.") from error
    if size > MAX_UNPACKED_BYTES:
        raise Refused(f"{label} unpacks to {size // 2**20} MB, which is too much: ask the user for a smaller one.")
